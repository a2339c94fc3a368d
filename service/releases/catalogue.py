"""Reading published journeys, and a release with its diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from journeys.authoring.diagram import mermaid
from journeys.content.screen import in_locale
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Titles
from journeys.primitives.errors import Refused
from journeys.primitives.locales import served_locale
from service.enrollments.enroll import open_publication
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import approvals, releases
from service.publishing.store.releases import Publication


@dataclass(frozen=True, slots=True)
class EntryDescription:
    """An entry, where patients join a journey; `asks` are facts, as the definition writes them."""

    key: str
    title: str
    asks: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProgrammeDescription:
    """A programme that runs a journey."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class JourneyHeading:
    """The title, locales and entries of a journey, in one locale."""

    key: str
    title: str
    locales: Sequence[str]
    entries: Sequence[EntryDescription]


@dataclass(frozen=True, slots=True)
class JourneyDescription:
    """A journey that can be joined, with the release that new enrollments get."""

    heading: JourneyHeading
    release: str
    number: int
    programmes: Sequence[ProgrammeDescription]


@dataclass(frozen=True, slots=True)
class JourneyList:
    """Every journey that can be joined now."""

    items: Sequence[JourneyDescription]


@dataclass(frozen=True, slots=True)
class TriggerDescription:
    """A trigger of a release: its reporters, the facts that it requires and resets, and whether it is an end."""

    type: str
    title: str
    by: Sequence[str]
    requires: Sequence[str]
    resets: Sequence[str]
    ends: bool


@dataclass(frozen=True, slots=True)
class FactDescription:
    """A fact of a release: its type, the values that it accepts, and who may report it."""

    name: str
    title: str
    type: str
    accepts: str
    by: Sequence[str]


@dataclass(frozen=True, slots=True)
class StateDescription:
    """A state of a release, by its full path."""

    state: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDescription:
    """What a release declares, in one locale; `diagram` is Mermaid text."""

    id: str
    heading: JourneyHeading
    number: int
    published_at: datetime
    triggers: Sequence[TriggerDescription]
    facts: Sequence[FactDescription]
    states: Sequence[StateDescription]
    diagram: str


def list_journeys(service: Service, *, locale: str | None) -> JourneyList:
    """Return every journey that accepts patients now, with the release that new enrollments get."""
    journeys = []
    now = service.clock()
    with service.database.reading() as connection:
        compiled = service.library.releases(connection)
        for key in releases.journeys_published(connection):
            try:
                newest, _ = open_publication(service, connection, key, now)
            except Refused:
                continue
            stored = releases.find_release(connection, newest.release)
            assert stored is not None
            plan = compiled[newest.release].plan
            at = _locale(plan, locale)
            programmes = _programmes(connection, newest, plan, at)
            journeys.append(JourneyDescription(_heading(plan, at), newest.release, stored.number, programmes))
    return JourneyList(journeys)


def read_release(service: Service, journey: str, release: str, *, locale: str | None) -> ReleaseDescription:
    """One release of a journey: what it declares, and its diagram as Mermaid text.

    Raises:
        NotFound: the release is unknown, or its words are not approved in that language.
    """
    with service.database.reading() as connection:
        stored = releases.find_release(connection, release)
        if stored is None or stored.journey != journey:
            raise errors.NotFound
        served_release = service.library.releases(connection)[release]
        plan = served_release.plan
        at = _locale(plan, locale)
        in_force = approvals.in_force(connection, journey)
        revision = in_force.revision if in_force is not None else 0
        servable = service.library.servable_content(
            connection, served_release, revision, locale=at, now=service.clock()
        )
        if servable.is_silent:
            raise errors.NotFound
    return ReleaseDescription(
        id=stored.id,
        heading=_heading(plan, at),
        number=stored.number,
        published_at=stored.published_at,
        triggers=_triggers(plan, at),
        facts=_facts(plan, at),
        states=_states(plan, at),
        diagram=mermaid(plan.journey, locale=at),
    )


def _heading(plan: ReleasePlan, locale: str) -> JourneyHeading:
    journey = plan.journey
    entries = [
        EntryDescription(entry.name, _text(entry.title, locale, plan, entry.name), [fact.text for fact in entry.asks])
        for entry in journey.entries.values()
    ]
    return JourneyHeading(journey.key, _text(journey.title, locale, plan, journey.key), journey.locales, entries)


def _triggers(plan: ReleasePlan, locale: str) -> list[TriggerDescription]:
    return [
        TriggerDescription(
            trigger.name,
            _text(trigger.title, locale, plan, trigger.name),
            sorted(trigger.by),
            [fact.text for fact in trigger.requires],
            [fact.text for fact in trigger.resets],
            trigger.name in plan.ends,
        )
        for trigger in (*plan.journey.triggers.values(), *plan.journey.ends.values())
    ]


def _facts(plan: ReleasePlan, locale: str) -> list[FactDescription]:
    return [
        FactDescription(
            fact.name,
            _text(fact.title, locale, plan, fact.name),
            fact.kind.kind,
            fact.kind.accepts(),
            sorted(fact.by),
        )
        for fact in plan.journey.facts.values()
    ]


def _states(plan: ReleasePlan, locale: str) -> list[StateDescription]:
    return [
        StateDescription(
            full, _text(plan.tracks[state.track].declared.states[state.path].title, locale, plan, state.path)
        )
        for full, state in plan.states.items()
    ]


def _programmes(
    connection: Connection, publication: Publication, plan: ReleasePlan, locale: str
) -> list[ProgrammeDescription]:
    if not publication.programmes:
        return []
    stored = releases.list_programmes(connection, publication.journey)
    titles = {(programme.key, programme.version): programme.source["title"] for programme in stored}
    return [
        ProgrammeDescription(key, in_locale(titles[key, version], locale, plan.journey.locales))
        for key, version in publication.programmes
    ]


def _locale(plan: ReleasePlan, requested: str | None) -> str:
    return served_locale(requested or plan.journey.locales[0], plan.journey.locales)


def _text(titles: Titles, locale: str, plan: ReleasePlan, otherwise: str) -> str:
    return in_locale(titles, locale, plan.journey.locales) if titles else otherwise.replace("_", " ")
