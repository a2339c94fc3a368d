"""Writes a path as a story, the YAML that `journeys test` plays; it plays nothing itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from journeys.analysis.paths.path import Path, PathEvent
from journeys.analysis.paths.replay import is_day
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import DECLINED, Value
from journeys.primitives.canonical import time_text

_PLAIN = re.compile(r"[A-Za-z_](?:[\w./-]| (?=\w))*", re.ASCII)
_NOT_PLAIN = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"})


def to_story(path: Path, plan: ReleasePlan) -> str:
    """The path as a story in YAML: the reported events by day, each with the states of every track after it."""
    begun = len(plan.tracks)
    now = dict(state.split(".", 1) for state in path.states[:begun])
    lines = [
        f"story: {_text(path.name)}",
        f"journey: {plan.journey.key}",
        "patient: path-1",
        f"locale: {plan.journey.locales[0]}",
        "steps:",
        f"  - on: {_time(path.began)}",
        f"    enroll: {_enroll(path)}",
    ]
    events = {event.at: event for event in path.events}
    targets = iter(path.states[begun:])
    moves: dict[datetime, list[tuple[str, str | None]]] = {}
    for edge, at in zip(path.edges, path.times, strict=True):
        moves.setdefault(at, []).append((edge.track, next(targets).split(".", 1)[1] if edge.target else None))
    times = sorted({*events, *moves, path.until} - {path.began})
    for at in [path.began, *times]:
        ended = False
        for track, leaf in moves.get(at, ()):
            if leaf is None:
                ended = True
            else:
                now[track] = leaf
        if at != path.began:
            lines.append(f"  - on: {_time(at)}")
        if at in events:
            lines += _report(events[at])
        lines.append("    expect:")
        lines.append(f"      state: {_flow(now)}")
        if ended:
            lines.append(f"      ended: {_text(events[at].type)}")
    return "\n".join(lines) + "\n"


def _enroll(path: Path) -> str:
    items = [f"entry: {_text(path.entry)}"] if path.entry is not None else []
    items += [f"facts: {_flow(_facts(path.facts))}"] if path.facts else []
    return "{" + ", ".join(items) + "}"


def _report(event: PathEvent) -> Iterable[str]:
    yield f"    report: {_text(event.type)}"
    if event.by != "staff":
        yield f"    by: {event.by}"
    if event.facts:
        yield f"    facts: {_flow(_facts(event.facts))}"
    if event.told:
        yield "    told: true"


def _facts(facts: Mapping[str, Value]) -> dict[str, str | list[str]]:
    return {name: _fact(value) for name, value in sorted(facts.items())}


def _fact(value: Value) -> str | list[str]:
    if value is DECLINED:
        return "declined"
    if isinstance(value, list):
        return value
    return json.dumps(value) if isinstance(value, bool | int) else str(value)


def _flow(items: Mapping[str, str | list[str]]) -> str:
    def item_text(value: str | list[str]) -> str:
        return "[" + ", ".join(map(_text, value)) + "]" if isinstance(value, list) else _text(value)

    return "{" + ", ".join(f"{key}: {item_text(value)}" for key, value in items.items()) + "}"


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
        return text
    return json.dumps(text, ensure_ascii=False)


def _time(at: datetime) -> str:
    return time_text(at, is_day(at))
