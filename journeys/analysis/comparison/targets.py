"""The targets of each state of one release in another: by a mapping, by a rename, or by its name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from journeys.definition.compiler import ReleasePlan
from journeys.definition.reading.nodes import MappingNode, Scalar, Sequence
from journeys.definition.reading.shape import Shape
from journeys.definition.reading.tree import read_tree
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.state_path import StateMap, problem_of_targets, targets_in, track_of

DROPPED = "dropped"
#: The target of a track that the new release gives up on purpose; every patient leaves it.

RULE = "mapping"


def targets(old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None = None) -> dict[str, str | None]:
    """Return the target of every state (`track.path`) of a release in another.

    Of several targets it is the state's own: that in its own track, else the first (`further_targets` has the others).

    The mapping comes first: its entry for the state itself, else for the nearest state around it, or its track. The
    target is then the state of the same name inside the entry's target, or the entry's target itself. Second is
    `renamed` in the new definition, in the same manner; third the state of the same name.

    Args:
        old: the release that patients are in.
        new: the release that they are migrated to.
        mapping: full paths, or tracks, of the old release to those of the new one; a state to a list of states of
            several tracks; or a track to `dropped`.

    Returns:
        The target by full path: a full path of the new release, `dropped`, or None.
    """
    return {full: next(iter(states), None) for full, states in _all_targets(old, new, mapping).items()}


def further_targets(old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None = None) -> dict[str, tuple[str, ...]]:
    """Return the other targets of each state that has several, full paths in other tracks, by full path."""
    return {full: states[1:] for full, states in _all_targets(old, new, mapping).items() if len(states) > 1}


def leaf_targets(old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None = None) -> dict[str, str | None]:
    """Return the target of every leaf of a release: a leaf, reached through `initial`; `dropped`; or None."""
    state_targets = targets(old, new, mapping)
    return {
        full: _leaf_of(new, state_targets[full])
        for track in old.tracks.values()
        for full in (f"{track.name}.{path}" for path in track.leaves)
    }


def further_leaf_targets(
    old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the other targets of each leaf that has several: leaves, reached through `initial`."""
    leaves = {f"{track.name}.{path}" for track in old.tracks.values() for path in track.leaves}
    further = further_targets(old, new, mapping)
    return {full: tuple(_leaf_at(new, state) for state in further[full]) for full in further if full in leaves}


def map_of(old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None = None) -> dict[str, str | list[str]]:
    """Return the states with another name or several targets, as the event of a migration carries them."""
    return {
        full: states[0] if len(states) == 1 else list(states)
        for full, states in _all_targets(old, new, mapping).items()
        if states and states not in ((DROPPED,), (full,))
    }


@dataclass(frozen=True, slots=True)
class Inverse:
    """The mapping from the new release back to the old one, and the leaves that it cannot map.

    `lost` are leaves of the new release, each with its old leaves: several, or none. `merged` are leaves of the new
    release that keep their name, each with the old leaves merged into it; all their patients go back to that name. A
    leaf that was only a further target is lost too: its patients go back by their own target.
    """

    mapping: Mapping[str, str]
    lost: Mapping[str, tuple[str, ...]]
    merged: Mapping[str, tuple[str, ...]]


def inverse_of(old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None = None) -> Inverse:
    """Return the mapping back from `new` to `old` that reverses this mapping."""
    leaves = leaf_targets(old, new, mapping)
    further = further_leaf_targets(old, new, mapping)
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
                lost[full] = came or tuple(source for source, states in further.items() if full in states)
    return Inverse(mapping_back, lost, merged)


def read_mapping(
    data: bytes, file: str, olds: Iterable[ReleasePlan], new: ReleasePlan
) -> tuple[dict[str, str | list[str]], list[Problem]]:
    """Return the mapping in a file of lines `old.state: new.state`, or a list of new states, and its problems.

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
    mapping: dict[str, str | list[str]] = {}
    if not isinstance(tree, MappingNode):
        shape.problem(tree.mark, "A mapping must be keys and values: an old state, a colon, a new state.")
        return {}, [*problems, *shape.problems]
    for key, value in tree.entries:
        if key.text not in sources:
            hint = did_you_mean(key.text, sources)
            shape.problem(
                key.mark,
                f"Unknown state '{key.text[:80]}' of an earlier release. Write the full path with its track.{hint}",
            )
        elif isinstance(value, Sequence):
            listed = _read_list(shape, key.text, value, new)
            if listed:
                mapping[key.text] = listed
        else:
            target = value.text if isinstance(value, Scalar) else ""
            if _takes(key.text, target, new):
                mapping[key.text] = target
            else:
                shape.problem(value.mark, _refusal(key.text, target, new))
    return mapping, [*problems, *shape.problems]


def _read_list(shape: Shape, old: str, node: Sequence, new: ReleasePlan) -> list[str] | None:
    """Return the targets in a list, or None where one is wrong: then the shape has a problem for it."""
    if "." not in old:
        shape.problem(node.mark, f"Only a state can go to several states; '{old}' is a track. Map its states.")
        return None
    states = [state.text for state in shape.texts(node, f"A target of '{old}'")]
    if len(states) < len(node.items):
        return None
    problem = problem_of_targets(states, new.states)
    if problem is None:
        return states
    wrong = next((item for item in node.items if isinstance(item, Scalar) and item.text not in new.states), None)
    if wrong is None:
        shape.problem(node.mark, problem)
    else:
        shape.problem(wrong.mark, _refusal(old, wrong.text, new))
    return None


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


def _all_targets(old: ReleasePlan, new: ReleasePlan, mapping: StateMap | None) -> dict[str, tuple[str, ...]]:
    """Return the targets of every state, at most one a track, that in its own track first."""
    renamed: dict[str, list[str]] = {}
    for rename in new.journey.renamed:
        renamed.setdefault(rename.old, []).append(rename.new)
    return {
        full: tuple(sorted(_targets(full, new, mapping or {}, renamed), key=lambda to: track_of(to) != track_of(full)))
        for full in old.states
    }


def _targets(full: str, new: ReleasePlan, mapping: StateMap, renamed: StateMap) -> list[str]:
    around = list(_outwards(full))
    for path in around:
        if path in mapping:
            rest = full.removeprefix(path)
            named = targets_in(mapping, path)
            if named == [DROPPED]:
                return named
            inside = [state + rest if state + rest in new.states else state for state in named]
            return _one_a_track(state for state in inside if state in new.states)
    for path in around:
        inside = [state + full.removeprefix(path) for state in targets_in(renamed, path)]
        if states := _one_a_track(state for state in inside if state in new.states):
            return states
    return [full] if full in new.states else []


def _one_a_track(states: Iterable[str]) -> list[str]:
    by_track: dict[str, str] = {}
    for state in states:
        by_track.setdefault(track_of(state), state)
    return list(by_track.values())


def _outwards(full: str) -> Iterable[str]:
    """Return a state, the states around it, and its track, innermost first."""
    while full:
        yield full
        full = full.rpartition(".")[0]


def _leaf_of(new: ReleasePlan, target: str | None) -> str | None:
    return target if target is None or target == DROPPED else _leaf_at(new, target)


def _leaf_at(plan: ReleasePlan, full: str) -> str:
    """Return the leaf that a state (a full path) leads to through `initial`."""
    track, _, path = full.partition(".")
    return plan.tracks[track].chain(path)[-1].full
