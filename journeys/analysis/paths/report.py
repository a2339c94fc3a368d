"""Writes counts and covers as lines of text, and as plain JSON values for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from journeys.analysis.paths.counting import Counts
from journeys.analysis.paths.covering import Cover
from journeys.analysis.paths.path import Path
from journeys.analysis.paths.replay import is_day, wire
from journeys.definition.graph import Edge
from journeys.primitives.canonical import time_text


def counts_as_json(numbers: Counts) -> dict[str, Any]:
    """The numbers as JSON values; large numbers are not rounded."""
    return {
        "states": numbers.states,
        "leaves": numbers.leaves,
        "transitions": numbers.transitions,
        "pairs": numbers.pairs,
        "paths": numbers.paths,
        "tracks": {
            track.name: {
                "states": track.states,
                "leaves": track.leaves,
                "transitions": track.transitions,
                "pairs": track.pairs,
                "paths": dict(track.paths),
                "loops": [list(loop) for loop in track.loops],
            }
            for track in numbers.tracks
        },
    }


def path_as_json(path: Path) -> dict[str, Any]:
    """One path as JSON values."""
    return {
        "name": path.name,
        "entry": path.entry,
        "began": time_text(path.began, is_day(path.began)),
        "facts": wire(path.facts),
        "events": [
            {
                "at": time_text(event.at, is_day(event.at)),
                "type": event.type,
                "by": event.by,
                "facts": wire(event.facts),
                "told": event.told,
            }
            for event in path.events
        ],
        "until": time_text(path.until, is_day(path.until)),
        "states": list(path.states),
        "transitions": [
            {"at": time_text(at, is_day(at)), **edge_as_json(edge)}
            for edge, at in zip(path.edges, path.times, strict=True)
        ],
    }


def edge_as_json(edge: Edge) -> dict[str, Any]:
    """One transition as JSON values: `from` is the state that declares it, `on` the trigger or the timer's name."""
    return {
        "track": edge.track,
        "from": edge.source,
        "on": edge.on,
        "to": edge.target,
        "when": "otherwise" if edge.otherwise else edge.condition.text if edge.condition is not None else None,
        "kind": edge.kind,
    }


def cover_as_json(numbers: Counts, covered: Cover) -> dict[str, Any]:
    """The numbers and a cover as JSON values."""
    return {
        "counts": counts_as_json(numbers),
        "cover": covered.aim,
        "paths": [path_as_json(path) for path in covered.paths],
        "impossible": [{"goal": impossible.goal, "why": impossible.why} for impossible in covered.impossible],
        "unfound": list(covered.unfound),
    }


def cover_as_text(numbers: Counts, covered: Cover) -> Iterator[str]:
    """The numbers and a cover as lines."""
    yield from counts_as_text(numbers)
    for number, path in enumerate(covered.paths, start=1):
        yield ""
        yield f"{number}  {path.name}"
        yield from _path_lines(path, len(numbers.tracks))
    if covered.impossible:
        yield ""
        yield f"Impossible: {len(covered.impossible)}"
        for impossible in covered.impossible:
            yield f"  {impossible.goal}"
            yield f"    {impossible.why}"
    if covered.unfound:
        yield ""
        yield f"Neither found nor proven impossible: {len(covered.unfound)}"
        yield from (f"  {goal}" for goal in covered.unfound)
    yield ""
    yield (
        f"{len(covered.paths)} paths cover the {covered.aim}; {len(covered.impossible)} are impossible, "
        f"{len(covered.unfound)} not found."
    )


def counts_as_text(numbers: Counts) -> Iterator[str]:
    """The numbers as lines, the loops by their states."""
    yield (
        f"{numbers.states} states ({numbers.leaves} without others inside), {numbers.transitions} transitions, "
        f"{numbers.pairs} pairs of transitions, {numbers.paths} structural paths"
    )
    for track in numbers.tracks:
        yield f"  {track.name}: {track.states} states, {track.transitions} transitions, {track.pairs} pairs"
        for leaf, number in track.paths.items():
            yield f"    {number} from {leaf}"
        for loop in track.loops:
            yield f"    loop: {', '.join(loop)}"


def _path_lines(path: Path, tracks: int) -> Iterator[str]:
    joined = f"joins: {path.entry}" if path.entry is not None else "joins"
    yield f"  {_when(path.began)}  {joined}{_facts(wire(path.facts))}  [{', '.join(path.states[:tracks])}]"
    moves: dict[datetime, list[str]] = {}
    for edge, at in zip(path.edges, path.times, strict=True):
        to = edge.leads_to if edge.target is not None else "the end"
        moves.setdefault(at, []).append(f"{edge.on}: {to}" if edge.kind == "timer" else to)
    events = {event.at: event for event in path.events}
    for at in sorted(moves.keys() | events.keys()):
        event = events.get(at)
        cause = f"{event.type} (by {event.by}){_facts(wire(event.facts))}" if event is not None else "time passes"
        led = f"  -> {', '.join(dict.fromkeys(moves[at]))}" if at in moves else ""
        yield f"  {_when(at)}  {cause}{led}"


def _when(at: datetime) -> str:
    return time_text(at, is_day(at))


def _facts(facts: dict[str, object]) -> str:
    return "".join(f", {name} {_value(value)}" for name, value in facts.items())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "declined"
    return "/".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
