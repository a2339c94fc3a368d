"""The target of each state of one release in another: by a mapping, by a rename, or by its name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from journeys.definition.compiler import ReleasePlan
from journeys.definition.reading.shape import Shape
from journeys.definition.reading.tree import MappingNode, Scalar, read_tree
from journeys.primitives.problems import Problem, did_you_mean

DROPPED = "dropped"
#: The target of a track that the new release gives up on purpose; every patient leaves it.

RULE = "mapping"


def targets(old: ReleasePlan, new: ReleasePlan, mapping: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """Return the target of every state (`track.path`) of a release in another.

    The mapping comes first: its entry for the state itself, else for the nearest state around it, or its track. The
    target is then the state of the same name inside the entry's target, or the entry's target itself. Second is
    `renamed` in the new definition, in the same manner; third the state of the same name.

    Args:
        old: the release that patients are in.
        new: the release that they are migrated to.
        mapping: full paths, or tracks, of the old release to those of the new one; or a track to `dropped`.

    Returns:
        The target by full path: a full path of the new release, `dropped`, or None.
    """
    renamed = {rename.old: rename.new for rename in new.journey.renamed}
    return {full: _target(full, new, mapping or {}, renamed) for full in old.states}


def leaf_targets(old: ReleasePlan, new: ReleasePlan, mapping: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """Return the target of every leaf of a release: a leaf, reached through `initial`; `dropped`; or None."""
    state_targets = targets(old, new, mapping)
    return {
        full: _leaf_of(new, state_targets[full])
        for track in old.tracks.values()
        for full in (f"{track.name}.{path}" for path in track.leaves)
    }


def map_of(old: ReleasePlan, new: ReleasePlan, mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the states that continue under another name, as the event of a migration carries them."""
    state_targets = targets(old, new, mapping)
    return {full: to for full, to in state_targets.items() if to is not None and to not in (DROPPED, full)}


@dataclass(frozen=True, slots=True)
class Inverse:
    """The mapping from the new release back to the old one, and the leaves that it cannot map.

    `lost` are leaves of the new release, each with its old leaves: several, or none. `merged` are leaves of the new
    release that keep their name, each with the old leaves merged into it; all their patients go back to that name.
    """

    mapping: Mapping[str, str]
    lost: Mapping[str, tuple[str, ...]]
    merged: Mapping[str, tuple[str, ...]]


def inverse_of(old: ReleasePlan, new: ReleasePlan, mapping: Mapping[str, str] | None = None) -> Inverse:
    """Return the mapping back from `new` to `old` that reverses this mapping."""
    leaves = leaf_targets(old, new, mapping)
    state_targets = targets(old, new, mapping)
    mapping_back: dict[str, str] = {}
    lost: dict[str, tuple[str, ...]] = {}
    merged: dict[str, tuple[str, ...]] = {}
    for track in new.tracks.values():
        for path, state in track.states.items():
            full = state.full
            is_leaf = path in track.leaves
            came = tuple(source for source, to in (leaves if is_leaf else state_targets).items() if to == full)
            if full in old.states and (full in came or not came):
                # The state keeps its name; if it was not a leaf before, its `initial` states follow.
                if is_leaf and len(came) > 1:
                    merged[full] = tuple(source for source in came if source != full)
            elif len(came) == 1:
                mapping_back[full] = came[0]
            elif is_leaf:
                lost[full] = came
    return Inverse(mapping_back, lost, merged)


def read_mapping(
    data: bytes, file: str, olds: Iterable[ReleasePlan], new: ReleasePlan
) -> tuple[dict[str, str], list[Problem]]:
    """Return the mapping in a file of lines `old.state: new.state`, and its problems.

    Args:
        data: the bytes of the file.
        file: its name, for the problems.
        olds: the releases that patients are in; each name on the left is a state of theirs.
        new: the release that they are migrated to.
    """
    tree, problems = read_tree(data, file)
    if tree is None:
        return {}, problems
    shape = Shape(file, RULE)
    olds = list(olds)
    sources = {full for old in olds for full in (*old.states, *old.tracks)}
    mapping: dict[str, str] = {}
    if not isinstance(tree, MappingNode):
        shape.problem(tree.mark, "A mapping must be keys and values: an old state, a colon, a new state.")
        return {}, [*problems, *shape.problems]
    for key, value in tree.entries:
        target = value.text if isinstance(value, Scalar) else ""
        if key.text not in sources:
            hint = did_you_mean(key.text, sources)
            shape.problem(
                key.mark,
                f"Unknown state '{key.text[:80]}' of an earlier release. Write the full path with its track.{hint}",
            )
        elif not isinstance(value, Scalar) or not _takes(key.text, target, new):
            shape.problem(value.mark, _refusal(key.text, target, new))
        else:
            mapping[key.text] = target
    return mapping, [*problems, *shape.problems]


def _takes(old: str, target: str, new: ReleasePlan) -> bool:
    if "." not in old:
        return target in new.tracks or target in new.states or (target == DROPPED and old not in new.tracks)
    return target in new.states


def _refusal(old: str, target: str, new: ReleasePlan) -> str:
    if target == DROPPED:
        if "." in old:
            return f"Only a track can be dropped; '{old}' needs a state of the new release."
        return f"The track '{old}' is in the new release too, so it cannot be dropped."
    hint = did_you_mean(target, new.states)
    return f"Unknown state '{target[:80]}' of the new release. Write the full path with its track.{hint}"


def _target(full: str, new: ReleasePlan, mapping: Mapping[str, str], renamed: Mapping[str, str]) -> str | None:
    around = list(_outwards(full))
    for path in around:
        if path in mapping:
            target = mapping[path]
            inside = target + full.removeprefix(path)
            if target == DROPPED or inside in new.states:
                return target if target == DROPPED else inside
            return target if target in new.states else None
    for path in around:
        if path in renamed and (inside := renamed[path] + full.removeprefix(path)) in new.states:
            return inside
    return full if full in new.states else None


def _outwards(full: str) -> Iterable[str]:
    """Return a state, the states around it, and its track, innermost first."""
    while full:
        yield full
        full = full.rpartition(".")[0]


def _leaf_of(new: ReleasePlan, target: str | None) -> str | None:
    if target is None or target == DROPPED:
        return target
    track, _, path = target.partition(".")
    return new.tracks[track].chain(path)[-1].full
