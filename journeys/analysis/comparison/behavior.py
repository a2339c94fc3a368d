"""The behavior of a release in its states, as values that are equal if two releases behave alike; it folds nothing."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Hold
from journeys.primitives.state_path import track_of


def timers_of(
    plan: ReleasePlan, names_of: Callable[[str], Sequence[str]], known: Container[str] = ()
) -> dict[tuple[str, str], str]:
    """By state and name of each timer its action in the words of the new release, unique within its state.

    Args:
        plan: the release that declares the timers.
        names_of: the names of a state in the new release: several where it has targets in several tracks.
        known: the actions of the new release; of several names of a state, the first with such an action is used.
    """
    names: dict[tuple[str, str], str] = {}
    taken: dict[str, int] = {}
    for full, state in plan.states.items():
        track = plan.journey.tracks[state.track]
        for timer in state.timers:
            actions: list[str] = []
            for state_name in names_of(full):
                if timer.to is not None:
                    to = f"{state.track}.{track.resolve(timer.to, state.path)}"
                    names_of_target = names_of(to)
                    beside = (name for name in names_of_target if track_of(name) == track_of(state_name))
                    seen = next(beside, names_of_target[0])
                    # A state that is merged into another is not the same state.
                    does = f"to {to if seen in plan.states else seen}"
                elif timer.remind is not None:
                    does = f"remind {timer.remind}"
                else:
                    does = f"task {timer.task and timer.task.title}"
                actions.append(f"{state_name}: {does}" + (f" from {timer.start}" if timer.start else ""))
            name = next((action for action in actions if action in known), actions[0])
            number = taken[name] = taken.get(name, 0) + 1
            names[full, timer.name] = name if number == 1 else f"{name} ({number})"
    return names


def meaning_of(plan: ReleasePlan, full: str) -> object:
    """The consequences of staying in a state: its timers and their conditions, its tasks, its hold."""
    state = plan.states[full]
    track = plan.journey.tracks[state.track]
    conditions = {name: text.text for name, text in plan.journey.conditions.items()}
    timers = [
        (
            *(timer.name, timer.delay, timer.start, timer.remind, ready.task),
            track.resolve(timer.to, state.path) if timer.to is not None else None,
            (timer.when.text, conditions) if timer.when is not None else None,
        )
        for timer, ready in zip(track.states[state.path].after, state.timers, strict=True)
    ]
    return timers, state.task, _hold(state.hold)


def behavior_of(plan: ReleasePlan, full: str) -> object:
    """The possible events in a state and on entering it, without its timers and tasks (see `meaning_of`)."""
    state = plan.states[full]
    track = plan.tracks[state.track]
    handlers = {
        trigger: [
            (
                *(
                    candidate.condition and candidate.condition.text,
                    candidate.otherwise,
                    candidate.order,
                    candidate.keeps,
                    candidate.depth,
                ),
                candidate.enters and [entered.path for entered in candidate.enters],
            )
            for candidate in candidates
        ]
        for (path, trigger), candidates in track.handlers.items()
        if path == state.path
    }
    return handlers, state.forget, state.tags, state.closing, [around.path for around in track.chain(state.path)]


def release_wide(plan: ReleasePlan) -> object:
    """The parts of a release, besides its states, that a fold reads."""
    return (
        *(plan.facts, plan.awaited, plan.resets, plan.ranks, plan.ends, plan.heard, plan.tellings, held_facts_of(plan)),
        {name: text.text for name, text in plan.journey.conditions.items()},
        [(track.name, track.index, [state.path for state in track.initial]) for track in plan.tracks.values()],
    )


def held_facts_of(plan: ReleasePlan) -> object:
    """The hold of each held fact."""
    return {name: _hold(hold) for name, hold in plan.held_facts.items()}


def _hold(hold: Hold | None) -> object:
    return hold and (hold.trigger, hold.within, hold.assignee)
