"""A condition is of the language, with declared names and values of the right type."""

import pytest

from tests.authoring.lint.checking import SEEN, check

FACTS = """\
facts:
  well: {type: boolean, title: {en: Well}, lasting: true}
  result: {type: choice, by: [staff], values: [clear, unclear], title: {en: Result}, lasting: true}
  scanned_on: {type: date, title: {en: Scanned on}}
  pack_years: {type: integer, min: 0, max: 200, title: {en: Pack-years}, lasting: true}
  goes_by: {type: text, title: {en: Goes by}}
"""


def asking(when):
    """Return tracks whose line 10 asks a condition."""
    return f"""\
tracks:
  care:
    initial: home
    states:
      ward: {{title: {{en: Ward}}, on: {{came: home}}}}
      home:
        title: {{en: Home}}
        on:
          came:
            - {{when: "{when}", to: ward}}
            - {{otherwise: stay}}
"""


@pytest.mark.parametrize(
    "when",
    [
        "well",
        "not well and result == 'clear'",
        "result in ['clear', 'unclear'] or pack_years >= 20",
        "scanned_on is known and days_since(scanned_on) < 90",
        "scanned_on > '2026-01-15' and days_in_state >= 3",
        "visits('ward') >= 2 or in_state('care.home')",
    ],
)
def test_what_the_language_has_is_fine(when):
    check(asking(when), before=FACTS + SEEN)


@pytest.mark.parametrize(
    ("when", "part"),
    [
        ("wel", "Unknown fact or condition 'wel'. Did you mean 'well'?"),
        ("result == 'clean'", "Unknown value 'clean' of 'result'. Did you mean 'clear'?"),
        ("result == clear", "Compare with a constant, not with 'clear'. Put the value in quotes: 'clear'."),
        ("result = 'clear'", "to compare, write '=='."),
        ("result == 'clear", "a quote is missing."),
        ("(well", "a bracket is missing."),
        ("well && well", "write 'and' and 'or'."),
        (
            "well == 'yes'",
            "'well' is of type boolean; it cannot be compared with 'yes' by '=='. Accepted: true or false.",
        ),
        (
            "pack_years",
            "'pack_years' is a fact of type integer, not boolean; compare it, or write 'pack_years is known'.",
        ),
        ("pack_years > 'many'", "Accepted: a whole number from 0 to 200."),
        ("pack_years > 99999999999", "A number is too large"),
        ("scanned_on > '2026-02-30'", "'2026-02-30' is not a date such as 2026-01-15."),
        ("scanned_on > 2026-01-15", "put the date in quotes."),
        ("goes_by == 'Ada'", "'goes_by' is a text; conditions cannot read texts."),
        ("in_state('care.wart')", "Unknown state 'care.wart'. Did you mean 'care.ward'?"),
        ("visits('ward')", "'visits(…)' is a number; compare it, as in 'visits(…) < 30'."),
        ("visits > 2", "'visits' is not a fact. Write it with an argument in brackets"),
        ("days_since(well) < 3", "'days_since' needs a date; 'well' is of type boolean."),
        ("well|upper", "a filter ('|') is not part of the condition language"),
        ("well is defined", "'is defined' is not part of the condition language. Accepted: 'is known'."),
    ],
)
def test_every_mistake_is_named_with_what_would_be_accepted(when, part):
    check(asking(when), (10, "condition", part), before=FACTS + SEEN)


def test_a_condition_on_its_own_line_is_reported_there():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home:
                title: {en: Home}
                on:
                  came:
                    - to: ward
                      when: wel
                    - otherwise: stay
                after:
                  - delay: P1M
                    remind: come-back
                    when: well and weel
              ward: {title: {en: Ward}, on: {came: home}}
        """,
        (10, "condition", "Unknown fact or condition 'wel'."),
        (15, "condition", "Unknown fact or condition 'weel'."),
        before=FACTS + SEEN,
    )


def test_all_mistakes_of_one_condition_are_named():
    check(
        asking("wel or results == 'clear'"),
        (10, "condition", "'results'"),
        (10, "condition", "'wel'"),
        before=FACTS + SEEN,
    )


def test_named_conditions_use_those_before_them():
    check(
        """\
        conditions:
          first: second and well
          second: well
          third: third or well
        """,
        (2, "condition", "'second' must be declared before 'first', which uses it."),
        (4, "condition", "'third' uses itself."),
        before=FACTS + SEEN,
        after=asking("second"),
    )


def test_a_wrong_named_condition_is_reported_once():
    """What uses it is not at fault."""
    check(
        """\
        conditions:
          lately: days_since(scaned_on) < 90
          lately_and_well: lately and well
        """,
        (2, "condition", "Unknown fact or condition 'scaned_on'. Did you mean 'scanned_on'?"),
        before=FACTS + SEEN,
        after=asking("lately_and_well"),
    )


def test_a_condition_has_a_name_of_its_own():
    check(
        """\
        conditions:
          well: days_since(scanned_on) < 90
        """,
        (2, "condition", "'well' is already a fact; give the condition another name."),
        before=FACTS + SEEN,
        after=asking("well"),
    )


def test_conditions_that_use_each_other_do_not_grow_without_end():
    """Ten names doubled ten times would be a thousand, thirty a billion."""
    doubled = "".join(f"  c{number}: c{number - 1} or c{number - 1}\n" for number in range(1, 31))
    check(
        f"conditions:\n  c0: well\n{doubled}",
        (10, "condition", "the condition has more than 1000 parts"),
        before=FACTS + SEEN,
        after=asking("c5"),
    )
