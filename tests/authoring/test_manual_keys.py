"""The manual has the tables of keys that the forms of pieces, personas, stories and FHIR mappings make."""

import pytest

from journeys.authoring.stories.personas import PersonaEventForm, PersonaForm
from journeys.authoring.stories.script import EnrollForm, ExpectForm, MigrateForm, StepForm, StoryForm
from journeys.content.catalogue.front_matter import FrontMatterForm
from journeys.content.catalogue.shared_reader import CardActionForm, ImageForm, PieceForm, ReferenceForm, ReviewForm
from journeys.interop.fhir.mapping import CodesForm, FhirEnrollForm, FhirFactForm, FhirMappingForm, FhirRuleForm
from tests.folders import ROOT

TABLES = {
    "docs/authoring.md": [
        *(PieceForm, ReferenceForm, ImageForm, CardActionForm, ReviewForm, FrontMatterForm),
        *(PersonaForm, PersonaEventForm, StoryForm, StepForm, EnrollForm, MigrateForm, ExpectForm),
    ],
    "docs/fhir.md": [FhirMappingForm, FhirEnrollForm, FhirRuleForm, CodesForm, FhirFactForm],
}


@pytest.mark.parametrize(("document", "form"), [(document, form) for document in TABLES for form in TABLES[document]])
def test_the_manual_has_the_table_of_the_form(document, form):
    """Where this fails, copy the table that it prints into the manual."""
    assert f"\n\n{form.table()}\n" in (ROOT / document).read_text(), form.table()
