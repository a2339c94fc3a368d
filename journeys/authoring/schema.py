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

SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    "journey": JourneyForm.file_schema,
    "piece": PieceForm.file_schema,
    "text": LanguageFileForm.file_schema,
    "programmes": ProgrammesForm.file_schema,
    "story": StoryForm.file_schema,
    "persona": PersonaForm.file_schema,
    "fhir": FhirMappingForm.file_schema,
    "sources": RowSourcesForm.file_schema,
}
