"""The texts of a journey in another language: what waits for translation, and files for translators, out and in.

Files are bytes by name here, read once and returned changed; writing them is the caller's.
"""

from journeys.authoring.translation.apply import Applied, Refusal, apply_translation
from journeys.authoring.translation.exchange import read_translation
from journeys.authoring.translation.journey_files import JourneyFiles, read_journey_files
from journeys.authoring.translation.locale import with_locale
from journeys.authoring.translation.rows import MAX_BYTES, Row, TranslationFile, UnreadableTranslation, rows_of
from journeys.authoring.translation.spreadsheet import write_csv
from journeys.authoring.translation.units import Unit, units_of
from journeys.authoring.translation.waiting import RULE, waiting_texts, without_waiting
from journeys.authoring.translation.xliff import write_xliff

__all__ = [
    "MAX_BYTES",
    "RULE",
    "Applied",
    "JourneyFiles",
    "Refusal",
    "Row",
    "TranslationFile",
    "Unit",
    "UnreadableTranslation",
    "apply_translation",
    "read_journey_files",
    "read_translation",
    "rows_of",
    "units_of",
    "waiting_texts",
    "with_locale",
    "without_waiting",
    "write_csv",
    "write_xliff",
]
