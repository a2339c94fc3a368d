"""Lines of history as their readers get them: everything for staff, what concerns them for patients. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.compiler import ReleasePlan
from service.store.log import Recorded
from service.use_cases.views import title_of, trigger_title

_OF_PATIENTS = {
    "event": "event",
    "timer": "time",
    "retracted": "taken_back",
    "revised": "put_right",
    "undone": "undone",
}


def line_for_staff(line: Recorded) -> dict[str, Any]:
    """A line as it is stored."""
    return {"revision": line.revision, "kind": line.kind, "at": line.at, "item": line.item, "data": dict(line.data)}


def line_for_patient(line: Recorded, plan: ReleasePlan, locale: str) -> dict[str, Any] | None:
    """A line in words a patient may read, or None where it is none of theirs (tasks, timers that did nothing)."""
    if line.kind == "effect":
        return _reminder(line)
    kind = _OF_PATIENTS.get(line.kind)
    moves = [_move(move, plan, locale) for move in line.data.get("transitions", ())]
    if kind is None or (line.kind == "timer" and not moves):
        return None
    item: dict[str, Any] = {"kind": kind, "at": line.at, "transitions": moves}
    if line.kind == "event":
        item |= {"event": line.item, "type": line.data["type"], "outcome": line.data["outcome"]}
        item["title"] = trigger_title(plan, str(line.data["type"]), locale)
    elif "event" in line.data:
        item["event"] = line.item
    return item


def _reminder(line: Recorded) -> dict[str, Any] | None:
    if line.data.get("kind") != "reminder" or line.data.get("action") not in ("open", "reopen"):
        return None
    return {"kind": "reminder", "at": line.at, "piece": line.data["piece"], "transitions": []}


def _move(move: Mapping[str, Any], plan: ReleasePlan, locale: str) -> dict[str, Any]:
    track = str(move["track"])
    return {
        "track": track,
        "from": move["from"],
        "to": move["to"],
        "title": title_of(plan, track, str(move["to"]), locale) if move["to"] else None,
    }
