"""Every fact that is named is declared."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

FACTS = """\
facts:
  scanned_on: {type: date, title: {en: Scanned on}}
  result: {type: boolean, title: {en: Result}}
"""


def test_declared_facts_are_fine():
    check(
        """\
        groups:
          both: [scanned_on, result]
        triggers:
          came: {title: {en: Seen}, requires: [scanned_on, result]}
        entry:
          later: {title: {en: Later}, state: care.here, asks: [scanned_on, result]}
        tracks:
          care:
            initial: here
            states:
              here:
                title: {en: Here}
                on: {came: stay}
                forget: [scanned_on, result]
                after:
                  - {delay: P1M, from: scanned_on, remind: come-back}
        """,
        before=FACTS,
    )


def test_a_trigger_requires_declared_facts():
    check(
        """\
        triggers:
          came: {title: {en: Seen}, requires: [scaned_on]}
        """,
        (2, "unknown-fact", "Unknown fact 'scaned_on' in 'requires' of 'came'. Did you mean 'scanned_on'?"),
        before=FACTS,
        after=ONE_STATE,
    )


def test_a_trigger_resets_declared_facts():
    check(
        """\
        triggers:
          came: {title: {en: Seen}, resets: [scaned_on]}
        """,
        (2, "unknown-fact", "Unknown fact 'scaned_on' in 'resets' of 'came'. Did you mean 'scanned_on'?"),
        before=FACTS,
        after=ONE_STATE,
    )


def test_an_entry_asks_declared_facts():
    check(
        """\
        entry:
          later:
            title: {en: Later}
            state: care.here
            asks:
              - scanned_on
        """,
        (6, "unknown-fact", "Unknown fact 'scanned_on' in 'asks' of 'later'. None is declared."),
        before=SEEN,
        after=ONE_STATE,
    )


def test_a_group_has_declared_members():
    check(
        """\
        groups:
          staging: [result, edition]
        """,
        (2, "unknown-fact", "Unknown fact 'edition' in the group 'staging'. Accepted: result, scanned_on."),
        before=FACTS + SEEN,
        after=ONE_STATE,
    )


def test_a_state_forgets_declared_facts():
    check(
        """\
        tracks:
          care:
            initial: here
            states:
              here: {title: {en: Here}, on: {came: stay}, forget: [stage]}
        """,
        (5, "unknown-fact", "Unknown fact 'stage' in 'forget' of 'here'."),
        before=SEEN,
    )


def test_a_timer_counts_from_a_declared_date():
    check(
        """\
        tracks:
          care:
            initial: here
            states:
              here:
                title: {en: Here}
                on: {came: stay}
                after:
                  - delay: P1M
                    from: scanned_no
                    remind: come-back
                  - {delay: P1M, from: result, remind: come-back}
        """,
        (10, "unknown-fact", "Unknown fact 'scanned_no' in 'from' of 'here'. Did you mean 'scanned_on'?"),
        (12, "unknown-fact", "'from: result' in 'here' must be a date; it is of type boolean."),
        before=FACTS + SEEN,
    )
