"""Paths of states: within a track (`treatment.surgery`) and with it (`disease.treatment.surgery`)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

StateMap = Mapping[str, str | Sequence[str]]
#: By the full path of a state of one release, its target in another, or its targets in several tracks.


@dataclass(frozen=True, slots=True, order=True)
class StatePath:
    """A state named by its track and its path in the track; `str()` gives the full path.

    `path` is empty where the track alone is meant.
    """

    track: str
    path: str

    @classmethod
    def parse(cls, full: str) -> StatePath:
        """The state that a full path such as `disease.treatment.surgery` names."""
        track, _, path = full.partition(".")
        return cls(track, path)

    def __str__(self) -> str:
        return f"{self.track}.{self.path}" if self.path else self.track

    @property
    def name(self) -> str:
        """The last part, the state's own name."""
        return name_of(self.path)

    @property
    def parent(self) -> StatePath | None:
        """The state around this one, or None at the top of the track."""
        parent = parent_of(self.path)
        return StatePath(self.track, parent) if parent is not None else None

    def is_within(self, state: StatePath) -> bool:
        """Whether this is `state` or one of its descendants."""
        return self.track == state.track and is_within(self.path, state.path)


def track_of(full: str) -> str:
    """The track of a full path."""
    return full.partition(".")[0]


def targets_in(state_map: StateMap, full: str) -> list[str]:
    """The targets that a map names for a state, in order; empty where it does not name the state."""
    listed = state_map.get(full, ())
    return [listed] if isinstance(listed, str) else list(listed)


def problem_of_targets(targets: Iterable[str], states: Container[str]) -> str | None:
    """The first reason why a list of targets is refused, in a sentence, or None; `states` are those of the new release.

    A list names states of the new release (full paths), at most one in each track.
    """
    by_track: dict[str, str] = {}
    for full in targets:
        if full not in states:
            return f"Unknown state '{full[:80]}' of the new release. Write the full path with its track."
        track = track_of(full)
        if track in by_track:
            return f"'{by_track[track]}' and '{full}' are both in the track '{track}'; a list takes one state a track."
        by_track[track] = full
    return None if by_track else "The list is empty. Name at least one state of the new release."


def name_of(path: str) -> str:
    """The last part of a path."""
    return path.rpartition(".")[2]


def parent_of(path: str) -> str | None:
    """The path of the state around, or None at the top of a track."""
    return path.rpartition(".")[0] or None


def depth_of(path: str) -> int:
    """How many states a path names: 1 at the top of a track."""
    return path.count(".") + 1


def chain_of(path: str) -> tuple[str, ...]:
    """The paths from the outermost state to the state itself: `a`, `a.b`, `a.b.c`."""
    parts = path.split(".")
    return tuple(".".join(parts[:count]) for count in range(1, len(parts) + 1))


def is_within(path: str, state: str) -> bool:
    """Whether a path is `state` or one of its descendants; both full, or both of one track."""
    return path == state or path.startswith(f"{state}.")
