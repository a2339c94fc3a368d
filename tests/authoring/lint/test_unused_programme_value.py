"""A value that programmes must set is used somewhere."""

from journeys.content.catalogue import PieceSource
from tests.authoring.lint.checking import ONE_STATE, SEEN, check

TEXT = b"Call {{ programme.phone }}, or {{programme.desk}}."
OPTIONS = {"after": SEEN + ONE_STATE, "pieces": [], "sources": [PieceSource("call", "care/call", {"en.md": TEXT})]}


def test_values_in_pieces_and_contacts_are_used():
    check(
        """\
        programme:
          phone: {type: phone, title: {en: Telephone}}
          desk: {type: text, title: {en: Desk}}
          mail: {type: email, title: {en: Mail}}
        contacts:
          sender: {email: mail}
        """,
        **OPTIONS,
    )


def test_an_unused_value_is_warned_of():
    check(
        """\
        programme:
          phone: {type: phone, title: {en: Telephone}}
          fax: {type: phone, title: {en: Fax}}
        """,
        (3, "unused-programme-value", "The value 'fax' of the programme is not used."),
        **OPTIONS,
    )
