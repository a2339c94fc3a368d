"""The differences between the programmes that are published with two releases of a journey. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.analysis.comparison.compare import ReleaseChange
from journeys.definition.programmes import Programme, Programmes, to_stored
from journeys.primitives.canonical import canonical


def compare_programmes(old: Programmes, new: Programmes) -> Iterator[ReleaseChange]:
    """Yield each programme that differs, with its limits of messages as they are stored where they differ."""
    for key in old.by_key:
        if key not in new.by_key:
            yield ReleaseChange("programme", "removed", key)
    for key, programme in new.by_key.items():
        if key not in old.by_key:
            yield ReleaseChange("programme", "added", key)
            continue
        was = old.by_key[key]
        if was.messages != programme.messages:
            yield ReleaseChange("programme", "changed", key, _limits(was), _limits(programme))
        elif to_stored(was).get("registration") != to_stored(programme).get("registration"):
            yield ReleaseChange("programme", "changed", key, note="its registration changed")
        elif to_stored(was) != to_stored(programme):
            yield ReleaseChange("programme", "changed", key, note="its title or its values changed")


def _limits(programme: Programme) -> str:
    limits = programme.messages.to_stored()
    return f"messages {canonical(limits).decode()}" if limits else "no limits of messages"
