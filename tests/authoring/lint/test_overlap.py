"""Conditions of siblings exclude each other."""

import pytest

from tests.authoring.lint.checking import SEEN, check

FACTS = """\
facts:
  well: {type: boolean, title: {en: Well}, lasting: true}
  pack_years: {type: integer, min: 0, max: 200, title: {en: Pack-years}, lasting: true}
  sites: {type: set, by: [staff], values: [brain, bone], title: {en: Sites}, lasting: true}
  stage: {type: choice, by: [staff], values: [{I: [IA, IB]}, II], title: {en: Stage}, lasting: true}
  scanned_on: {type: date, title: {en: Scanned on}}
"""


def siblings(first, second):
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
            - {{otherwise: stay}}
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("well", "not well"),
        ("pack_years > 20", "pack_years <= 20"),
        ("'brain' in sites", "'brain' not in sites"),
        ("stage == 'IA'", "stage in ['IB', 'II']"),
        ("scanned_on is known and days_since(scanned_on) < 90", "scanned_on is not known"),
        ("visits('ward') == 0", "visits('ward') > 0"),
        ("days_since(scanned_on) < 30", "days_since(scanned_on) >= 30 and well"),
    ],
)
def test_what_excludes_the_other_is_fine(first, second):
    check(siblings(first, second), before=FACTS + SEEN)


@pytest.mark.parametrize(
    ("first", "second", "values"),
    [
        ("well", "well or pack_years > 20", "pack_years = 19, well = True"),
        ("pack_years > 10", "pack_years > 20", "pack_years = 21"),
        ("'brain' in sites", "'bone' in sites", "sites = ['bone', 'brain']"),
        ("stage == 'I'", "stage == 'IA'", "stage = IA"),
        ("days_since(scanned_on) < 30", "days_since(scanned_on) < 60", "scanned_on = 20"),
        ("visits('ward') >= 1", "visits('ward') >= 2", "visits('care.ward') = 2"),
        ("well", "pack_years is known", "pack_years = 0, well = True"),
        ("scanned_on > '2026-01-01'", "days_since(scanned_on) >= 0", "scanned_on = 20"),
    ],
)
def test_values_that_make_both_true_are_named(first, second, values):
    check(
        siblings(first, second),
        (11, "overlap", f"Two conditions of 'came' in 'home' are both true for {values}"),
        before=FACTS + SEEN,
    )


def test_an_order_decides():
    text = siblings("pack_years > 10", "pack_years > 20").replace(", to: ward", ", order: 1, to: ward")
    check(text.replace(", to: home", ", order: 2, to: home"), before=FACTS + SEEN)


def test_every_pair_is_reported_once():
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
                    - {when: pack_years > 10, to: stay}
                    - {when: pack_years > 20, to: stay}
                    - {when: pack_years > 30, to: stay}
                    - {when: pack_years < 11, to: stay}
        """,
        (10, "overlap", "pack_years = 21"),
        (11, "overlap", "pack_years = 31"),
        before=FACTS + SEEN,
    )
