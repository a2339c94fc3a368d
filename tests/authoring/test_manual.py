"""The manual's tables of keys are those of the forms that read the files."""

import re

from journeys.definition.reading import facts, journey, programmes, tracks
from tests.folders import ROOT

MANUAL = ROOT / "docs" / "authoring.md"
REWRITE = "python -m tests.authoring.test_manual"
#: The forms of each part of the manual, in its order.
PARTS = {
    "definitions": [
        *(journey.JourneyForm, tracks.TrackForm, tracks.StateForm, tracks.TransitionForm, tracks.TimerForm),
        *(tracks.TaskForm, facts.FactForm, facts.HoldForm, journey.TriggerForm, journey.EntryForm),
        *(journey.ProgrammeValueForm, journey.ContactsForm, journey.CareTeamForm, journey.EmergencyForm),
        *(journey.SenderForm, journey.PropertyForm, journey.PropertyBodyForm),
        *(programmes.ProgrammesForm, programmes.ProgrammeForm),
    ],
}


def with_tables(text, parts):
    """Return a manual with the tables of each part between its two markers."""
    for part, forms in parts.items():
        tables = "\n".join(f"**{form.description()}**\n\n{form.table()}\n" for form in forms)
        between = re.compile(rf"(?<=<!-- keys of {part} -->\n\n).*?(?=\n<!-- end of keys -->)", re.DOTALL)
        text, count = between.subn(lambda _, tables=tables: tables, text)
        assert count == 1, f"The manual needs the markers of the keys of {part}, once."
    return text


def test_the_manual_has_the_key_of_every_form():
    text = MANUAL.read_text()
    assert with_tables(text, PARTS) == text, f"The tables of {MANUAL} are old; `{REWRITE}` rewrites them."


def test_every_form_of_a_definition_is_in_the_manual():
    forms = {
        value
        for module in (facts, journey, programmes, tracks)
        for name, value in vars(module).items()
        if name.endswith("Form") and name != "FileForm"
    }
    assert forms == set(PARTS["definitions"])


if __name__ == "__main__":
    MANUAL.write_text(with_tables(MANUAL.read_text(), PARTS))
