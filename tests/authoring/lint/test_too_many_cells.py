"""Conditions that meet are few enough to be gone through."""

import time

from tests.authoring.lint.checking import SEEN, check


def siblings(when):
    return f"""\
tracks:
  care:
    initial: home
    states:
      home:
        title: {{en: Home}}
        on:
          came:
            - {{when: "{when}", to: stay}}
            - {{otherwise: stay}}
"""


def numbers(count):
    return "facts:\n" + "".join(
        f"  n{number}: {{type: integer, min: 0, max: 9, title: {{en: N}}, lasting: true}}\n" for number in range(count)
    )


def test_few_facts_are_fine():
    check(siblings(" and ".join(f"n{number} > 3" for number in range(8))), before=numbers(8) + SEEN)


def test_many_facts_are_refused():
    check(
        siblings(" and ".join(f"n{number} > 3" for number in range(12))),
        (
            9,
            "too-many-cells",
            "'came' in 'home' distinguishes more than 20000 combinations of values",
        ),
        before=numbers(12) + SEEN,
    )


def test_a_large_set_is_refused_at_once():
    """Its combinations are counted before they are made."""
    values = ", ".join(f"v{number}" for number in range(40))
    begun = time.process_time()
    check(
        siblings(" and ".join(f"'v{number}' in big" for number in range(40))),
        (9, "too-many-cells", "'came' in 'home'"),
        before=f"facts:\n  big: {{type: set, by: staff, title: {{en: B}}, lasting: true, values: [{values}]}}\n{SEEN}",
    )
    assert time.process_time() - begun < 1
