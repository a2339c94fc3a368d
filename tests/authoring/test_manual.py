"""The manuals' tables of keys are those of the forms that read the files."""

import re

import pytest

from journeys.authoring.stories import personas, recipient, script
from journeys.content.catalogue import front_matter, piece_form, sending, text_kinds
from journeys.definition.reading import facts, journey, programmes, questions, registration, surveys, topics, tracks
from journeys.definition.reading.forms import FileForm
from journeys.interop.fhir import mapping
from journeys.interop.rows import source
from tests.folders import ROOT

REWRITE = "python -m tests.authoring.test_manual"
MODULES = (
    facts,
    journey,
    programmes,
    questions,
    registration,
    surveys,
    topics,
    tracks,
    piece_form,
    sending,
    text_kinds,
    front_matter,
    personas,
    recipient,
    script,
    mapping,
    source,
)
#: The forms of each part of a manual, in its order.
MANUALS = {
    ROOT / "docs" / "authoring.md": {
        "definitions": [
            *(journey.JourneyForm, tracks.TrackForm, tracks.StateForm, tracks.TransitionForm, tracks.TimerForm),
            *(tracks.TaskForm, facts.FactForm, facts.HoldForm, questions.AskForm, questions.GroupForm),
            *(questions.AskingForm, surveys.SurveyForm, surveys.ThanksForm, journey.TriggerForm, journey.EntryForm),
            topics.TopicForm,
            *(
                journey.ProgrammeValueForm,
                journey.ContactsForm,
                journey.CareTeamForm,
                journey.PhoneContactForm,
                journey.HospiceForm,
            ),
            *(journey.SenderForm, journey.PropertyForm, journey.PropertyBodyForm),
            *(programmes.ProgrammesForm, programmes.ProgrammeForm, programmes.MessageLimitsForm, programmes.CapForm),
            *(registration.RegistrationForm, registration.RegistrationReasonsForm),
        ],
        "pieces": [
            *(
                piece_form.PieceForm,
                sending.SendForm,
                text_kinds.GrantsForm,
                piece_form.ReferenceForm,
                piece_form.ImageForm,
            ),
            *(piece_form.CardActionForm, piece_form.ReviewForm, piece_form.LanguageFileForm),
        ],
        "sources": [source.RowSourcesForm, source.RowSourceForm, source.RowRuleForm, source.RowFactForm],
        "personas": [personas.PersonaForm, personas.PersonaEventForm],
        "stories": [
            *(script.StoryForm, recipient.RecipientForm, script.StepForm, script.EnrollForm, script.MigrateForm),
            *(script.ExpectForm, script.ExpectedMessageForm),
        ],
    },
    ROOT / "docs" / "fhir.md": {
        "mappings": [
            *(mapping.FhirMappingForm, mapping.FhirEnrollForm, mapping.FhirRuleForm),
            *(mapping.CodesForm, mapping.FhirFactForm),
        ],
    },
}


def with_tables(text, parts):
    """Return a manual with the tables of each part between its two markers."""
    for part, forms in parts.items():
        tables = "\n".join(f"**{form.description()}**\n\n{form.table()}\n" for form in forms)
        between = re.compile(rf"(?<=<!-- keys of {part} -->\n\n).*?(?=\n<!-- end of keys -->)", re.DOTALL)
        text, count = between.subn(lambda _, tables=tables: tables, text)
        assert count == 1, f"The manual needs the markers of the keys of {part}, once."
    return text


@pytest.mark.parametrize("manual", MANUALS, ids=lambda manual: manual.name)
def test_the_manual_has_the_keys_of_every_form(manual):
    text = manual.read_text()
    assert with_tables(text, MANUALS[manual]) == text, f"The tables of {manual} are old; `{REWRITE}` rewrites them."


def test_every_form_is_in_a_manual():
    declared = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, FileForm)
    }
    in_manuals = {form for parts in MANUALS.values() for forms in parts.values() for form in forms}
    extended = {script.EventForm, front_matter.FrontMatterForm}  # their keys are in the forms that extend them
    assert declared - {FileForm} - extended == in_manuals


if __name__ == "__main__":
    for document, parts in MANUALS.items():
        document.write_text(with_tables(document.read_text(), parts))
