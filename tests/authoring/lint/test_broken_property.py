"""What a definition says must hold is decided when it is linted, once nothing else is wrong."""

from dataclasses import replace

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
