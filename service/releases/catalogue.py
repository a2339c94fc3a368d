"""Reading published journeys, and a release with its diagram."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from journeys.authoring.diagram import mermaid
from journeys.content.rendering import served_locale
from journeys.content.screen import in_locale
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Titles
from journeys.primitives.canonical import time_text
from journeys.primitives.errors import Refused
from service.enrollments.enroll import open_publication
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import approvals, releases
from service.publishing.store.releases import Publication


def list_journeys(service: Service, *, locale: str | None) -> list[dict[str, Any]]:
    """Return every journey that accepts patients now, with the release that new enrollments get."""
    headings = []
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
            headings.append(
                _heading(plan, locale)
                | {
                    "release": newest.release,
                    "number": stored.number,
                    "programmes": _programmes(connection, newest, plan, locale),
                }
            )
    return headings


def read_release(service: Service, journey: str, release: str, *, locale: str | None) -> dict[str, Any]:
    """One release of a journey: what it declares, and its diagram as Mermaid text.

    Raises:
        NotFound: the release is unknown, or its words are not approved in that language.
    """
    with service.database.reading() as connection:
        stored = releases.find_release(connection, release)
        if stored is None or stored.journey != journey:
            raise errors.NotFound
        found_release = service.library.releases(connection)[release]
        plan = found_release.plan
        at = _locale(plan, locale)
        in_force = approvals.in_force(connection, journey)
        revision = in_force.revision if in_force is not None else 0
        servable = service.library.servable_content(connection, found_release, revision, locale=at, now=service.clock())
        if servable.is_silent:
            raise errors.NotFound
    described = _heading(plan, locale)
    described |= {
        "id": stored.id,
        "journey": journey,
        "number": stored.number,
        "published_at": time_text(stored.published_at),
        "triggers": [
            {
                "type": trigger.name,
                "title": _text(trigger.title, at, plan, trigger.name),
                "by": sorted(trigger.by),
                "requires": [fact.text for fact in trigger.requires],
                "ends": trigger.name in plan.ends,
            }
            for trigger in (*plan.journey.triggers.values(), *plan.journey.ends.values())
        ],
        "facts": [
            {
                "name": fact.name,
                "title": _text(fact.title, at, plan, fact.name),
                "type": fact.kind.kind,
                "accepts": fact.kind.accepts(),
                "by": sorted(fact.by),
            }
            for fact in plan.journey.facts.values()
        ],
        "states": [
            {
                "state": full,
                "title": _text(plan.tracks[state.track].declared.states[state.path].title, at, plan, state.path),
            }
            for full, state in plan.states.items()
        ],
        "diagram": mermaid(plan.journey, locale=at),
    }
    del described["key"]
    return described


def _heading(plan: ReleasePlan, locale: str | None) -> dict[str, Any]:
    at = _locale(plan, locale)
    return {
        "key": plan.journey.key,
        "title": _text(plan.journey.title, at, plan, plan.journey.key),
        "locales": list(plan.journey.locales),
        "entries": [
            {
                "key": entry.name,
                "title": _text(entry.title, at, plan, entry.name),
                "asks": [fact.text for fact in entry.asks],
            }
            for entry in plan.journey.entries.values()
        ],
    }


def _programmes(
    connection: Connection, publication: Publication, plan: ReleasePlan, locale: str | None
) -> list[dict[str, str]]:
    if not publication.programmes:
        return []
    stored = releases.list_programmes(connection, publication.journey)
    titles = {(programme.key, programme.version): programme.source["title"] for programme in stored}
    at = _locale(plan, locale)
    return [
        {"key": key, "title": in_locale(titles[key, version], at, plan.journey.locales)}
        for key, version in publication.programmes
    ]


def _locale(plan: ReleasePlan, requested: str | None) -> str:
    return served_locale(requested or plan.journey.locales[0], plan.journey.locales)


def _text(titles: Titles, locale: str, plan: ReleasePlan, otherwise: str) -> str:
    return in_locale(titles, locale, plan.journey.locales) if titles else otherwise.replace("_", " ")
