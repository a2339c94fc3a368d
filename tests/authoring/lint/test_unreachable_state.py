"""Every state can be entered."""

from tests.authoring.lint.checking import SEEN, check


def test_events_timers_entries_and_other_tracks_lead_there():
    check(
        """\
        entry:
          late: {title: {en: Late}, state: care.by_entry}
        tracks:
          care:
            initial: start
            states:
              start: {title: {en: Start}, on: {came: by_event}, after: [{delay: P1D, to: by_timer}]}
              by_event:
                title: {en: By event}
                initial: inside
                on: {came: stay}
                states:
                  inside: {title: {en: Inside}}
              by_timer: {title: {en: By timer}, on: {came: stay}}
              by_entry: {title: {en: By entry}, on: {came: stay}}
          mood:
            initial: calm
            states:
              calm: {title: {en: Calm}, on: {came: stay, entered.care.by_timer: by_track}}
              by_track: {title: {en: By track}, on: {came: stay}}
        """,
        before=SEEN,
    )


def test_a_state_that_nothing_leads_to_is_reported():
    check(
        """\
        tracks:
          care:
            initial: start
            states:
              start: {title: {en: Start}, on: {came: stay}}
              island: {title: {en: Island}, on: {came: cave}}
              cave: {title: {en: Cave}, on: {came: island}}
        """,
        (6, "unreachable-state", "Nothing leads to 'island'. Declare a transition to it, or remove it."),
        (7, "unreachable-state", "Nothing leads to 'cave'."),
        before=SEEN,
    )


def test_a_child_beside_the_initial_one_needs_a_way():
    check(
        """\
        tracks:
          care:
            initial: ward
            states:
              ward:
                title: {en: Ward}
                initial: bed
                on: {came: stay}
                states:
                  bed: {title: {en: Bed}}
                  chair: {title: {en: Chair}}
        """,
        (11, "unreachable-state", "Nothing leads to 'ward.chair'."),
        before=SEEN,
    )


def test_nothing_is_said_while_a_target_is_wrong():
    """Where it was to lead is not known."""
    check(
        """\
        tracks:
          care:
            initial: start
            states:
              start: {title: {en: Start}, on: {came: iland}}
              island: {title: {en: Island}, on: {came: stay}}
        """,
        (5, "unknown-target", "Did you mean 'island'?"),
        before=SEEN,
    )
