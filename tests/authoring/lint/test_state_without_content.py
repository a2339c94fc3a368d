"""Every state in which a patient can be shows a piece."""

from journeys.definition.conditions import Const, compile_condition
from tests.authoring.lint.checking import SEEN, check, piece

TRACKS = """\
tracks:
  care:
    initial: ward
    states:
      ward:
        title: {en: Ward}
        initial: bed
        on: {came: home}
        states:
          bed: {title: {en: Bed}}
      home:
        title: {en: Home}
        on: {came: ward}
"""
SOMETIMES = compile_condition("true", Const(True), {})


def test_a_piece_of_the_state_or_of_one_around_it_is_fine():
    check(TRACKS, before=SEEN, pieces=[piece("ward", "care.ward"), piece("home", "care.home")])


def test_a_piece_of_the_whole_track_is_fine():
    check(TRACKS, before=SEEN, pieces=[piece("always", "care")])


def test_a_state_that_shows_nothing_is_reported():
    check(
        TRACKS,
        (
            10,
            "state-without-content",
            "'ward.bed' may show no piece. Add a piece without 'when' in content/sample/",
        ),
        before=SEEN,
        pieces=[piece("home", "care.home")],
    )


def test_a_piece_with_a_condition_and_a_reminder_may_not_show():
    check(
        TRACKS,
        (10, "state-without-content", "'ward.bed'"),
        (11, "state-without-content", "'home'"),
        before=SEEN,
        pieces=[piece("ward", "care.ward", when=SOMETIMES), piece("home", "care.home", is_reminder=True)],
    )


def test_a_track_without_any_piece_is_not_looked_at():
    check(
        TRACKS,
        before=SEEN + "",
        pieces=[piece("elsewhere", "care")],
        after="  mood:\n    initial: calm\n    states:\n      calm: {title: {en: Calm}, on: {came: stay}}\n",
    )


def test_a_state_that_says_why_there_is_nothing_to_read_is_fine():
    check(
        TRACKS.replace("title: {en: Ward}", "title: {en: Ward}\n        no_content: asleep"),
        before=SEEN,
        pieces=[piece("home", "care.home")],
    )
