"""Counts the entries of one bundle by what became of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeys.interop.fhir import verdicts
from journeys.interop.fhir.bundle import Bundle, BundleEntry
from journeys.interop.fhir.ingest import Ingested
from journeys.interop.fhir.record import PatientRecord
from journeys.interop.fhir.resources import any_time_of, fingerprint, references
from journeys.interop.fhir.verdicts import EntryVerdict


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """The entries of one bundle. `read` is the sum of `mapped`, `unmapped` and `duplicates`.

    `dates` are the dates of all resources but the Patient; `verdicts` say of each entry what became of it.
    """

    read: int
    mapped: int
    unmapped: int
    duplicates: int
    dates: tuple[datetime, ...]
    verdicts: tuple[EntryVerdict, ...]


def count_entries(bundle: Bundle, record: PatientRecord, ingested: Ingested) -> EntryCounts:
    """What became of the entries of a bundle, after it was added to the record."""
    counts = {"mapped": 0, "unmapped": bundle.broken, "duplicates": bundle.older}
    codes = [EntryVerdict("", verdicts.MALFORMED)] * bundle.broken
    seen: set[str] = set()
    newest = bundle.newest
    for name, entry in newest.items():
        source = record.sources.get(name)
        keys = ingested.fitting.get(name, ())
        code = ingested.codes.get(name) or _code_of_unused(entry, record)
        is_named = entry.resource is None or name.startswith("Patient/")  # two patients may say the same
        content = name if is_named else fingerprint(entry.resource or {})
        is_older = source is not None and not source.has_newest(entry)
        if is_older:
            kind, code = "duplicates", verdicts.OLDER_VERSION
        elif set(keys) - seen or code in (verdicts.ENTERED_IN_ERROR, verdicts.DELETED):
            kind = "mapped"
        elif keys or content in seen:
            kind, code = "duplicates", verdicts.DUPLICATE
        else:
            kind = "unmapped"
        counts[kind] += 1
        codes.append(EntryVerdict(name, code))
        seen |= {content, *(keys if not is_older else ())}
    newest_ids = set(map(id, newest.values()))
    codes += [
        EntryVerdict(entry.name, verdicts.OLDER_VERSION) for entry in bundle.entries if id(entry) not in newest_ids
    ]
    dated = [entry.resource for name, entry in newest.items() if not name.startswith("Patient/")]
    dates = [date for resource in dated if resource is not None and (date := any_time_of(resource)) is not None]
    return EntryCounts(read=bundle.read, **counts, dates=tuple(sorted(dates)), verdicts=tuple(codes))


def _code_of_unused(entry: BundleEntry, record: PatientRecord) -> str:
    """Why no rule may need an entry."""
    subjects = list(references(entry.resource, "subject", "patient")) if entry.resource is not None else []
    is_about_another = bool(subjects) and not any(map(record.is_about_patient, subjects))
    return verdicts.ANOTHER_PATIENT if is_about_another else verdicts.NO_RULE
