"""A journey declares its ends, and none of them is a trigger."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

WITHOUT_ENDS = "journey: sample\ntitle: {en: A sample}\nlocales: [en]\n"


def test_an_end_is_fine():
    check("", before=SEEN, after=ONE_STATE)


def test_there_is_one():
    check(
        WITHOUT_ENDS + SEEN + ONE_STATE,
        (1, "ends", "The journey needs 'ends', such as 'deceased' and 'left'."),
        beginning="",
    )


def test_an_end_is_no_trigger():
    check(
        """\
        ends:
          left: {title: {en: Left}}
          came: {title: {en: Seen}}
        """,
        (3, "ends", "'came' is both a trigger and an end; remove one."),
        beginning=WITHOUT_ENDS,
        before=SEEN,
        after=ONE_STATE,
    )
