"""A fact read in a cycle is required or forgotten there."""

from tests.authoring.lint.checking import check

FACTS = """\
facts:
  clear: {type: boolean, title: {en: Clear}}
  mutated: {type: boolean, title: {en: Mutated}, lasting: true}
  scanned_on: {type: date, title: {en: Scanned on}}
"""
TRIGGERS = """\
triggers:
  scanned: {title: {en: Scanned}}
  told: {title: {en: Told}%s}
"""


def states(when, forget="", to="waiting"):
    """Return tracks whose line 11 asks a condition."""
    return f"""\
tracks:
  care:
    initial: waiting
    states:
      waiting: {{title: {{en: Waiting}}, on: {{scanned: reading}}}}
      reading:
        title: {{en: Reading}}{forget}
        on:
          scanned: stay
          told:
            - {{when: "{when}", to: {to}}}
            - {{otherwise: over}}
      over: {{title: {{en: Over}}, on: {{scanned: stay}}}}
"""


def test_a_required_fact_is_fine():
    check(states("clear"), before=FACTS + TRIGGERS % ", requires: [clear]")


def test_a_reset_fact_is_fine():
    check(states("clear"), before=FACTS + TRIGGERS % ", resets: [clear]")


def test_a_forgotten_fact_is_fine():
    check(states("clear", "\n        forget: [clear]"), before=FACTS + TRIGGERS % "")


def test_a_fact_that_lasts_is_fine():
    check(states("mutated"), before=FACTS + TRIGGERS % "")


def test_the_days_since_a_date_do_not_go_stale():
    check(states("days_since(scanned_on) < 90"), before=FACTS + TRIGGERS % "")


def test_an_old_answer_is_not_read_as_a_new_one():
    check(
        states("clear"),
        (11, "stale-fact", "'clear' is read in 'care.reading', where the patient can return"),
        before=FACTS + TRIGGERS % "",
    )


def test_outside_a_cycle_nothing_goes_stale():
    check(states("clear", to="over"), before=FACTS + TRIGGERS % "")


def test_a_named_condition_reads_its_facts():
    check(
        states("fine"),
        (11, "stale-fact", "Let 'told' require or reset it"),
        before=FACTS + "conditions:\n  fine: clear and mutated\n" + TRIGGERS % "",
    )


def test_a_timer_reads_stale_facts_too():
    check(
        """\
        tracks:
          care:
            initial: waiting
            states:
              waiting: {title: {en: Waiting}, on: {scanned: reading}}
              reading:
                title: {en: Reading}
                on: {scanned: stay, told: stay}
                after:
                  - {delay: P1M, to: waiting, when: clear}
        """,
        (10, "stale-fact", "'clear' is read in 'care.reading'"),
        before=FACTS + TRIGGERS % "",
    )
