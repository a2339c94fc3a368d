"""What a definition says must hold is decided when it is linted, once nothing else is wrong."""

from dataclasses import replace

import pytest

from journeys.content.catalogue import Action
from tests.authoring.lint.checking import SEEN, check, piece

TWO_STATES = """\
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here}, on: {came: there}}
      there: {title: {en: There}, on: {came: stay}}
"""
WELCOME = piece("welcome", "care.here")
COMFORT = replace(piece("comfort", "care.there"), tags=("comfort",))


def test_what_holds_is_fine():
    check(
        """\
        properties:
          - never: {content_tag: comfort, unless: "in_state('care.there')"}
          - always: {piece: welcome, when: "in_state('care.here')"}
          - eventually_reachable: {state: care.there}
        """,
        before=SEEN,
        after=TWO_STATES,
        pieces=[WELCOME, COMFORT],
    )


def test_what_does_not_hold_is_refused_with_the_way_of_a_patient():
    check(
        """\
        properties:
          - never: {content_tag: comfort, unless: "in_state('care.here')"}
          - always: {piece: welcome}
          - eventually_reachable: {state: care.here, from: care.there}
          - always: {held: care.there}
        """,
        (2, "broken-property", "A patient joins, came; then sees comfort."),
        (3, "broken-property", "Broken: always piece welcome. A patient joins, came; then sees comfort."),
        (4, "broken-property", "A patient joins, came; from care.there nothing leads to it any more."),
        (5, "broken-property", "Broken: always held care.there. A patient joins, came; then sees comfort."),
        before=SEEN,
        after=TWO_STATES,
        pieces=[WELCOME, COMFORT],
    )


def test_the_first_piece_is_the_one_above_all_others():
    below = replace(piece("below", "care"), order=200)
    above = replace(piece("above", "care.there"), order=1)
    check(
        """\
        properties:
          - always: {first: welcome, when: "in_state('care.here')"}
          - always: {first: comfort, when: "in_state('care.there')"}
          - always: {first: welcome}
        """,
        (3, "broken-property", "A patient joins, came; then sees above, below, comfort."),
        (4, "broken-property", "Broken: always first welcome."),
        before=SEEN,
        after=TWO_STATES,
        pieces=[WELCOME, COMFORT, below, above],
    )


def test_a_shown_piece_has_a_number_of_the_programme():
    phones = "programme:\n  phone: {type: phone, title: {en: Telephone}}\n"
    calls = replace(WELCOME, action=Action("call", "phone"))
    check(
        """\
        properties:
          - always: {value: phone, when: "in_state('care.here')"}
          - always: {value: phone}
        """,
        (3, "broken-property", "Broken: always value phone. A patient joins, came; then sees comfort."),
        before=SEEN + phones,
        after=TWO_STATES,
        pieces=[calls, COMFORT],
    )


WITH_TASKS = """\
triggers:
  came: {by: [staff], title: {en: Seen}}
  asked: {by: [patient], title: {en: Help is wanted}, requires: [pain]}
facts:
  pain: {type: boolean, title: {en: Pain}, labels: {"true": {en: Yes}, "false": {en: No}}}
tracks:
  care:
    initial: here
    states:
      here:
        title: {en: Here}
        on:
          came: there
          asked: [{when: pain, to: urgent}, {when: not pain, to: soon}]
      there: {title: {en: There}, on: {came: stay%s}}
      urgent: {title: {en: Now}, task: {for: nurses, within: P1D, title: Call}, on: {came: here, asked: urgent}}
      soon: {title: {en: Soon}, task: {for: nurses, within: P3D, title: Look}, on: {came: here, asked: urgent}}
"""


@pytest.mark.parametrize(
    ("asks", "within", "parts"),
    [
        (", asked: urgent", "P3D", ()),
        (", asked: urgent", "P1D", ("A patient joins; then 'asked' opens no task that is due within P1D.",)),
        ("", "P3D", ("A patient joins, came; then 'asked' opens no task that is due within P3D.",)),
        (", asked: stay", "P3D", ("A patient joins, came; then 'asked' opens no task that is due within P3D.",)),
    ],
    ids=["everywhere in time", "one task is too late", "not declared in a state", "a state stays as it is"],
)
def test_a_report_opens_a_task_wherever_it_is_made(asks, within, parts):
    check(
        f"properties:\n  - always: {{task_for: asked, within: {within}}}\n",
        *((2, "broken-property", part) for part in parts),
        after=WITH_TASKS % asks,
        pieces=[piece("welcome", "care")],
    )


def test_what_depends_on_time_alone_is_a_warning():
    """The second timer is never the first to fire, but when timers fire is not looked at."""
    check(
        """\
        properties:
          - never: {state: care.never}
        """,
        (2, "broken-property", "but no patient was found who comes to that. It was assumed that a timer may fire"),
        before=SEEN,
        after="""\
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here}, after: [{delay: P1D, to: there}, {delay: P2D, to: never}]}
      there: {title: {en: There}, on: {came: stay}}
      never: {title: {en: Never}, on: {came: stay}}
""",
        pieces=[piece("welcome", "care.here", "care.there", "care.never")],
    )


def test_it_is_not_asked_where_something_else_is_wrong():
    check(
        """\
        properties:
          - never: {piece: welcome}
          - never: {state: nowhere}
        """,
        (3, "unknown-in-property", "Unknown state 'nowhere'"),
        before=SEEN,
        after=TWO_STATES,
        pieces=[WELCOME, COMFORT],
    )
