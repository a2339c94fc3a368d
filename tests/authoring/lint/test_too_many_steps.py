"""What one event sets off comes to rest."""

from journeys.authoring.lint.rules.too_many_steps import ID
from tests.authoring.lint.checking import SEEN, check


def chain(count, delay="P0D"):
    """Return a track in which so many states follow each other by themselves; line 5 is the first of them."""
    states = "".join(
        f"      s{number}: {{title: {{en: S}}, after: [{{delay: {delay}, to: s{number + 1}}}]}}\n"
        for number in range(count)
    )
    return f"""\
tracks:
  care:
    initial: s0
    states:
{states}      s{count}: {{title: {{en: Rest}}, on: {{came: stay}}}}
"""


def test_a_few_steps_are_fine():
    check(chain(24), before=SEEN)


def test_any_number_of_steps_that_take_time_is_fine():
    check(chain(40, delay="P1D"), before=SEEN)


def test_more_than_25_at_once_are_refused():
    check(
        chain(30), (5, ID, "could set off 31 steps at one instant, beginning with 'care.s0'; at most 25"), before=SEEN
    )


def test_reactions_of_other_tracks_count():
    reacting = "".join(
        f"  t{number}:\n    initial: off\n    states:\n"
        f"      off: {{title: {{en: Off}}, on: {{entered.care.there: on}}}}\n"
        "      on: {title: {en: On}, on: {came: stay}}\n"
        for number in range(26)
    )
    care = """\
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here}, on: {came: there}}
      there: {title: {en: There}, on: {came: stay}}
"""
    check(
        care + reacting,
        (10, "too-many-steps", "set off 26 steps at one instant, beginning with 'care.there'"),
        before=SEEN,
    )


def test_alternatives_count_once():
    ways = ", ".join(f"{{when: age == {number}, to: s{number}}}" for number in range(30))
    states = "".join(f"      s{number}: {{title: {{en: S}}, on: {{came: stay}}}}\n" for number in range(30))
    check(
        f"""\
tracks:
  care:
    initial: here
    states:
      here: {{title: {{en: Here}}, on: {{came: there}}}}
      there: {{title: {{en: There}}, on: {{came: stay}}}}
  other:
    initial: waits
    states:
      waits: {{title: {{en: Waits}}, on: {{entered.care.there: [{ways}]}}}}
{states}""",
        before="facts:\n  age: {type: integer, min: 0, max: 40, lasting: true, title: {en: Age}}\n" + SEEN,
    )
