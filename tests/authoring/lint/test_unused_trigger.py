"""A trigger of patients that only brings facts is one too many beside `answered`; so is a second one of others."""

import pytest

from tests.authoring.lint.checking import check


def tracks(care="", more=""):
    return f"""\
tracks:
  care:
    initial: ward
    states:
      ward: {{title: {{en: Ward}}, on: {{came: home}}{care}}}
      home: {{title: {{en: Home}}, on: {{came: ward}}{more}}}
"""


def triggers(first=", by: [staff]", second=", by: [staff]"):
    """Return three triggers; the last is in the line before the tracks."""
    text = f"triggers:\n  came: {{title: {{en: Came}}}}\n  told: {{title: {{en: Told}}{first}}}\n"
    return f"{text}  said: {{title: {{en: Said}}{second}}}\n"


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (triggers(second=", by: [family]"), tracks()),
        (triggers(), tracks(care=", said: stay").replace("home}, said: stay", "home, said: stay}")),
        (triggers(), tracks(more=", hold_until: said")),
        (triggers(), tracks(more=", task: {for: care_team, within: P1D, title: Call, closed_by: [said]}")),
    ],
    ids=["other reporters", "a state declares it", "a hold waits for it", "a task is closed by it"],
)
def test_a_trigger_with_an_effect_of_its_own_is_fine(before, body):
    check(body, before=before)


def test_the_second_of_two_that_only_bring_facts_is_named():
    expected = (0, "unused-trigger", "No state declares 'said', so it only brings facts, as 'told'")
    check(tracks(), expected, before=triggers())


def test_what_patients_report_as_answered_needs_no_trigger():
    expected = (0, "unused-trigger", "No state declares 'said', so it only brings facts, as 'answered' does in every")
    check(tracks(), expected, before=triggers(second=", by: [patient, staff]"))
