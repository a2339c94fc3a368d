"""Reads a patient's record by the mapping of a journey: when the patient joins, and the events to report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import cached_property

from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import Value, wire_value
from journeys.engine import last_begun_day
from journeys.interop.fhir import verdicts
from journeys.interop.fhir.bundle import Bundle, relative_name
from journeys.interop.fhir.death import Death, death_of
from journeys.interop.fhir.mapping import Codes, EventRule, FhirMapping
from journeys.interop.fhir.record import PatientRecord, ResourceVersion, SameResource
from journeys.interop.fhir.resources import (
    FORMS,
    Resource,
    codings,
    is_entered_in_error,
    partial_date,
    recorded_of,
    references,
    time_of,
)
from journeys.interop.fhir.rules import misfit_of, missing_value, value_of
from journeys.primitives.canonical import canonical, derived_id, time_text
from journeys.primitives.state_path import StatePath

DEATH = "death"
#: The name of the rule for the Patient's death.
_DECIDING = frozenset({verdicts.REPORTED, verdicts.ENTERED_IN_ERROR})
#: What a resource says even where elements were left out of it.


@dataclass(frozen=True)
class Planned:
    """An event that follows from the record: the rule, the code that matched, and the resources that report it.

    `previous` are the keys of the events that these resources reported last by this rule. `told` is not part of the
    content: it depends on the time of the first report. `is_amended`: an earlier version of the resource says something
    else. `is_dated` is False for a death whose day is not known.
    """

    rule: str
    code: str
    type: str
    at: datetime
    day: bool
    facts: Mapping[str, Value] = field(default_factory=dict)
    told: bool = False
    sources: tuple[str, ...] = ()
    previous: frozenset[str] = frozenset()
    is_amended: bool = False
    is_dated: bool = True

    @cached_property
    def content(self) -> str:
        """The content of the event, as one text."""
        return content_of(self.type, self.at, self.day, self.facts)

    @property
    def key(self) -> str:
        """The key of the event; equal for equal content of one rule and code, whatever resource reports it."""
        return self.keys[self.is_amended]

    @cached_property
    def keys(self) -> tuple[str, str]:
        """The key of the event, and its key as an amendment."""
        parts = (self.rule, self.code, self.content)
        return derived_id(*parts), derived_id(*parts, "amended")


@dataclass(frozen=True, slots=True)
class Enrolling:
    """The entry at which the patient joins (None: in the initial states), and the time.

    `declared` is the entry of the mapping, `cause` the key of the event that makes the patient join. `may_be_news`: a
    state of the entry waits until the patient is told; unless the patient was, `entry` is None, and the event itself
    begins the hold.
    """

    key: str
    entry: str | None
    declared: str | None
    at: datetime
    day: bool
    cause: str = ""
    may_be_news: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """What follows from the record of a patient.

    `enrolling` is None if no resource makes the patient join. `reports` are ordered by the time of the event. `sources`
    are the resources (`Type/id`) of the record: events that they reported and that no longer follow are to be
    retracted, but those of `undecided` (`Type/id/rule`), which cannot be read or resolved. By resource, `codes` says
    what became of it (`verdicts`), and `fitting` has the keys of its events.
    """

    patient_ref: str
    language: str | None
    enrolling: Enrolling | None
    reports: tuple[Planned, ...]
    sources: frozenset[str]
    undecided: frozenset[str]
    codes: Mapping[str, str]
    fitting: Mapping[str, tuple[str, ...]]


def record_events(record: PatientRecord, ingested: Ingested) -> PatientRecord:
    """The record with the keys of the events that its resources report, by which an amendment finds what it amends."""
    reports: dict[str, dict[str, str]] = {}
    for planned in ingested.reports:
        for name in planned.sources:
            reports.setdefault(name, {})[planned.rule] = planned.key
    return record.with_reports(reports)


def content_of(trigger: str, at: datetime, day: bool, facts: Mapping[str, Value]) -> str:
    """The content of an event as one text; equal events have equal texts."""
    wire = {name: wire_value(value) for name, value in facts.items()}
    return canonical([trigger, time_text(at, day), wire]).decode()


def events_of(
    record: PatientRecord,
    mapping: FhirMapping,
    plan: ReleasePlan,
    *,
    now: datetime,
    zone: tzinfo = UTC,
    bundle: Bundle | None = None,
) -> Ingested:
    """The events that follow from a record for a journey.

    Args:
        record: everything that bundles brought of the patient.
        mapping: the mapping of the journey.
        plan: the release; its order of triggers decides the order of events at one instant.
        now: the present, UTC. Resources with a later date are not mapped, because they have not happened yet.
        zone: the patient's time zone; a day that has begun there is not in the future.
        bundle: the bundle that arrived; references to its resources count as resolved even where no rule needs them.
    """
    return _Reading(record, mapping, plan, (now, zone), bundle).ingested()


class _Reading:
    """Reads one record once."""

    def __init__(
        self,
        record: PatientRecord,
        mapping: FhirMapping,
        plan: ReleasePlan,
        present: tuple[datetime, tzinfo],
        bundle: Bundle | None,
    ) -> None:
        self.record = record
        self.mapping = mapping
        self.plan = plan
        self.now, zone = present
        self.today = last_begun_day(self.now, zone)
        entries = bundle.entries if bundle is not None else ()
        self.arrived_names = frozenset(name for entry in entries for name in (entry.name, *entry.aliases))
        self.by_type: dict[str, list[EventRule]] = {}
        for rule in mapping.rules:
            self.by_type.setdefault(rule.resource, []).append(rule)
        self.undecided: set[str] = set()
        self.codes: dict[str, str] = {}
        self.language: str | None = None

    def ingested(self) -> Ingested:
        planned = self._add_up([event for same in self.record.resources for event in self.events(same)])
        by_key: dict[str, list[Planned]] = {}
        fitting: dict[str, list[str]] = {}
        for event in planned:
            key, _ = event.keys
            by_key.setdefault(key, []).append(event)
            for name in event.sources:
                fitting.setdefault(name, []).append(key)
        ranks = self.plan.ranks
        reports = sorted(
            map(_joined, by_key.values()),
            key=lambda event: (event.at, ranks.get(event.type, len(ranks)), event.rule, event.sources),
        )
        return Ingested(
            patient_ref=self.record.patient_ref,
            language=self.language,
            enrolling=self.enrolling(reports) if self.record.has_patient else None,
            reports=tuple(reports),
            sources=frozenset(self.record.sources),
            undecided=frozenset(self.undecided),
            codes=self.codes,
            fitting={name: tuple(keys) for name, keys in fitting.items()},
        )

    # --- one resource --------------------------------------------------------------------------------------

    def events(self, same: SameResource) -> Iterator[Planned]:
        """The events of a resource; stores the code that says what became of it."""
        codes: list[str] = []
        if same.kind == "Patient":
            codes.append(verdicts.NO_DEATH)
            yield from self.death(same, codes)
        for rule in self.by_type.get(same.kind, ()):
            code, planned = self.judge(rule, same)
            codes.append(code)
            if code in verdicts.UNREADABLE | verdicts.UNRESOLVED:
                self.undecided |= {f"{name}/{rule.name}" for name in same.names}
            if planned is not None:
                yield planned
        self.codes |= dict.fromkeys(same.names, verdicts.foremost(codes))

    def death(self, same: SameResource, codes: list[str]) -> Iterator[Planned]:
        languages = (version.excerpt.get("language") for version in same.versions if version.excerpt is not None)
        self.language = next((language for language in languages if language is not None), None)
        died = death_of(same.versions, self.now, self.today)
        if died is not False:  # only an explicit denial takes a death back
            self.undecided |= {f"{name}/{DEATH}" for name in same.names}
        if self.mapping.death is None:
            return
        if not isinstance(died, Death):
            text = (same.current or {}).get("deceasedDateTime") if died is None else None
            has_date = time_of({"at": text}, ("at",)) is not None or partial_date(text) is not None
            codes += [verdicts.IN_THE_FUTURE if has_date else verdicts.DATE_UNREADABLE] if text is not None else []
            return
        codes.append(verdicts.REPORTED if died.is_dated else verdicts.DEATH_WITHOUT_DAY)
        yield Planned(
            rule=DEATH,
            code="",
            type=self.mapping.death,
            at=died.at,
            day=died.day,
            sources=same.names,
            previous=same.previous_keys(DEATH),
            is_dated=died.is_dated,
        )

    def judge(self, rule: EventRule, same: SameResource) -> tuple[str, Planned | None]:
        """What a rule makes of a resource. The newest version that can be read decides."""
        newest_code: str | None = None
        for index, version in enumerate(same.versions):
            code, planned = self.judge_version(rule, same, version)
            newest_code = newest_code or code
            if code not in verdicts.UNREADABLE:
                return newest_code, planned and self.dated(rule, same, index, planned)
        return newest_code or verdicts.NO_RULE, None

    def dated(self, rule: EventRule, same: SameResource, index: int, planned: Planned) -> Planned:
        """An event with whether it is an amendment, and whether the patient counts as told of it.

        The first version with this event counts. If an earlier version says anything else, the event is an amendment,
        and new on the day on which it arrives. An event that does not say when it was recorded is new too.
        """
        first, is_amended = same.versions[index], False
        arrived = first.arrived
        for version in same.versions[index + 1 :]:
            code, earlier = self.judge_version(rule, same, version)
            if earlier is not None and earlier.key == planned.key:
                first, arrived, is_amended = version, min(arrived, version.arrived), False
            elif code not in verdicts.UNREADABLE:
                is_amended = True
                break
            elif code != verdicts.INCOMPLETE:  # it said something, unless an older version says the same as this one
                is_amended = True
        is_amended = is_amended or (first is same.versions[-1] and first.is_amended)
        assert first.excerpt is not None
        recorded = arrived if is_amended else recorded_of(first.excerpt) or first.updated
        after = self.mapping.told_after
        is_told = after is not None and recorded is not None and after.after(max(planned.at, recorded)) <= self.now
        return replace(planned, told=is_told, is_amended=is_amended)

    def judge_version(
        self, rule: EventRule, same: SameResource, version: ResourceVersion
    ) -> tuple[str, Planned | None]:
        """What a rule makes of one version; one out of which elements were left says nothing beside an older one."""
        code, planned = self.judge_content(rule, same, version)
        is_incomplete = "incomplete" in (version.excerpt or {}) and version is not same.versions[-1]
        return (verdicts.INCOMPLETE, None) if is_incomplete and code not in _DECIDING else (code, planned)

    def judge_content(
        self, rule: EventRule, same: SameResource, version: ResourceVersion
    ) -> tuple[str, Planned | None]:
        resource = version.excerpt
        is_only_version = len(same.versions) == 1
        if resource is None:
            return verdicts.NO_RULE if is_only_version else verdicts.DELETED, None
        code, is_resolved = self.code(rule, resource)
        if is_entered_in_error(resource):
            return verdicts.NO_RULE if is_only_version and code is None else verdicts.ENTERED_IN_ERROR, None
        if code is None and is_resolved:
            return verdicts.NO_RULE, None
        if not any(map(self.record.is_about_patient, references(resource, "subject", "patient"))):
            return verdicts.ANOTHER_PATIENT, None
        if code is None:
            return verdicts.CODE_UNRESOLVED, None
        misfit = misfit_of(rule, resource)
        if misfit is not None:
            return misfit, None
        planned = self.event(rule, code, same, version)
        if isinstance(planned, str):
            return planned, None
        misfit = self.reason_misfit(rule.reason, resource)
        if misfit is not None:
            return misfit, None
        if planned.at > self.now and not (planned.day and planned.at.date() <= self.today):
            return verdicts.IN_THE_FUTURE, None
        return verdicts.REPORTED, planned

    def code(self, rule: EventRule, resource: Resource) -> tuple[str | None, bool]:
        """The code of a resource that the rule lists, or None; and whether all its references are resolved."""
        is_resolved = True
        for element in FORMS[rule.resource].codes:
            pairs = list(codings(resource.get(element)))
            for reference in references(resource, element):
                has_arrived, target = self.resolve(reference, resource)
                is_resolved = is_resolved and has_arrived
                pairs += codings(target.get("code")) if target is not None else ()
            for pair in pairs:
                if pair in rule.codes:
                    return pair[1], True
        return None, is_resolved

    def reason_misfit(self, reason: Codes | None, resource: Resource) -> str | None:
        """None where the reason of a resource is in a rule's list; else the code that says why not."""
        if reason is None or any(pair in reason for pair in codings(resource.get("reasonCode"))):
            return None
        is_resolved = True
        for reference in references(resource, "reasonReference", "addresses"):
            has_arrived, target = self.resolve(reference, resource)
            is_resolved = is_resolved and has_arrived
            if target is not None and any(pair in reason for pair in codings(target.get("code"))):
                return None
        return verdicts.ANOTHER_REASON if is_resolved else verdicts.REASON_UNRESOLVED

    def resolve(self, reference: str, within: Resource) -> tuple[bool, Resource | None]:
        has_arrived, target = self.record.resolve(reference, within)
        return has_arrived or bool(self.arrived_names & {reference, relative_name(reference)}), target

    def event(self, rule: EventRule, code: str, same: SameResource, version: ResourceVersion) -> Planned | str:
        """The event of a version that fits a rule; the code that says why not if a date or a fact cannot be read."""
        resource = version.excerpt
        assert resource is not None
        dates = FORMS[rule.resource].dates
        at = time_of(resource, tuple(path for when in rule.at for path in dates[when]))
        if at is None:
            return verdicts.DATE_UNREADABLE
        facts: dict[str, Value] = {}
        for fact in rule.facts:
            value = value_of(fact, code, resource, dates)
            if value is None:
                return missing_value(fact, resource)
            if (refusal := self.refusal_of(fact.name, value)) is not None:
                return refusal
            facts[fact.name] = value
        return Planned(
            rule=rule.name,
            code=code,
            type=rule.trigger,
            at=at[0],
            day=at[1],
            facts=facts,
            sources=same.names,
            previous=same.previous_keys(rule.name),
        )

    def refusal_of(self, name: str, value: Value) -> str | None:
        """None where the journey accepts a value today; else the code that says why not."""
        declared, today = self.plan.journey.facts.get(name), self.today
        if declared is None:  # the fact is missing in this release, and the report of it is refused
            return None
        try:
            declared.kind.read(value, today)
        except ValueError:
            is_future = declared.kind.kind == "date" and isinstance(value, str) and value > today.isoformat()
            return verdicts.IN_THE_FUTURE if is_future else verdicts.VALUE_NOT_ACCEPTED
        return None

    # --- all events ----------------------------------------------------------------------------------------

    def _add_up(self, planned: Sequence[Planned]) -> list[Planned]:
        """The events, each set with what earlier events found of it; an empty or a declined set begins anew."""
        events = list(planned)
        for name, fact in self.plan.journey.facts.items():
            if fact.kind.kind != "set":
                continue
            by_time: dict[datetime, list[int]] = {}
            for index, event in enumerate(events):
                if name in event.facts:
                    by_time.setdefault(event.at, []).append(index)
            total, is_told, is_amended = frozenset[str](), True, False
            for _, indexes in sorted(by_time.items()):
                values = [events[index].facts[name] for index in indexes]
                findings = [value for value in values if isinstance(value, list) and value]
                total = total.union(*findings) if findings else frozenset()
                is_told = not findings or (is_told and all(events[index].told for index in indexes))
                is_amended = bool(findings) and (is_amended or any(events[index].is_amended for index in indexes))
                for index in indexes if findings else ():
                    event = events[index]
                    events[index] = replace(
                        event,
                        facts={**event.facts, name: sorted(total)},
                        told=event.told and is_told,
                        is_amended=event.is_amended or is_amended,
                    )
        return events

    def enrolling(self, reports: Iterable[Planned]) -> Enrolling | None:
        ranks = {rule: rank for rank, rule in enumerate(self.mapping.enroll)}
        joining = [event for event in reports if event.rule in ranks]
        # News that the patient was not told must not show in when they joined, if anything else makes them join.
        joining = [event for event in joining if event.told or not self.may_be_news(event.rule)] or joining
        if not joining:
            return None
        first = min(joining, key=lambda event: (event.at, ranks[event.rule], event.day))
        declared, may_be_news = self.mapping.enroll[first.rule], self.may_be_news(first.rule)
        entry = None if may_be_news and not first.told else declared
        return Enrolling(self.mapping.key, entry, declared, first.at, first.day, first.key, may_be_news)

    def may_be_news(self, rule: str) -> bool:
        """Whether the entry of a rule that enrolls leads into a state that waits until the patient is told."""
        declared = self.mapping.enroll[rule]
        return declared is not None and self.holds(declared)

    def holds(self, entry: str) -> bool:
        """Whether a state of an entry, or a state around it, waits until the patient is told."""
        declared = self.plan.journey.entries.get(entry)
        for text in declared.states if declared is not None else ():
            full = self.plan.journey.resolve_state(text.text)
            state = StatePath.parse(full) if full is not None else None
            if state is not None and any(stay.hold for stay in self.plan.tracks[state.track].chain(state.path)):
                return True
        return False


def _joined(events: Sequence[Planned]) -> Planned:
    """One event that several resources report; it was told, and is not amended, if that is so of any of them."""
    if len(events) == 1:
        return events[0]
    return replace(
        events[0],
        told=any(event.told for event in events),
        is_amended=all(event.is_amended for event in events),
        sources=tuple(sorted({name for event in events for name in event.sources})),
        previous=frozenset(key for event in events for key in event.previous),
    )
