"""The differences between two releases of a journey, in words and as plain values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from journeys.analysis.comparison.targets import DROPPED, further_targets, targets
from journeys.content.catalogue import NOUNS, Catalogue, Piece
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import FactType
from journeys.definition.model import STAY, Fact, Hold, StateDefinition, Task, Text, Timer, Track, Transition, Trigger
from journeys.primitives.state_path import StateMap

ChangeSubject = Literal[
    "track", "state", "transition", "timer", "fact", "trigger", "entry", "condition", "piece", "programme"
]
Kind = Literal["added", "removed", "renamed", "changed", "narrowed"]
_SOME_DAY = datetime(2026, 1, 15, tzinfo=UTC)
_SUBJECTS: tuple[ChangeSubject, ...] = (
    *("track", "state", "transition", "timer", "fact", "trigger", "entry", "condition", "piece", "programme"),
)


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """One difference between two releases, `before` and `after`.

    `name` is the new name of its subject, or the old one if the subject was removed. `note` is an effect on migrated
    patients that is easily overlooked.
    """

    subject: ChangeSubject
    kind: Kind
    name: str
    before: str = ""
    after: str = ""
    note: str = ""

    def in_words(self) -> str:
        """One line."""
        text = f"{self.subject} {self.kind}: {self.name}"
        if self.before and self.after:
            text += f": {self.before} -> {self.after}"
        elif self.before or self.after:
            text += f": {self.before or self.after}"
        return text + (f" ({self.note})" if self.note else "")

    def as_json(self) -> dict[str, str]:
        """Return plain values, without empty ones."""
        fields = {
            "what": self.subject,
            "kind": self.kind,
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "note": self.note,
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between two releases, by the order of the definition."""

    old: str
    new: str
    changes: tuple[ReleaseChange, ...]

    def of(self, subject: ChangeSubject, kind: Kind | None = None) -> list[ReleaseChange]:
        """Return the changes of a subject, of one kind or of all."""
        return [change for change in self.changes if change.subject == subject and kind in (None, change.kind)]

    def in_words(self) -> list[str]:
        """Return a line for each change, grouped by subject."""
        return [change.in_words() for subject in _SUBJECTS for change in self.of(subject)] or ["Nothing differs."]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"from": self.old, "to": self.new, "changes": [change.as_json() for change in self.changes]}


def compare(
    old: ReleasePlan,
    new: ReleasePlan,
    renamed: StateMap | None = None,
    *,
    pieces: tuple[Catalogue, Catalogue] | None = None,
) -> Comparison:
    """Return the differences between two releases of a journey.

    Args:
        old: the release in use.
        new: the release to compare with it.
        renamed: renames beside those that the new definition lists, old full path to new, or to several.
        pieces: the catalogues of both releases, to compare the pieces too.
    """
    comparing = _Comparing(old, new, renamed or {})
    changes = [*comparing.structure(), *comparing.facts(), *comparing.triggers(), *comparing.entries()]
    changes += comparing.conditions()
    if pieces is not None:
        changes += comparing.pieces(*pieces)
    return Comparison(old.id, new.id, tuple(changes))


