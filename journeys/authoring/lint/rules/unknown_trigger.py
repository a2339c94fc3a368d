"""Every trigger that a state reacts to is declared, or is `entered.<track>.<state>` of another track.

The rule checks the keys of `on`, the `closed_by` of tasks, and `hold_until`. An `ends` trigger needs no `on`: it ends
the journey from every state. `closed_by` also accepts `answered`, the event of every journey that brings answers; no
state declares it in `on`, because it moves nothing.

Wrong: `on: {scan_finished: …}` where the trigger is `scan_done`. Right: `on: {scan_done: …}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import ANSWERED, BUILT_IN, RAISED, Hold, Text
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.state_path import track_of

ID = "unknown-trigger"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each unknown trigger."""
    journey = subject.journey
    for track, state, transition in subject.transitions():
        message = _wrong_trigger(subject, track.name, transition.trigger)
        if message:
            yield subject.problem(transition.at("trigger"), f"{message} (In 'on' of '{state.path}'.)")
    for text, where in _closing(subject):
        if text.text not in journey.triggers and text.text != ANSWERED:
            hint = did_you_mean(text.text, (*journey.triggers, ANSWERED))
            yield subject.problem(text.mark, f"Unknown trigger '{text.text}' in 'closed_by' of {where}.{hint}")
    for hold, where in _holds(subject):
        if hold.trigger not in journey.triggers:
            hint = did_you_mean(hold.trigger, journey.triggers)
            yield subject.problem(hold.mark, f"Unknown trigger '{hold.trigger}' in 'hold_until' of {where}.{hint}")


def _wrong_trigger(subject: LintSubject, track: str, trigger: str) -> str:
    journey = subject.journey
    if trigger in journey.ends and trigger not in journey.triggers:
        return f"'{trigger}' ends the journey from every state; remove it from 'on'."
    if trigger in BUILT_IN and trigger not in journey.triggers:
        return f"'{trigger}' may be reported everywhere and moves nothing; remove it from 'on'."
    if not trigger.startswith(RAISED):
        return "" if trigger in journey.triggers else f"Unknown trigger '{trigger}'.{_hint(subject, trigger)}"
    full = trigger.removeprefix(RAISED)
    if full not in journey.state_paths:
        hint = did_you_mean(full, journey.state_paths)
        return f"Unknown state '{full}' in '{trigger}'. Write entered.<track>.<state>.{hint}"
    if track_of(full) == track:
        return f"'{trigger}' names a state of its own track; only other tracks react to an entry."
    return ""


def _hint(subject: LintSubject, trigger: str) -> str:
    return did_you_mean(trigger, subject.journey.triggers) or " Declare it under 'triggers'."


def _closing(subject: LintSubject) -> Iterator[tuple[Text, str]]:
    for _, state in subject.states():
        tasks = [state.task, *(timer.task for timer in state.after)]
        for task in tasks:
            if task is not None:
                yield from ((text, f"'{state.path}'") for text in task.closed_by)


def _holds(subject: LintSubject) -> Iterator[tuple[Hold, str]]:
    for _, state in subject.states():
        if state.hold is not None:
            yield state.hold, f"'{state.path}'"
    for fact in subject.journey.facts.values():
        if fact.hold is not None:
            yield fact.hold, f"'{fact.name}'"
