"""Digests of the exact bytes that are signed, and a release without the words that nobody signed. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from journeys.content.catalogue import Piece, PieceSource
from journeys.content.catalogue.sources import SHARED
from journeys.content.templates import Branch, OfProgramme
from journeys.content.templates import walk as walk_template
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled
from journeys.definition.conditions.nodes import Named
from journeys.definition.conditions.nodes import walk as walk_condition
from journeys.definition.model import Titles, Track
from journeys.definition.programmes import references_in
from journeys.primitives.canonical import canonical

_TEXT_PARTS = re.compile(rb"text_parts: *[0-9]+ *\r?")


def digest_of(piece: Piece, source: PieceSource, locale: str, plan: ReleasePlan) -> str:
    """SHA-256 (hexadecimal) of a piece that was already read, in one locale.

    The digest covers its files, partials and pictures byte for byte, the types of the facts and values that it reads,
    the conditions that it names, and the locale. Only the line `text_parts` is left out: patients do not read it.
    """
    text = piece.texts[locale]
    conditions = list(_conditions(piece, locale))
    facts = {*text.body.facts, *(fact for condition in conditions for fact in condition.facts)}
    named_conditions = {
        node.name for condition in conditions for node in walk_condition(condition.node) if isinstance(node, Named)
    }
    of_programme = {node.name for node in walk_template(text.body.body) if isinstance(node, OfProgramme)}
    of_programme.update(name for line in text.lines.values() for name in references_in(line))
    if piece.action is not None and piece.action.kind == "call":
        of_programme.add(piece.action.target)
    name = f"{locale}.md"
    files = {file: source.files[file] for file in (SHARED, name) if file in source.files}
    if text.text_parts != 1:
        line = source.line_without_block(name, text.places["text_parts"].line)
        files[name] = _without_text_parts(files[name], line - 1)
    declared = plan.journey.programme
    manifest = {
        "piece": [plan.journey.key, source.place, source.key, locale],
        "files": _digests(files),
        "partials": _digests(source.partials_of(locale)),
        "pictures": _digests(source.pictures),
        "facts": {name: _type_of(plan, name) for name in sorted(facts)},
        "conditions": {name: plan.journey.conditions[name].text for name in sorted(named_conditions)},
        "programme": {name: declared[name].kind for name in sorted(of_programme) if name in declared},
    }
    return hashlib.sha256(canonical(manifest)).hexdigest()


def digest_of_release(release: str, locale: str, programmes: Iterable[tuple[str, str]] = ()) -> str:
    """The digest of a structure by the id of its release, which is the SHA-256 of the definition."""
    manifest = {"structure": release, "locale": locale, "programmes": [list(programme) for programme in programmes]}
    return hashlib.sha256(canonical(manifest)).hexdigest()


def _without_text_parts(data: bytes, number: int) -> bytes:
    """The file of a text without the line, counted from 0, that says how many parts its text message may take."""
    lines = data.split(b"\n")
    if number < len(lines) and _TEXT_PARTS.fullmatch(lines[number]):
        del lines[number]
    return b"\n".join(lines)


def _conditions(piece: Piece, locale: str) -> Iterable[Compiled]:
    if piece.when is not None:
        yield piece.when
    for node in walk_template(piece.texts[locale].body.body):
        if isinstance(node, Branch):
            yield from (arm.condition for arm in node.arms)


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}


def _type_of(plan: ReleasePlan, fact: str) -> list[Any]:
    kind = plan.facts[fact]
    above = {value: sorted(ancestors) for value, ancestors in kind.ancestors.items()}
    return [kind.kind, list(kind.values), above, kind.minimum, kind.maximum, kind.max_length]


def without_words(plan: ReleasePlan) -> ReleasePlan:
    """The release with every title and label empty, in every locale, and without questions."""
    nothing = Titles(dict.fromkeys(plan.journey.locales, ""))
    journey = plan.journey
    silent = replace(
        journey,
        title=nothing,
        facts={
            name: replace(fact, title=nothing, labels=dict.fromkeys(fact.labels, nothing), ask=None)
            for name, fact in journey.facts.items()
        },
        group_asks={},
        triggers={name: replace(trigger, title=nothing) for name, trigger in journey.triggers.items()},
        ends={name: replace(end, title=nothing) for name, end in journey.ends.items()},
        entries={name: replace(entry, title=nothing) for name, entry in journey.entries.items()},
        contacts={name: replace(contact, title=nothing) for name, contact in journey.contacts.items()},
        topics=dict.fromkeys(journey.topics, nothing),
        tracks={name: _silent(track, nothing) for name, track in journey.tracks.items()},
    )
    tracks = {name: replace(track, declared=silent.tracks[name]) for name, track in plan.tracks.items()}
    return replace(plan, journey=silent, tracks=tracks)


def _silent(track: Track, nothing: Titles) -> Track:
    states = {path: replace(state, title=nothing) for path, state in track.states.items()}
    return replace(track, title=nothing, states=states)