class _Comparing:
    """One comparison; `moved` returns the new name of a renamed state, or the same name."""

    def __init__(self, old: ReleasePlan, new: ReleasePlan, renamed: StateMap) -> None:
        self.old = old
        self.new = new
        further = further_targets(old, new, renamed)
        self.came: dict[str, str] = {}
        for full, own in targets(old, new, renamed).items():
            states = [own, *further.get(full, ())]
            # Of two states with one target, the state of the same name continues, and the other is removed.
            names = [state for state in states if state not in (None, DROPPED) and state not in old.states]
            if names and full not in states:
                self.came[names[0] or ""] = full
        self.went = {full: to for to, full in self.came.items()}

    def moved(self, full: str) -> str:
        return self.went.get(full, full)

    # --- tracks, states, transitions, timers -----------------------------------------------------------------

    def structure(self) -> Iterator[ReleaseChange]:
        old, new = self.old.journey.tracks, self.new.journey.tracks
        for name in old:
            if name not in new:
                yield ReleaseChange("track", "removed", name)
        for name in new:
            if name not in old:
                yield ReleaseChange("track", "added", name)
        for name in old:
            if name in new and (before := self.begins(old[name])) != (after := _text(new[name].initial)):
                yield ReleaseChange("track", "changed", name, f"begins in {before}", f"begins in {after}")
        states = {self.moved(full): (track, state) for full, track, state in _states(self.old)}
        for full, (track, state) in states.items():
            if full not in self.new.states:
                yield ReleaseChange("state", "removed", f"{track.name}.{state.path}")
        for full, track, state in _states(self.new):
            if full not in states:
                yield ReleaseChange("state", "added", full)
                yield from self.transitions(full, None, (track, state))
                yield from self.timers(full, None, (track, state))
                continue
            was_track, was = states[full]
            if self.came.get(full):
                yield ReleaseChange("state", "renamed", full, self.came[full], full)
            yield from self.state(full, (was_track, was), state)
            yield from self.transitions(full, (was_track, was), (track, state))
            yield from self.timers(full, (was_track, was), (track, state))
        for full, (track, state) in states.items():
            if full not in self.new.states:
                yield from self.transitions(f"{track.name}.{state.path}", (track, state), None)
                yield from self.timers(f"{track.name}.{state.path}", (track, state), None)

    def begins(self, track: Track) -> str:
        return self.moved(f"{track.name}.{_text(track.initial)}").removeprefix(f"{track.name}.")

    def state(self, full: str, old: tuple[Track, StateDefinition], new: StateDefinition) -> Iterator[ReleaseChange]:
        track, was = old
        initial = self.moved(f"{track.name}.{was.path}.{was.initial.text}") if was.initial else ""
        pairs = (
            ("begins in", initial.rpartition(".")[2], _text(new.initial)),
            ("task", _task(was.task), _task(new.task)),
            ("forgets", _texts(was.forget), _texts(new.forget)),
            ("held until", _hold(was.hold), _hold(new.hold)),
            ("tags", ", ".join(was.tags), ", ".join(new.tags)),
        )
        for aspect, before, after in pairs:
            if before != after:
                yield ReleaseChange(
                    "state", "changed", full, f"{aspect} {before or 'nothing'}", f"{aspect} {after or 'nothing'}"
                )

    def transitions(
        self, full: str, old: tuple[Track, StateDefinition] | None, new: tuple[Track, StateDefinition] | None
    ) -> Iterator[ReleaseChange]:
        was = (
            {
                self.transition_text(*old, transition, moved=True): self.transition_text(*old, transition)
                for transition in old[1].on
            }
            if old
            else {}
        )
        now = (
            {self.transition_text(*new, transition): self.transition_text(*new, transition) for transition in new[1].on}
            if new
            else {}
        )
        for identity, before in was.items():
            if identity not in now:
                yield ReleaseChange("transition", "removed", full, before)
            elif before != now[identity]:
                yield ReleaseChange("transition", "renamed", full, before, now[identity])
        for identity, after in now.items():
            if identity not in was:
                yield ReleaseChange("transition", "added", full, "", after)

    def transition_text(
        self, track: Track, state: StateDefinition, transition: Transition, *, moved: bool = False
    ) -> str:
        """A transition in words: by its trigger, its condition, and the full path that it leads to."""
        to = transition.to
        if to != STAY:
            path = track.resolve(to, state.path)
            to = f"{track.name}.{path}" if path is not None else to
        trigger = transition.trigger
        if moved:
            to = self.moved(to)
            if trigger.startswith("entered."):
                trigger = "entered." + self.moved(trigger.removeprefix("entered."))
        when = " otherwise" if transition.otherwise else f" when {transition.when.text}" if transition.when else ""
        order = f" (order {transition.order})" if transition.order is not None else ""
        return f"{trigger}{when} to {to}{order}{' (reenter)' if transition.reenter else ''}"

    def timers(
        self, full: str, old: tuple[Track, StateDefinition] | None, new: tuple[Track, StateDefinition] | None
    ) -> Iterator[ReleaseChange]:
        left = [(timer, self.does(*new, timer)) for timer in new[1].after] if new else []
        for was in old[1].after if old else ():
            assert old is not None
            does, called = self.does(*old, was, moved=True), _timer(was, self.does(*old, was))
            alike = [pair for pair in left if pair[1] == does and pair[0].start == was.start]
            same = [pair for pair in alike if pair[0].delay == was.delay]
            same += [pair for pair in left if pair[0].name == was.name]
            match = next(iter([*same, *alike]), None)
            if match is None:
                yield ReleaseChange("timer", "removed", full, called)
                continue
            left.remove(match)
            now, does_now = match
            after = _timer(now, does_now)
            if _timer(was, does) != after:
                again = now.to is None and now.name != was.name
                note = "it has another name, so a patient who had it gets it again" if again else _pace(was, now)
                yield ReleaseChange("timer", "changed", full, called, after, note)
            elif called != after:
                yield ReleaseChange("timer", "renamed", full, called, after)
        for timer, does in left:
            yield ReleaseChange("timer", "added", full, "", _timer(timer, does))

    def does(self, track: Track, state: StateDefinition, timer: Timer, *, moved: bool = False) -> str:
        """Return what a timer does, in words."""
        if timer.to is not None:
            path = track.resolve(timer.to, state.path)
            to = f"{track.name}.{path}" if path is not None else timer.to
            return f"to {self.moved(to) if moved else to}"
        return f"remind {timer.remind}" if timer.remind is not None else _task(timer.task)

    # --- facts, triggers, entries, conditions ------------------------------------------------------------------

    def facts(self) -> Iterator[ReleaseChange]:
        old, new = self.old.journey.facts, self.new.journey.facts
        for name in old:
            if name not in new:
                yield ReleaseChange("fact", "removed", name, note="its values are dropped in a migration")
        for name, fact in new.items():
            if name not in old:
                yield ReleaseChange("fact", "added", name, "", fact.kind.accepts())
                continue
            yield from _fact(old[name], fact)

    def triggers(self) -> Iterator[ReleaseChange]:
        old = {**self.old.journey.triggers, **self.old.journey.ends}
        new = {**self.new.journey.triggers, **self.new.journey.ends}
        for name in old:
            if name not in new:
                yield ReleaseChange("trigger", "removed", name)
        for name, trigger in new.items():
            if name not in old:
                yield ReleaseChange("trigger", "added", name, "", _trigger(self.new, trigger))
                continue
            was = old[name]
            before, after = _trigger(self.old, was), _trigger(self.new, trigger)
            if (name in self.old.ends) != (name in self.new.ends):
                before, after = (
                    f"{text}, {'ends the journey' if name in plan.ends else 'ends nothing'}"
                    for text, plan in ((before, self.old), (after, self.new))
                )
            if before != after:
                waits_for = [plan.awaited.get(name, frozenset()) for plan in (self.old, self.new)]
                fewer = bool(was.by - trigger.by) or bool(waits_for[1] - waits_for[0])
                yield ReleaseChange("trigger", "narrowed" if fewer else "changed", name, before, after)

    def entries(self) -> Iterator[ReleaseChange]:
        old, new = self.old.journey.entries, self.new.journey.entries
        for name in old:
            if name not in new:
                yield ReleaseChange("entry", "removed", name)
        for name, entry in new.items():
            if name not in old:
                yield ReleaseChange("entry", "added", name, "", f"in {_texts(entry.states)}")
                continue
            was = old[name]
            was_in = [self.moved(self.old.journey.resolve_state(state.text) or state.text) for state in was.states]
            now_in = [self.new.journey.resolve_state(state.text) or state.text for state in entry.states]
            before, after = f"in {', '.join(was_in)}", f"in {', '.join(now_in)}"
            if _names(was.asks) != _names(entry.asks):
                before, after = f"{before}, asks {_texts(was.asks)}", f"{after}, asks {_texts(entry.asks)}"
            if before != after:
                yield ReleaseChange("entry", "changed", name, before, after)

    def conditions(self) -> Iterator[ReleaseChange]:
        old, new = self.old.journey.conditions, self.new.journey.conditions
        for name in old:
            if name not in new:
                yield ReleaseChange("condition", "removed", name, old[name].text)
        for name, text in new.items():
            if name not in old:
                yield ReleaseChange("condition", "added", name, "", text.text)
            elif old[name].text != text.text:
                yield ReleaseChange("condition", "changed", name, old[name].text, text.text)

    # --- pieces ------------------------------------------------------------------------------------------------

    def pieces(self, old: Catalogue, new: Catalogue) -> Iterator[ReleaseChange]:
        for key, piece in old.pieces.items():
            if key not in new.pieces:
                yield ReleaseChange("piece", "removed", key, self.shown(piece, moved=True))
        for key, piece in new.pieces.items():
            if key not in old.pieces:
                yield ReleaseChange("piece", "added", key, "", self.shown(piece))
                continue
            before, after = self.shown(old.pieces[key], moved=True), self.shown(piece)
            if before != after:
                yield ReleaseChange("piece", "changed", key, before, after)
            elif old.pieces[key].version != piece.version:
                yield ReleaseChange("piece", "changed", key, note="its text or its description changed")

    def shown(self, piece: Piece, *, moved: bool = False) -> str:
        if piece.is_reminder:
            return "a reminder"
        if piece.kind != "page":
            return NOUNS[piece.kind]
        states = [self.moved(full) if moved else full for full in piece.states]
        return f"in {', '.join(sorted(states))}" + (f" when {piece.when.text}" if piece.when is not None else "")


