"""Advances an enrollment: the fold, the view last told to the patient, and the effects for the outside.

`advance` is pure. The log is read only when something happened before what was already folded, or was taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from journeys.engine.effects import TELL, Effect, effects_of
from journeys.engine.events import Arrival, Event, Retraction, active_events
from journeys.engine.fold import Fold, refold
from journeys.engine.order import Releases, is_late
from journeys.engine.results import Result
from journeys.engine.state import Held, Snapshot, State
from journeys.primitives.canonical import derived_id, time_text

Log = Callable[[], Sequence[Arrival]]
#: Returns all entries so far, in order of arrival.


@dataclass(frozen=True, slots=True)
class Told:
    """The view last told to the patient, which they see while something is held, and its revision."""

    view: Snapshot
    revision: int

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"view": self.view.to_stored(), "revision": self.revision}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Told:
        """The told view of its stored form."""
        return cls(Snapshot.from_stored(stored["view"]), stored["revision"])


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One patient in one journey.

    `release` is the id of the release enrolled with; `state` the cached fold; `told` the frozen view while something is
    held; `ledger` the status (`open`, `cleared`, `done`) and name of every effect ever emitted; `revision` counts the
    steps that changed anything; `hold_revisions` says at which revision each open hold became known.
    """

    id: str
    release: str
    state: State | None = None
    told: Told | None = None
    ledger: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    revision: int = 0
    hold_revisions: Mapping[str, int] = field(default_factory=dict)

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values; everything to store beside the log."""
        return {
            "id": self.id,
            "release": self.release,
            "state": self.state.to_stored() if self.state else None,
            "told": self.told.to_stored() if self.told else None,
            "ledger": {name: list(entry) for name, entry in self.ledger.items()},
            "revision": self.revision,
            "hold_revisions": dict(self.hold_revisions),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Enrollment:
        """The enrollment of its stored form."""
        return cls(
            id=stored["id"],
            release=stored["release"],
            state=State.from_stored(stored["state"]) if stored["state"] else None,
            told=Told.from_stored(stored["told"]) if stored["told"] else None,
            ledger={name: (status, label) for name, (status, label) in stored["ledger"].items()},
            revision=stored["revision"],
            hold_revisions=dict(stored["hold_revisions"]),
        )

    @property
    def patient_revision(self) -> int:
        """The revision of what the patient can see."""
        return self.told.revision if self.told is not None else self.revision


@dataclass(frozen=True, slots=True)
class Record:
    """One line of an enrollment's history. `kind`: event, timer, revised, undone, restored, retracted, effect."""

    kind: str
    at: str
    item: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of advancing, as values; the shell stores them and acts on them.

    `results` has what each arriving event did, by uid; `timers` what each timer did that fired; `stays_undone` the
    stays that a retraction or a late event took back.
    """

    enrollment: Enrollment
    records: tuple[Record, ...] = ()
    effects: tuple[Effect, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    timers: tuple[Result, ...] = ()
    stays_undone: frozenset[str] = frozenset()

    @property
    def cleared(self) -> tuple[str, ...]:
        """The names of effects that are no longer needed."""
        return tuple(effect.name for effect in self.effects if effect.action == "clear")


def advance(
    releases: Releases,
    enrollment: Enrollment,
    log: Log,
    arrivals: Sequence[Arrival],
    now: datetime,
) -> Step:
    """Returns the step that an enrollment takes when something arrives, or time passes.

    Args:
        releases: by id, every release the log names.
        enrollment: as it was stored.
        log: returns the entries before `arrivals`; called only when they are needed.
        arrivals: what arrives now, in order; empty to let time pass.
        now: the present, UTC. It may lie behind what was folded; then nothing is undone.

    Returns:
        The step. Events of patients never raise.
    """
    worker = _Advance(releases, enrollment, log, now)
    worker.let_time_pass()
    for arrival in arrivals:
        worker.arrive(arrival)
    return worker.step()


def read(releases: Releases, enrollment: Enrollment, now: datetime) -> Enrollment:
    """The enrollment folded to `now` in memory, for reading only; the caller stores nothing."""
    return advance(releases, enrollment, lambda: (), (), now).enrollment


class _Advance:
    """One call of `advance`."""

    def __init__(self, releases: Releases, enrollment: Enrollment, log: Log, now: datetime) -> None:
        self.releases = releases
        self.enrollment = enrollment
        self.state = enrollment.state
        self.told = enrollment.told
        self.hold_revisions = dict(enrollment.hold_revisions)
        self.log = log
        self.read_log: list[Arrival] | None = None
        self.arrived: list[Arrival] = []
        self.now = now
        self.records: list[Record] = []
        self.results: dict[str, Result] = {}
        self.timers: list[Result] = []
        self.undone: set[str] = set()
        self.taken_back: set[str] = set()  # the holds that ended without a disclosure
        self.folded: list[Result] | None = None  # the results of the current log, if it was just folded

    @property
    def until(self) -> datetime:
        """The instant to fold to: now, or the last folded instant if the clock went back."""
        return self.now if self.state is None else max(self.now, self.state.folded_to)

    def let_time_pass(self) -> None:
        """Fires the timers that are due."""
        due = self.state.next_due_at if self.state is not None else None
        if self.state is None or due is None or due > self.until:
            return
        fold = Fold(self.releases, self.enrollment.release, self.state)
        fold.fire_until(self.until)
        before, self.state = self.state, fold.state()
        self._note(fold.results)
        assert self.state is not None
        if self.state.holds and not before.holds:
            self.told = Told(self.state.holds[0].before, self.enrollment.revision)
        self._note_holds()

    def arrive(self, arrival: Arrival) -> None:
        """Applies one event or retraction."""
        before = self.state
        if is_late(arrival, self.state):
            self._refold(arrival)
        else:
            assert isinstance(arrival, Event)
            fold = Fold(self.releases, self.enrollment.release, self.state)
            fold.apply_all([arrival], self.until)
            self.state = fold.state()
            self._note(fold.results)
            self.folded = None
        self.arrived.append(arrival)
        self._tell(before)
        self._note_holds()

    def _refold(self, arrival: Arrival) -> None:
        """Folds the whole log without the new arrival and with it, and records the differences."""
        if self.read_log is None:
            self.read_log = list(self.log())
        log = [*self.read_log, *self.arrived]
        release = self.enrollment.release
        old = self.folded
        if old is None:
            _, old = refold(self.releases, release, active_events(log), self.until)
        open_holds = {held.id for held in self.state.holds} if self.state is not None else set()
        fold = Fold(self.releases, release)
        fold.apply_all(active_events([*log, arrival]), self.until)
        self.state, new = fold.state(), fold.results
        self.folded = new
        self.taken_back |= open_holds
        self.taken_back -= fold.config.ever_held
        if isinstance(arrival, Retraction) or arrival.replaces is not None:
            retracted = arrival.uid if isinstance(arrival, Retraction) else str(arrival.replaces)
            reason = arrival.reason if isinstance(arrival, Retraction) else "replaced"
            self.records.append(
                Record("retracted", time_text(arrival.arrived_at), retracted, {"event": retracted, "reason": reason})
            )
        was = {result.key: result for result in old}
        for result in new:
            if result.key not in was and (result.is_timer or result.key == arrival.uid):
                self._note([result])
            elif result.key not in was:  # its replacement was retracted
                self.records.append(Record("restored", result.at_text, result.key, result.to_stored()))
            elif result.to_stored() != was[result.key].to_stored():
                data = {"was": was[result.key].to_stored(), **result.to_stored()}
                self.records.append(Record("revised", result.at_text, result.key, data))
        remaining = {result.key for result in new}
        for result in old:
            if result.key not in remaining:
                self.records.append(Record("undone", result.at_text, result.key, result.to_stored()))
        self.undone |= {stay for result in old for stay in result.stays}
        self.undone -= {stay for result in new for stay in result.stays}

    def _note(self, results: Iterable[Result]) -> None:
        for result in results:
            kind = "timer" if result.is_timer else "event"
            data = {"type": result.type, **result.to_stored()}
            if result.why:
                data["why"] = dict(result.why)
            self.records.append(Record(kind, result.at_text, result.key, data))
            if result.is_timer:
                self.timers.append(result)
            else:
                self.results[result.key] = result

    def _tell(self, before: State | None) -> None:
        """Updates the told view after this arrival (fold.md, section 12)."""
        holds = self.state.holds if self.state is not None else ()
        if not holds:
            self.told = None
            return
        first = holds[0]
        if before is None:
            self.told = Told(first.before, self.enrollment.revision)
        elif not before.holds:
            self.told = Told(before.snapshot(self.now), self.enrollment.revision)
        elif not {held.id for held in before.holds} <= {held.id for held in holds}:
            self.told = Told(first.before, self._revision_shown(before, first))

    def _revision_shown(self, before: State, first: Held) -> int:
        """The revision of the view just before a hold, after another hold was disclosed or retracted.

        A retracted hold was never disclosed, so its history is not shown either.
        """
        if self.told is not None and any(held.id in self.taken_back for held in before.holds):
            return self.told.revision
        return self.hold_revisions.get(first.id, self.enrollment.revision)

    def _note_holds(self) -> None:
        holds = self.state.holds if self.state is not None else ()
        self.hold_revisions = {held.id: self.hold_revisions.get(held.id, self.enrollment.revision) for held in holds}

    def step(self) -> Step:
        """Returns the step with everything that was done."""
        effects, ledger = self._effects()
        stamp = time_text(self.now)
        for effect in effects:
            data: dict[str, Any] = {"action": effect.action, "name": effect.name}
            if effect.following is not None:
                data |= {
                    "kind": effect.following.kind,
                    "state": effect.following.state,
                    "piece": effect.following.piece,
                }
            self.records.append(Record("effect", stamp, effect.id, data))
        changed = bool(self.records) or self.state != self.enrollment.state
        enrollment = replace(
            self.enrollment,
            state=self.state,
            told=self.told,
            ledger=ledger,
            hold_revisions=self.hold_revisions,
            revision=self.enrollment.revision + (1 if changed else 0),
        )
        return Step(enrollment, tuple(self.records), effects, self.results, tuple(self.timers), frozenset(self.undone))

    def _effects(self) -> tuple[tuple[Effect, ...], dict[str, tuple[str, str]]]:
        ledger = dict(self.enrollment.ledger)
        following = effects_of(self.state, self.releases[self.state.release].plan) if self.state is not None else []
        effects: list[Effect] = []
        last_reminders = {effect.stay: effect.id for effect in following if effect.kind == "reminder"}
        for effect in following:
            status = ledger.get(effect.id, ("", ""))[0]
            is_passed_over = effect.kind == "reminder" and effect.id != last_reminders[effect.stay]
            if status != "open" and not is_passed_over:
                effects.append(Effect("reopen" if status else "open", effect.id, effect.name, effect))
                ledger[effect.id] = ("open", effect.name)
        open_ids = {effect.id for effect in following}
        for effect_id, (status, name) in self.enrollment.ledger.items():
            if status == "open" and effect_id not in open_ids:
                done = self._was_done(name, effect_id)
                effects.append(Effect("done" if done else "clear", effect_id, name))
                ledger[effect_id] = ("done" if done else "cleared", name)
        return tuple(effects), ledger

    def _was_done(self, name: str, effect_id: str) -> bool:
        """Whether an event completed the effect: it disclosed the content, or it closed the task."""
        if self.state is None or self.state.ended is not None:
            return False
        if name == TELL:
            return effect_id not in {derived_id("effect", hold, TELL) for hold in self.taken_back}
        return any(
            derived_id("effect", stay.id, done) == effect_id
            for stays in self.state.tracks.values()
            for stay in stays
            for done in stay.done
        )
