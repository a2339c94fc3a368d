"""A value that `contacts` or a programme names is declared."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

AFTER = SEEN + ONE_STATE


def test_declared_names_are_fine():
    check(
        """\
        programme:
          ward_phone: {type: phone, title: {en: The ward}}
        contacts:
          care_team: {title: {en: Your team}, phone: ward_phone}
        """,
        after=AFTER,
        programmes="""\
        programmes:
          north: {title: {en: North}, values: {ward_phone: "555 0100"}}
        """,
    )


def test_every_other_name_is_a_problem_where_it_stands():
    check(
        """\
        programme:
          ward_phone: {type: phone, title: {en: The ward}}
        contacts:
          care_team:
            title: {en: Your team}
            phone: ward_fone
        """,
        (4, "unknown-programme-value", "Unknown value 'ward_fax'; the journey declares its values under 'programme'."),
        (6, "unknown-programme-value", "as the phone of the contact 'care_team'. Did you mean 'ward_ph"),
        after=AFTER,
        programmes="""\
        programmes:
          north:
            title: {en: North}
            values: {ward_phone: "555 0100", ward_fax: "555 0101"}
        """,
    )