def _states(plan: ReleasePlan) -> Iterator[tuple[str, Track, StateDefinition]]:
    for track in plan.journey.tracks.values():
        for path, state in track.states.items():
            yield f"{track.name}.{path}", track, state


def _fact(was: Fact, now: Fact) -> Iterator[ReleaseChange]:
    narrower, wider = _types(was.kind, now.kind)
    if was.by - now.by:
        narrower.append(f"no longer told by {', '.join(sorted(was.by - now.by))}")
    if now.by - was.by:
        wider.append(f"told by {', '.join(sorted(now.by - was.by))} too")
    if _hold(was.hold) != _hold(now.hold):
        wider.append(f"held until {_hold(now.hold)}" if now.hold else "no longer held")
    if was.lasting != now.lasting:
        wider.append("lasting" if now.lasting else "no longer lasting")
    if narrower:
        note = "other values are dropped in a migration"
        yield ReleaseChange("fact", "narrowed", now.name, "", "; ".join(narrower), note)
    if wider:
        yield ReleaseChange("fact", "changed", now.name, "", "; ".join(wider))


def _types(was: FactType, now: FactType) -> tuple[list[str], list[str]]:
    """Return what a type no longer accepts, and what it accepts in addition."""
    if was.kind != now.kind:
        return [f"it was of type {was.kind} and is of type {now.kind}"], []
    narrower, wider = [], []
    if removed := [value for value in was.values if value not in now.values]:
        narrower.append(f"without {', '.join(removed)}")
    if more := [value for value in now.values if value not in was.values]:
        wider.append(f"with {', '.join(more)}")
    if not removed and not more and was.ancestors != now.ancestors:
        wider.append("its values are nested differently")
    if was.kind == "integer" and (was.minimum, was.maximum) != (now.minimum, now.maximum):
        inside = (now.minimum or 0) > (was.minimum or 0) or (now.maximum or 0) < (was.maximum or 0)
        (narrower if inside else wider).append(f"{was.accepts()} -> {now.accepts()}")
    if was.max_length != now.max_length:
        (narrower if now.max_length < was.max_length else wider).append(f"{was.accepts()} -> {now.accepts()}")
    return narrower, wider


