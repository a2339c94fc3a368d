"""Every state has a way on, or says that it lasts."""

from tests.authoring.lint.checking import SEEN, check


def test_an_event_a_timer_or_a_state_around_is_fine():
    check(
        """\
        tracks:
          care:
            initial: ward
            states:
              ward:
                title: {en: Ward}
                initial: bed
                on: {came: short}
                states:
                  bed: {title: {en: Bed}}
              short: {title: {en: Short}, after: [{delay: P1D, to: lasting}]}
              lasting: {title: {en: Lasting}, on: {came: stay}}
        """,
        before=SEEN,
    )


def test_a_state_where_nothing_happens_is_warned_of():
    check(
        """\
        tracks:
          care:
            initial: here
            states:
              here: {title: {en: Here}, on: {came: over}}
              over:
                title: {en: Over}
                after:
                  - {delay: P1D, remind: come-back}
        """,
        (6, "dead-end", "Nothing is declared to happen in 'over'. Add 'on', or at least one event with 'stay'."),
        before=SEEN,
    )
