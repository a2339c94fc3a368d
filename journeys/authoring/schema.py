"""JSON Schemas (2020-12) of the files that authors write, for editors. Lint checks more, and decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from journeys.authoring.stories import PersonaForm, StoryForm
from journeys.content.catalogue import LanguageFileForm, PieceForm
from journeys.definition.reading.journey import JourneyForm
from journeys.definition.reading.kinds import Schema
from journeys.definition.reading.programmes import ProgrammesForm
from journeys.interop.fhir import FhirMappingForm
from journeys.interop.rows import RowSourcesForm
from journeys.primitives.words import SCHEMA_KINDS

_FORMS = (
    JourneyForm,
    PieceForm,
    LanguageFileForm,
    ProgrammesForm,
    StoryForm,
    PersonaForm,
    FhirMappingForm,
    RowSourcesForm,
)
SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    kind: form.file_schema for kind, form in zip(SCHEMA_KINDS, _FORMS, strict=True)
}
