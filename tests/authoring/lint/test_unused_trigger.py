"""Two triggers that only bring facts, of the same reporters, are one too many."""

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


def triggers(first=", by: [patient]", second=", by: [patient]"):
    """Return three triggers; the last is in the line before the tracks."""
    text = f"triggers:\n  came: {{title: {{en: Came}}}}\n  told: {{title: {{en: Told}}{first}}}\n"
    return f"{text}  said: {{title: {{en: Said}}{second}}}\n"


@pytest.mark.parametrize(
    ("before", "body"),
    [
        (triggers(second=", by: [staff]"), tracks()),
        (triggers(), tracks(care=", said: stay").replace("home}, said: stay", "home, said: stay}")),
        (triggers(", by: [staff]", ", by: [staff]"), tracks(more=", hold_until: said")),
        (triggers(), tracks(more=", task: {for: care_team, within: P1D, title: Call, closed_by: [said]}")),
    ],
    ids=["other reporters", "a state declares it", "a hold waits for it", "a task is closed by it"],
)
def test_a_trigger_with_an_effect_of_its_own_is_fine(before, body):
    check(body, before=before)


def test_the_second_of_two_that_only_bring_facts_is_named():
    expected = (0, "unused-trigger", "No state declares 'said', so it only brings facts, as 'told'")
    check(tracks(), expected, before=triggers())