def _timer(timer: Timer, does: str) -> str:
    start = f" from {timer.start}" if timer.start else ""
    when = f" when {timer.when.text}" if timer.when else ""
    return f"{timer.delay}{start} {does}{when}"


def _pace(was: Timer, now: Timer) -> str:
    before, after = was.duration.after(_SOME_DAY), now.duration.after(_SOME_DAY)
    return "" if before == after else "sooner" if after < before else "later"


def _task(task: Task | None) -> str:
    if task is None:
        return ""
    closed = f", closed by {_texts(task.closed_by)}" if task.closed_by else ""
    return f"task '{task.title}' for {task.assignee} within {task.within}{closed}"


def _hold(hold: Hold | None) -> str:
    if hold is None:
        return ""
    return f"{hold.trigger} (within {hold.within}, for {hold.assignee})"


def _trigger(plan: ReleasePlan, trigger: Trigger) -> str:
    """A trigger in words: under rules 1 `requires` only resets."""
    awaited, resets = plan.awaited.get(trigger.name), plan.resets[trigger.name]
    requires = f", requires {', '.join(sorted(awaited))}" if awaited else ""
    forgets = f", resets {', '.join(sorted(resets))}" if resets else ""
    return f"by {', '.join(sorted(trigger.by))}{requires}{forgets}"


def _text(text: Text | None) -> str:
    return text.text if text is not None else ""


def _texts(texts: Iterable[Text]) -> str:
    return ", ".join(text.text for text in texts)


def _names(texts: Iterable[Text]) -> frozenset[str]:
    return frozenset(text.text for text in texts)
