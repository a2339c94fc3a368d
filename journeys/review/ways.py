"""Finds, for each piece, a short dated path at whose end the piece is shown; the engine has confirmed the path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from journeys.analysis.paths import Path, cover, find, replay
from journeys.content.catalogue import Catalogue, Piece, consider
from journeys.content.rendering.locales import date_text
from journeys.definition.facts import DECLINED, Value
from journeys.definition.graph import graph_of
from journeys.definition.model import TOPIC_ASKED
from journeys.engine import State
from journeys.engine.machine import Release
from journeys.review.naming import Naming

LIMIT = 2_000
#: The number of configurations to search for a piece that no path of the cover shows.


def ways_to(release: Release, catalogue: Catalogue) -> dict[str, Path]:
    """For each piece a path whose end shows it (or, for a reminder, sends it); pieces without a path are left out.

    The paths that cover all states are tried first, the shortest of them first; then the piece is searched for.
    """
    graph = graph_of(release.plan)
    covering = sorted(cover(release, "states").paths, key=lambda path: (len(path.events), path.until))
    ends = [(path, replay(release, graph, path).state) for path in covering]
    paths: dict[str, Path] = {}
    for key, piece in catalogue.pages.items():
        path = next((path for path, state in ends if _is_shown(release, piece, state)), None)
        path = path or _looked_for(release, piece)
        if path is not None:
            paths[key] = path
    return paths


def way_in_words(path: Path, naming: Naming) -> str:
    """A path on one line: the entry of the patient, the reported events and facts, and the end."""
    return " → ".join(_steps_in_words(path, naming))


def _is_shown(release: Release, piece: Piece, state: State) -> bool:
    """Whether the piece is shown in a state to a patient who asked for its topic and finishes the survey behind it."""
    asked = replace(state, topics={piece.topic: TOPIC_ASKED}) if piece.topic is not None else state
    reason = consider(release.plan, piece, asked, state.folded_to, as_reminder=piece.is_reminder)
    return reason.is_shown or reason.cause == "thanks"


def _looked_for(release: Release, piece: Piece) -> Path | None:
    asks = [piece.when.node] if piece.when is not None else []
    return find(release, lambda state: _is_shown(release, piece, state), name=piece.key, limit=LIMIT, asks=asks)


def _steps_in_words(path: Path, naming: Naming) -> Iterator[str]:
    entries = naming.plan.journey.entries
    title = naming.title(entries[path.entry].title, path.entry) if path.entry is not None else ""
    joins = naming.label("way_joins_at", entry=naming.quoted(title)) if title else naming.label("way_joins")
    yield f"{_day(path.began, naming)}: {joins}{_facts_in_words(path.facts, naming)}"
    for event in path.events:
        yield f"{_day(event.at, naming)}: {naming.trigger(event.type)}{_facts_in_words(event.facts, naming)}"
    last = path.events[-1].at if path.events else path.began
    if path.until.date() > last.date():
        yield naming.label("way_until", day=_day(path.until, naming))


def _facts_in_words(facts: Mapping[str, Value], naming: Naming) -> str:
    answered_facts = [(name, value) for name, value in facts.items() if value is not DECLINED]
    sentences = [f"{naming.fact(name)}: {naming.value_text(name, value)}" for name, value in answered_facts]
    return f" ({'; '.join(sentences)})" if sentences else ""


def _day(at: datetime, naming: Naming) -> str:
    return date_text(at.date().isoformat(), naming.locale)
