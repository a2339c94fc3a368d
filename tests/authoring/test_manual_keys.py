"""The manual's tables of the keys of pieces, personas, stories and FHIR mappings are those of the forms."""

import pytest

from journeys.authoring.stories import personas, script
from journeys.content.catalogue import front_matter, piece_reader
from journeys.interop.fhir import mapping
from tests.authoring.test_manual import with_tables
from tests.folders import ROOT

REWRITE = "python -m tests.authoring.test_manual_keys"
#: The forms of each part of a manual, in its order.
MANUALS = {
    ROOT / "docs" / "authoring.md": {
        "pieces": [
            *(piece_reader.PieceForm, piece_reader.ReferenceForm, piece_reader.ImageForm),
            *(piece_reader.CardActionForm, piece_reader.ReviewForm, front_matter.FrontMatterForm),
        ],
        "personas": [personas.PersonaForm, personas.PersonaEventForm],
        "stories": [
            *(script.StoryForm, script.StepForm, script.EnrollForm, script.MigrateForm, script.ExpectForm),
        ],
    },
    ROOT / "docs" / "fhir.md": {
        "mappings": [
            *(mapping.FhirMappingForm, mapping.FhirEnrollForm, mapping.FhirRuleForm),
            *(mapping.CodesForm, mapping.FhirFactForm),
        ],
    },
}


@pytest.mark.parametrize("manual", MANUALS, ids=lambda manual: manual.name)
def test_the_manual_has_the_keys_of_every_form(manual):
    text = manual.read_text()
    assert with_tables(text, MANUALS[manual]) == text, f"The tables of {manual} are old; `{REWRITE}` rewrites them."


def test_every_form_is_in_a_manual():
    forms = {
        value
        for module in (personas, script, piece_reader, front_matter, mapping)
        for name, value in vars(module).items()
        if name.endswith("Form") and name not in ("FileForm", "EventForm")
    }
    assert forms == {form for parts in MANUALS.values() for forms in parts.values() for form in forms}


if __name__ == "__main__":
    for document, parts in MANUALS.items():
        document.write_text(with_tables(document.read_text(), parts))
