"""A line of a piece is short enough with the values of every programme in it."""

from dataclasses import replace

from journeys.content.catalogue import PieceSource, PieceText
from journeys.content.templates import Template
from tests.authoring.lint.checking import ONE_STATE, SEEN, check, piece

BEFORE = "programme:\n  desk: {type: text, title: {en: Desk}}\n"
TEXT = PieceText("en", "A title", "A summary", None, "x" * 120 + " {{ programme.desk }}", None, Template(()))
OPTIONS = {
    "before": BEFORE,
    "after": ONE_STATE,
    "pieces": [replace(piece("call", "care"), texts={"en": TEXT})],
    "sources": [PieceSource("call", "care/call", {"en.md": b"{{ programme.desk }}"})],
}


def programmes(**desks):
    return "programmes:\n" + "".join(
        f"  {key}: {{title: {{en: {key}}}, values: {{desk: {text}}}}}\n" for key, text in desks.items()
    )


def test_a_line_that_stays_short_is_fine():
    check(SEEN, programmes=programmes(north="The desk"), **OPTIONS)


def test_the_programme_that_makes_it_too_long_is_named():
    check(
        SEEN,
        (3, "long-programme-line", "With the values of 'south', 'text' of the piece 'call' (en) has 161 characters"),
        programmes=programmes(north="The desk", south="y" * 40),
        **OPTIONS,
    )
