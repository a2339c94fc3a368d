"""Conditions of siblings leave no gap."""

import pytest

from tests.authoring.lint.checking import SEEN, check

FACTS = """\
facts:
  well: {type: boolean, title: {en: Well}, lasting: true}
  result: {type: choice, by: [staff], values: [clear, unclear, suspicious], title: {en: Result}, lasting: true}
  pack_years: {type: integer, min: 0, max: 200, title: {en: Pack-years}, lasting: true}
"""


def siblings(first, second, more=""):
    """Return tracks whose lines 10 and 11 ask conditions."""
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
            - {{when: "{first}", to: ward}}
            - {{when: "{second}", to: home}}
{more}"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("well", "not well"),
        ("result == 'clear'", "result in ['unclear', 'suspicious']"),
        ("pack_years >= 20", "pack_years < 20"),
        ("visits('ward') < 2", "visits('ward') >= 2"),
        ("result is known", "result is not known"),
    ],
)
def test_all_values_are_fine(first, second):
    check(siblings(first, second), before=FACTS + SEEN)


@pytest.mark.parametrize(
    ("first", "second", "values"),
    [
        ("result == 'clear'", "result == 'suspicious'", "result = unclear"),
        ("pack_years > 20", "pack_years < 20", "pack_years = 20"),
        ("well and pack_years > 20", "not well", "pack_years = 19, well = True"),
        ("visits('ward') == 0", "visits('ward') == 1", "visits('care.ward') = 2"),
        ("well and result == 'clear'", "well and result != 'clear'", "result = clear, well = False"),
    ],
)
def test_values_for_which_nothing_is_declared_are_named(first, second, values):
    check(
        siblings(first, second),
        (11, "gap", f"Nothing is declared for {values} ('came' in 'home'). Add 'otherwise: <state>'"),
        before=FACTS + SEEN,
    )


def test_otherwise_fills_it():
    check(
        siblings("result == 'clear'", "result == 'suspicious'", "            - {otherwise: stay}\n"),
        before=FACTS + SEEN,
    )


def test_a_state_around_fills_it():
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
                  bed:
                    title: {en: Bed}
                    on:
                      came: {when: well, to: chair}
                  chair: {title: {en: Chair}}
        """,
        before=FACTS + SEEN,
    )


def test_an_entry_of_another_track_may_be_left_alone():
    check(
        """\
        tracks:
          care:
            initial: home
            states:
              home: {title: {en: Home}, on: {came: home}}
          mood:
            initial: calm
            states:
              calm:
                title: {en: Calm}
                on:
                  entered.care.home: {when: well, to: low}
              low:
                title: {en: Low}
                on: {came: calm}
        """,
        before=FACTS + SEEN,
    )
