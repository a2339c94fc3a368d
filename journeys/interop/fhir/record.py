"""The record of one patient as far as bundles brought it, in any order and any number of pieces. Pure.

Every version of a resource that a rule may need is kept as an excerpt, so that what follows from the whole record never
depends on how it was cut into bundles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from journeys.interop.fhir.bundle import BEGINNING, Bundle, BundleEntry, relative_name
from journeys.interop.fhir.excerpt import excerpt_of, unneeded_excerpt_of, without_links
from journeys.interop.fhir.mapping import FhirMapping
from journeys.interop.fhir.resources import (
    FORMS,
    URN,
    Resource,
    codings,
    fingerprint,
    is_entered_in_error,
    references,
    type_of,
)
from journeys.primitives.canonical import stored_time, time_text

MAX_VERSIONS = 16
#: The versions of a resource that are kept, and of a Patient those besides that say something of the death.
_LENGTH_OF_DAY = len("2026-01-15")
_REFERRED = ("Condition", "Observation", "DiagnosticReport", "Medication")
#: The types that reasons and medications refer to.


@dataclass(frozen=True, slots=True)
class ResourceVersion:
    """A version of a resource.

    `excerpt` is None for a deletion. `updated` and `number` are those of `meta`. `arrived` is the time of arrival, and
    `turn` counts the arrivals: a version without a date is as new as its arrival. `is_amended`: an earlier version had
    another content.
    """

    excerpt: Resource | None
    updated: datetime | None
    number: int
    arrived: datetime
    turn: int
    is_amended: bool = False

    @property
    def age(self) -> tuple[datetime, int, int, bool, str]:
        """The sort key among the versions of a resource."""
        is_undated = self.updated is None and self.number < 0
        is_final = self.excerpt is None or is_entered_in_error(self.excerpt)
        content = fingerprint(self.excerpt) if self.excerpt is not None else ""
        at = self.arrived if is_undated else self.updated or BEGINNING
        return at, self.number, self.turn if is_undated else 0, is_final, content

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "excerpt": self.excerpt,
            "updated": time_text(self.updated) if self.updated is not None else None,
            "number": self.number,
            "arrived": time_text(self.arrived),
            "turn": self.turn,
            "amended": self.is_amended,
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> ResourceVersion:
        """The version of its stored form."""
        return cls(
            excerpt=stored["excerpt"],
            updated=stored_time(stored["updated"])[0] if stored["updated"] is not None else None,
            number=stored["number"],
            arrived=stored_time(stored["arrived"])[0],
            turn=stored["turn"],
            is_amended=stored["amended"],
        )


@dataclass(frozen=True, slots=True)
class ResourceHistory:
    """A resource by its name, the newest version first; `reports` are the keys of its last events by rule."""

    name: str
    versions: tuple[ResourceVersion, ...] = ()
    aliases: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    is_exported: bool = False
    reports: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_deleted(self) -> bool:
        """Whether the newest version deletes the resource."""
        return self.versions[0].excerpt is None

    def has_newest(self, entry: BundleEntry) -> bool:
        """Whether an entry has the content of the newest version."""
        newest = self.versions[0].excerpt
        if entry.resource is None or newest is None:
            return newest is entry.resource
        return newest in (excerpt_of(entry.resource), unneeded_excerpt_of(entry.resource))

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "versions": [version.to_stored() for version in self.versions],
            "aliases": sorted(self.aliases),
            "keys": sorted(self.keys),
            "exported": self.is_exported,
            "reports": dict(self.reports),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> ResourceHistory:
        """The history of its stored form."""
        return cls(
            name=stored["name"],
            versions=tuple(map(ResourceVersion.from_stored, stored["versions"])),
            aliases=frozenset(stored["aliases"]),
            keys=frozenset(stored["keys"]),
            is_exported=stored["exported"],
            reports=stored["reports"],
        )


@dataclass(frozen=True, slots=True)
class SameResource:
    """The sources that are one resource under several names, and their versions, the newest first."""

    names: tuple[str, ...]
    versions: tuple[ResourceVersion, ...]
    reports: frozenset[tuple[str, str]]

    @property
    def current(self) -> Resource | None:
        """The excerpt of the newest complete version; None where it was deleted."""
        excerpts = [version.excerpt for version in self.versions]
        complete = (excerpt for excerpt in excerpts if excerpt is None or "incomplete" not in excerpt)
        return next(complete, excerpts[0])

    @property
    def kind(self) -> str:
        """The resource type."""
        return self.names[0].partition("/")[0]

    def previous_keys(self, rule: str) -> frozenset[str]:
        """The keys of the events that the resource reported last by a rule."""
        return frozenset(key for reporting_rule, key in self.reports if reporting_rule == rule)


@dataclass(frozen=True)
class PatientRecord:
    """The resources of one patient by name. `shared_keys` are identifiers that several resources have at once."""

    patient_ref: str
    sources: Mapping[str, ResourceHistory] = field(default_factory=dict)
    shared_keys: frozenset[str] = frozenset()
    turn: int = 0

    def with_bundle(self, bundle: Bundle, mapping: FhirMapping, now: datetime) -> PatientRecord:
        """The record with the entries of a bundle that arrived now; equal where the bundle brings nothing new."""
        sources = dict(self.sources)
        relevance = _Relevance(mapping, self.patient_ref, self._patient_aliases(bundle))
        dated = {entry.name for entry in bundle.entries if entry.is_dated}
        for arriving in bundle.entries:
            # Beside versions with a date, one without is the oldest; a deletion is the newest.
            is_oldest = arriving.name in dated and not arriving.is_dated and arriving.resource is not None
            entry = replace(arriving, number=0) if is_oldest else arriving
            source = sources.get(entry.name)
            if source is not None or relevance.is_kept(entry):
                excerpt = relevance.excerpt_of(entry)
                history = source or ResourceHistory(entry.name)
                sources[entry.name] = _with_entry(history, entry, excerpt, now, self.turn + 1)
        shared_keys = self.shared_keys | _shared_keys(bundle.newest.values())
        if shared_keys == self.shared_keys and sources == self.sources:
            return self
        return PatientRecord(self.patient_ref, sources, shared_keys, self.turn + 1)

    def with_alias(self, alias: PatientRecord) -> PatientRecord:
        """The record with what bundles brought under another name of the patient; equal where the Patient is there."""
        return self if alias.has_patient else replace(self, sources={**alias.sources, **self.sources})

    def with_reports(self, reports: Mapping[str, Mapping[str, str]]) -> PatientRecord:
        """The record in which every resource (by name) knows the keys of its events by rule."""
        sources = dict(self.sources)
        for name, source in self.sources.items():
            if source.reports != reports.get(name, {}):
                sources[name] = replace(source, reports=reports.get(name, {}))
        return replace(self, sources=sources)

    @property
    def has_patient(self) -> bool:
        """Whether the Patient has arrived."""
        source = self.sources.get(f"Patient/{self.patient_ref}")
        return source is not None and any(version.excerpt is not None for version in source.versions)

    @cached_property
    def resources(self) -> tuple[SameResource, ...]:
        """Every resource once, by its first name."""
        by_name = self._groups
        first_names = {id(same): same for same in by_name.values()}
        return tuple(sorted(first_names.values(), key=lambda same: same.names))

    def resolve(self, reference: str, within: Resource) -> tuple[bool, Resource | None]:
        """Whether the target of a reference has arrived, and its excerpt (None: deleted, or not arrived)."""
        if reference.startswith("#"):
            return True, within.get("contained", {}).get(reference[1:])
        kind, is_to_identifier, key = reference.rpartition("?")
        if is_to_identifier:
            identified = self._identified.get((kind, key))
            return identified is not None, identified.current if identified is not None else None
        same = self._groups.get(self._aliases.get(reference) or relative_name(reference))
        return same is not None, same.current if same is not None else None

    def is_about_patient(self, reference: str) -> bool:
        """Whether a reference refers to the patient."""
        patient = f"Patient/{self.patient_ref}"
        return self._aliases.get(reference, relative_name(reference)) == patient or reference == URN + self.patient_ref

    def _patient_aliases(self, bundle: Bundle) -> frozenset[str]:
        patient = f"Patient/{self.patient_ref}"
        source = self.sources.get(patient)
        before = source.aliases if source is not None else frozenset()
        added = [entry.aliases for entry in bundle.entries if entry.name == patient]
        return before.union([URN + self.patient_ref], *added)

    @cached_property
    def _aliases(self) -> Mapping[str, str]:
        aliases: dict[str, str] = {}
        for name in sorted(self.sources, reverse=True):
            aliases |= dict.fromkeys(self.sources[name].aliases, name)
            aliases.setdefault(URN + name.partition("/")[2], name)
        return aliases

    @cached_property
    def _identified(self) -> Mapping[tuple[str, str], SameResource | None]:
        """By type (or `""`) and digest of an identifier the only resource that has it; None where several have it."""
        identified: dict[tuple[str, str], SameResource | None] = {}
        for same in self.resources:
            for key in frozenset[str]().union(*(self.sources[name].keys for name in same.names)):
                for kind in ("", same.kind):
                    identified[kind, key] = None if (kind, key) in identified else same
        return identified

    @cached_property
    def _groups(self) -> Mapping[str, SameResource]:
        """By name the resource: exported sources of one type that share an identifier are one resource."""
        parents: dict[str, str] = {}

        def first(item: str) -> str:
            while (parent := parents.get(item, item)) != item:
                parents[item] = parents.get(parent, parent)  # shorter from now on
                item = parent
            return item

        for source in self.sources.values():
            if source.is_exported:
                for key in source.keys - self.shared_keys:
                    parents[first(source.name)] = first(f"{source.name.partition('/')[0]}?{key}")
        members: dict[str, list[ResourceHistory]] = {}
        for name in sorted(self.sources):
            members.setdefault(first(name), []).append(self.sources[name])
        same_resources = [_same(sources) for sources in members.values()]
        return {name: same for same in same_resources for name in same.names}


def _same(sources: list[ResourceHistory]) -> SameResource:
    living = [source for source in sources if not source.is_deleted] or sources
    versions = living[0].versions  # in order
    if len(living) > 1:
        versions = tuple(sorted((version for source in living for version in source.versions), key=_age, reverse=True))
    return SameResource(
        names=tuple(source.name for source in sources),
        versions=versions,
        reports=frozenset(report for source in sources for report in source.reports.items()),
    )


def _age(version: ResourceVersion) -> tuple[datetime, int, int, bool, str]:
    return version.age


def _with_entry(
    source: ResourceHistory, entry: BundleEntry, excerpt: dict[str, Any] | None, now: datetime, turn: int
) -> ResourceHistory:
    """A resource with one more version, unless it has this version."""
    version = ResourceVersion(excerpt, entry.updated, entry.number, now, turn)
    return replace(
        source,
        versions=_with_version(source.versions, version),
        aliases=source.aliases | entry.aliases,
        keys=source.keys | entry.keys,
        is_exported=source.is_exported or entry.is_exported,
    )


def _with_version(versions: tuple[ResourceVersion, ...], version: ResourceVersion) -> tuple[ResourceVersion, ...]:
    is_undated = version.updated is None and version.number < 0
    for known_version in versions[:1] if is_undated else versions:
        is_same_version = (known_version.updated, known_version.number) == (version.updated, version.number)
        if known_version.excerpt == version.excerpt and (is_undated or is_same_version):
            return versions
    ordered: list[ResourceVersion] = []
    for item in sorted([*versions, version], key=_age):
        before = ordered[-1] if ordered else None
        is_repeated = before is not None and before.excerpt == item.excerpt
        if is_repeated and len(ordered) > 1 and ordered[-2].excerpt == item.excerpt:
            ordered.pop()  # of successive versions with one content the oldest and the newest are enough
        is_amended = item.is_amended or (before is not None and (before.is_amended or not is_repeated))
        ordered.append(replace(item, is_amended=is_amended))
    newest_first = tuple(reversed(ordered))
    return newest_first[:MAX_VERSIONS] + _deaths(newest_first[MAX_VERSIONS:])


def _deaths(older: tuple[ResourceVersion, ...]) -> tuple[ResourceVersion, ...]:
    """Of old versions of a Patient, those without which the death would be forgotten: the newest of each kind."""
    newest: dict[str, ResourceVersion] = {}
    for version in older:
        excerpt = version.excerpt or {}
        if "deceasedBoolean" in excerpt:
            newest.setdefault(str(excerpt["deceasedBoolean"]), version)
        if "deceasedDateTime" in excerpt:
            newest.setdefault("day" if len(excerpt["deceasedDateTime"]) >= _LENGTH_OF_DAY else "year", version)
    versions = {id(version): version for version in newest.values()}.values()
    return tuple(sorted(versions, key=_age, reverse=True))


def _shared_keys(entries: Iterable[BundleEntry]) -> frozenset[str]:
    """The identifiers that two different resources of one bundle have: they do not tell resources apart."""
    contents: dict[tuple[str, str], set[str]] = {}
    for entry in entries:
        if entry.resource is None or not entry.is_exported or not entry.keys:
            continue
        content = fingerprint(without_links(excerpt_of(entry.resource)))
        for key in entry.keys:
            contents.setdefault((type_of(entry.resource), key), set()).add(content)
    return frozenset(key for (_, key), different in contents.items() if len(different) > 1)


class _Relevance:
    """Which resources a mapping may need: those that a rule may fit, and those that a reason may refer to."""

    def __init__(self, mapping: FhirMapping, patient_ref: str, patient_aliases: frozenset[str]) -> None:
        self.patient = f"Patient/{patient_ref}"
        self.patient_aliases = patient_aliases
        self.rules: dict[str, set[tuple[str, str]]] = {}
        self.referred: set[tuple[str, str]] = set()
        for rule in mapping.rules:
            pairs = {(rule.codes.system, code) for code in rule.codes.codes}
            self.rules.setdefault(rule.resource, set()).update(pairs)
            if rule.reason is not None:
                self.referred |= {(rule.reason.system, code) for code in rule.reason.codes}
            if "medicationReference" in FORMS[rule.resource].codes:
                self.referred |= pairs

    def is_kept(self, entry: BundleEntry) -> bool:
        """Whether a resource is kept that is not in the record yet.

        Of a type that a rule has, every one is: if a later version fits a rule, it is an amendment.
        """
        kind, resource = entry.name.partition("/")[0], entry.resource
        if kind == "Patient":
            return entry.name == self.patient
        if kind not in self.rules and kind not in _REFERRED:
            return False
        if resource is None or is_entered_in_error(resource):
            return True
        is_later = entry.number > 1 or (entry.number < 0 and entry.updated is not None)
        return self.is_about_patient(resource) and (kind in self.rules or is_later or self.is_needed(kind, resource))

    def excerpt_of(self, entry: BundleEntry) -> dict[str, Any] | None:
        """What is kept of a version: of one that no rule needs, only that it exists; None of a deletion."""
        kind, resource = entry.name.partition("/")[0], entry.resource
        if resource is None:
            return None
        is_complete = kind == "Patient" or is_entered_in_error(resource) or self.is_needed(kind, resource)
        return excerpt_of(resource) if is_complete else unneeded_excerpt_of(resource)

    def is_needed(self, kind: str, resource: Resource) -> bool:
        """Whether a rule may fit a resource, or a reason may refer to it."""
        elements = FORMS[kind].codes if kind in self.rules else ()
        if any(pair in self.rules[kind] for name in elements for pair in codings(resource.get(name))):
            return True
        if any(True for _ in references(resource, *elements)):
            return True
        return any(pair in self.referred for pair in codings(resource.get("code")))

    def is_about_patient(self, resource: Resource) -> bool:
        """Whether a resource is about the patient, or about nobody (a Medication)."""
        subjects = list(references(resource, "subject", "patient"))
        return not subjects or any(
            subject in self.patient_aliases or relative_name(subject) == self.patient for subject in subjects
        )
