"""What a state reacts to can come."""

from tests.authoring.lint.checking import SEEN, check

CARE = """\
tracks:
  care:
    initial: home
    states:
      home: {title: {en: Home}, on: {came: ward}}
      ward: {title: {en: Ward}, on: {came: home}}
  mood:
    initial: calm
    states:
      low: {title: {en: Low}, on: {came: calm}}
"""


def calm(trigger):
    """Return a state that reacts to one more trigger, in the line 4."""
    return f"      calm:\n        title: {{en: Calm}}\n        on:\n          {trigger}: low\n          came: low\n"


def test_a_misspelt_trigger_is_reported_once_where_it_stands():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              ward: {title: {en: Ward}, on: {came: home}}
              home:
                title: {en: Home}
                on:
                  cane:
                    - {when: "visits('care.home') > 1", to: ward}
                    - {otherwise: stay}
        """,
        (9, "unknown-trigger", "Unknown trigger 'cane'. Did you mean 'came'? (In 'on' of 'home'.)"),
        before=SEEN,
    )


def test_entries_of_other_tracks_are_known():
    check(calm("entered.care.ward"), before=SEEN + CARE)


def test_an_end_needs_no_on():
    check(
        calm("died"),
        (4, "unknown-trigger", "'died' ends the journey from every state; remove it from 'on'."),
        before=SEEN + CARE,
    )


def test_an_entry_of_another_track_is_a_state_there():
    check(
        calm("entered.care.wart"),
        (
            4,
            "unknown-trigger",
            "Unknown state 'care.wart' in 'entered.care.wart'. Write entered.<track>.<state>. Did you",
        ),
        before=SEEN + CARE,
    )


def test_the_own_track_is_not_reacted_to():
    check(
        calm("entered.mood.low"),
        (
            4,
            "unknown-trigger",
            "'entered.mood.low' names a state of its own track; only other tracks react to an entry.",
        ),
        before=SEEN + CARE,
    )


def test_tasks_are_closed_by_triggers():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home:
                title: {en: Home}
                on: {came: stay}
                task: {for: nurses, within: P1D, title: Call, closed_by: [phoned]}
                after:
                  - {delay: P1D, task: {for: nurses, within: P1D, title: Call again, closed_by: [came, cam]}}
        """,
        (8, "unknown-trigger", "Unknown trigger 'phoned' in 'closed_by' of 'home'. Accepted: answered, came."),
        (10, "unknown-trigger", "Unknown trigger 'cam' in 'closed_by' of 'home'. Did you mean 'came'?"),
        before=SEEN,
    )


def test_what_is_held_is_told_by_a_trigger():
    check(
        """\
        facts:
          result: {type: boolean, hold_until: discused, title: {en: Result}}
        triggers:
          discussed: {by: [staff], title: {en: Discussed}}
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {discussed: stay}, hold_until: told}
        """,
        (2, "unknown-trigger", "Unknown trigger 'discused' in 'hold_until' of 'result'. Did you mean 'discussed'?"),
        (9, "unknown-trigger", "Unknown trigger 'told' in 'hold_until' of 'home'. Accepted: discussed."),
    )
