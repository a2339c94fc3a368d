"""Advances an enrollment: the truth, the told view, and the effects for the outside.

`advance` is pure. The log is read only when something happened before what was already folded, or was taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from journeys.engine.checkpoints import EVERY, Checkpoints, NewCheckpoints, thinned
from journeys.engine.configuration import track_of_news
from journeys.engine.effects import TELL, Effect, Following, reminders_of, tasks_of
from journeys.engine.enrollment import Enrollment, Record, Step
from journeys.engine.events import Arrival, Event, Retraction, active_events, by_arrival, taken_back_by
from journeys.engine.fold import Fold
from journeys.engine.order import Releases, is_late
from journeys.engine.past import Log, Past, events_of, takes_back_telling
from journeys.engine.results import Result
from journeys.engine.state import News, State
from journeys.engine.told import OWN, Told
from journeys.primitives.canonical import derived_id, time_text

MOST_ENDED = 64
#: Ended effects that a ledger remembers; it is written with every step, so it must not grow for years.


class NewsAmongArrivals(Exception):
    """Entries cannot arrive together, because what the patient was told depends on the order in which they arrive."""


def advance(
    releases: Releases,
    enrollment: Enrollment,
    log: Log,
    arrivals: Sequence[Arrival],
    now: datetime,
    checkpoints: Checkpoints | None = None,
) -> Step:
    """Returns the step that an enrollment takes when something arrives, or time passes.

    Args:
        releases: by id, every release the log names.
        enrollment: as it was stored.
        log: returns the entries before `arrivals`; called only when they are needed.
        arrivals: what arrives now, in order; empty to let time pass. What arrives together is folded once.
        now: the present, UTC. It may lie behind what was folded; then nothing is undone.
        checkpoints: those that were stored, so that only what follows them is read.

    Returns:
        The step. Events of patients never raise.

    Raises:
        NewsAmongArrivals: staff report together what concerns news; nothing was changed.
    """
    worker = _Advance(releases, enrollment, log, now, checkpoints)
    worker.let_time_pass()
    for group in by_arrival(arrivals):
        worker.arrive(group)
    return worker.step()


def read(releases: Releases, enrollment: Enrollment, now: datetime) -> Enrollment:
    """The enrollment folded to `now` in memory, for reading only; the caller stores nothing."""
    return advance(releases, enrollment, lambda: (), (), now).enrollment


@dataclass(frozen=True, slots=True)
class _Change:
    """What an arrival changes in one fold, the truth or the told view.

    `results` are of what was applied anew; `before` are all results without the arrival where the log was folded again,
    and None where the arrival was on time. `news` is all news that began in what was applied, `begun` that which began
    only with the arrival, `gone` the ids of news that the arrival undid, `told_names` the states and facts of which it
    told its own news. After a late arrival, `tellings` has the telling of all news, or None, by id. `start` is the
    checkpoint from which both were folded, `without` the state without the arrivals.
    """

    state: State | None
    results: Sequence[Result]
    before: Sequence[Result] | None = None
    news: Sequence[News] = ()
    begun: tuple[News, ...] = ()
    gone: frozenset[str] = frozenset()
    told_names: frozenset[str] = frozenset()
    tellings: Mapping[str, str | None] | None = None
    start: State | None = None
    without: State | None = None

    @property
    def remaining(self) -> set[str]:
        """The stays that began in what was applied, or before it."""
        tracks = self.start.tracks.values() if self.start is not None else ()
        return {stay for result in self.results for stay in result.stays} | {s.id for stays in tracks for s in stays}

    @property
    def undone(self) -> set[str]:
        """The stays that the arrival took back."""
        return {stay for result in self.before or () for stay in result.stays} - self.remaining


class _Advance:
    """One call of `advance`."""

    def __init__(
        self, releases: Releases, enrollment: Enrollment, log: Log, now: datetime, checkpoints: Checkpoints | None
    ) -> None:
        self.releases = releases
        self.enrollment = enrollment
        self.state = enrollment.state
        self.told = enrollment.told
        self.past = Past(log, checkpoints)
        self.now = now
        self.records: list[Record] = []
        self.results: dict[str, Result] = {}
        self.view_results: dict[str, Result] = {}
        self.timers: list[Result] = []
        self.undone: set[str] = set()
        self.view_undone: set[str] = set()
        self.new_checkpoints: NewCheckpoints | None = None

    @property
    def until(self) -> datetime:
        """The instant to fold to: now, or the last folded instant if the clock went back."""
        until = self.now
        for state in (self.state, self.told.state):
            if state is not None and state.folded_to > until:
                until = state.folded_to
        return until

    @property
    def view(self) -> State | None:
        """The told view: the truth while no news is open."""
        return self.told.state or self.state

    # --- time ----------------------------------------------------------------------------------------------

    def let_time_pass(self) -> None:
        """Fires the timers that are due, in the truth and in the told view."""
        until, view = self.until, self.view
        if (fold := self._fire(self.state, until, None)) is not None:
            self.state = fold.state()
            self._note(fold.results)
            self.told = self.told.opening(fold.config.news)
        if self.told.open:
            fold = self._fire(view, until, self.told.told)
            self.told = replace(self.told, state=fold.state() if fold is not None else view)

    def _fire(self, state: State | None, until: datetime, told: Collection[str] | None) -> Fold | None:
        due = state.next_due_at if state is not None else None
        if due is None or due > until:
            return None
        fold = Fold(self.releases, self.enrollment.release, state, told=told)
        fold.fire_until(until)
        return fold

    # --- arrivals ------------------------------------------------------------------------------------------

    def arrive(self, arrivals: Sequence[Arrival]) -> None:
        """Applies what arrived together to the truth, then to the told view; all of it is by one reporter."""
        view, told, is_own = self.view, self.told, arrivals[0].by in OWN
        if len(arrivals) > 1 and not is_own and told.open:
            raise NewsAmongArrivals
        change = self._change(arrivals, self.state, told=None)
        if len(arrivals) > 1 and not is_own and (change.begun or takes_back_telling(arrivals, told)):
            raise NewsAmongArrivals
        self.state = change.state
        self._record(arrivals, change)
        gone = self._take_from_staff(arrivals[-1], change) if not is_own else frozenset()
        self.told = self.told.opening(change.news, change.tellings or {})
        if self.told.open or told.open:
            self._change_view(arrivals, view, told, change, gone)
        elif gone:
            self.told = self.told.withholding(arrivals[-1], frozenset(), gone)
        if not (self.told.open or told.open):
            uids = [event.uid for event in events_of(arrivals)]  # a call may bring an event and what replaces it
            self.view_results |= {uid: self.results[uid] for uid in uids if uid in self.results}
        if self.told.state is None:
            self.view_undone |= change.undone
        self.past.add(arrivals, self.new_checkpoints if change.before is not None else None)

    def _change(self, arrivals: Sequence[Arrival], state: State | None, told: Collection[str] | None) -> _Change:
        """What arrivals change in the truth (`told` is None), or in the told view in which this news is told."""
        release, events = self.enrollment.release, events_of(arrivals)
        if not any(is_late(arrival, state) for arrival in arrivals):
            fold = Fold(self.releases, release, state, told=told)
            fold.apply_all(events, self.until)
            config = fold.config
            told_names = config.told_names_of(event.uid for event in events)
            news = tuple(config.news)
            return _Change(fold.state(), fold.results, news=news, begun=news, told_names=told_names)
        if told is None:
            start, earlier, later = self.past.stretch(arrivals, self.told)
            is_silent = self.told.is_withheld if arrivals[0].by in OWN else None
            before, after = (Fold(self.releases, release, start, is_silent=is_silent) for _ in range(2))
            before.apply_all(earlier, self.until)
            after.apply_all(later, self.until, every=EVERY)
            self.new_checkpoints = NewCheckpoints(start.folded_to if start else None, thinned(after.checkpoints))
        else:
            start, before, after = self._fold_views(arrivals)
        old, new = ({news.id: news for news in fold.config.news} for fold in (before, after))
        return _Change(
            after.state(),
            after.results,
            before.results,
            tuple(new.values()),
            tuple(news for news in new.values() if news.id not in old),
            frozenset(old.keys() - new.keys()),
            after.config.told_names_of(event.uid for event in events),
            {news: after.config.tellings.get(news) for news in new},
            start,
            before.state(),
        )

    def _take_from_staff(self, arrival: Arrival, change: _Change) -> frozenset[str]:
        """Notes what an arrival from staff tells or tells no more; returns the news that it takes back."""
        told, target, absent = self.told, taken_back_by(arrival), change.gone
        if change.tellings is not None:
            absent |= told.told.keys() - change.tellings.keys()
            told = told.retelling(change.tellings, target)
        if isinstance(arrival, Event) and self.state is not None and self.state.ended is None:
            told = told.telling(arrival).disclosing(arrival, change.told_names)
        gone = frozenset(news.id for news in told.open if news.id in absent or news.cause == target)
        self.told = told.without(gone)
        return gone

    def _change_view(
        self, arrivals: Sequence[Arrival], view: State | None, before: Told, truth: _Change, gone: frozenset[str]
    ) -> None:
        """Applies arrivals to the told view while news is open, or was until now (fold.md, section 12)."""
        trial = self._change(arrivals, view, told=self.told.told) if arrivals[0].by in OWN else None
        if trial is not None and arrivals[0].by == "family":
            self.told = self.told.opening(news for news in trial.begun if news.id not in self.told.told)
        ids = self._waits_for(arrivals[0], truth, trial)
        for arrival in arrivals:
            self.told = self.told.withholding(arrival, ids, gone)
        target = taken_back_by(arrivals[-1])
        if target is not None and target in before.told.values():
            self.told = self.told.hiding(target, ids)
        if trial is not None:
            uids = {event.uid for event in events_of(arrivals)}
            self.view_results |= {result.key: result for result in trial.results if result.key in uids}
            self.view_undone |= trial.undone if not ids else set()
        if self.told.open and trial is not None:
            self.told = replace(self.told, state=(trial.without or view) if ids else trial.state)
        elif self.told.open and (self.told.told != before.told or gone):
            self._refold_view(arrivals)
        elif self.told.open and ids:
            self.told = replace(self.told, state=view)
        elif self.told.open:
            self._show(arrivals, view)
        if not self.told.open:
            self.told = replace(self.told, state=None)

    def _waits_for(self, arrival: Arrival, truth: _Change, trial: _Change | None) -> frozenset[str]:
        """The ids of the news for whose telling an arrival waits, until which it is withheld."""
        if trial is not None:
            own = trial.begun if arrival.by == "family" else ()
            return frozenset(news.id for news in own if news.id not in self.told.told)
        everything = frozenset(news.id for news in self.told.open)
        if isinstance(arrival, Retraction):
            seen = {event.uid for event in active_events(self.told.visible(self.past.entries))}
            return everything if arrival.uid in seen else frozenset()
        if arrival.kind in ("enrolled", "migrated") or arrival.is_mark:
            return frozenset()
        if self.state is not None and arrival.type in self.releases[self.state.release].plan.ends:
            return frozenset()
        tracks = {news.track for news in truth.begun} | {track_of_news(name) for name in truth.told_names}
        if tracks:
            return frozenset(news.id for news in self.told.open if news.track in tracks)
        return frozenset() if arrival.uid in self.told.told.values() else everything

    def _show(self, arrivals: Sequence[Arrival], view: State | None) -> None:
        """Applies what staff report and does not wait to the told view, where it may tell more than in the truth."""
        change = self._change(arrivals, view, told=self.told.told)
        told = self._disclosed(arrivals, change.told_names)
        if told is self.told:
            self.told = replace(told, state=change.state)
        else:
            self.told = told
            self._refold_view(arrivals)

    def _disclosed(self, arrivals: Sequence[Arrival], names: frozenset[str]) -> Told:
        """What is told after an arrival from staff that tells its own news of states and facts in the told view."""
        told = self.told
        if names and arrivals[0].by not in OWN:
            for event in events_of(arrivals):
                told = told.disclosing(event, names)
        return told

    def _fold_views(self, arrivals: Sequence[Arrival]) -> tuple[State | None, Fold, Fold]:
        """The told view without arrivals and with them, from a checkpoint; what it tells may free other entries."""
        while True:
            told = self.told.told
            start, earlier, later = self.past.visible_stretch(arrivals, self.told)
            before, after = self._fold_view(earlier, start), self._fold_view(later, start)
            if self.told.told == told:
                return start, before, after

    def _refold_view(self, arrivals: Sequence[Arrival]) -> None:
        """Folds the told view again, because other news is told now or an entry is no longer withheld."""
        told = None
        while told != self.told.told:
            told = self.told.told
            fold = self._fold_view(active_events(self.told.visible([*self.past.entries, *arrivals])))
            names = fold.config.told_names_of(event.uid for event in events_of(arrivals))
            self.told = replace(self._disclosed(arrivals, names), state=fold.state())

    def _fold_view(self, events: Sequence[Event], start: State | None = None) -> Fold:
        """The told view of some events; what begins in it is told by the tellings among them."""
        while True:
            fold = Fold(self.releases, self.enrollment.release, start, told=self.told.told)
            fold.apply_all(events, self.until)
            more = {news: telling for news, telling in fold.config.tellings.items() if news not in self.told.told}
            if not more:
                return fold
            self.told = replace(self.told, told={**self.told.told, **more})

    # --- what is noted -------------------------------------------------------------------------------------

    def _record(self, arrivals: Sequence[Arrival], change: _Change) -> None:
        """Notes what arrivals changed in the truth: new results, and the differences where they were late."""
        if change.before is None:
            self._note(change.results)
            return
        for arrival in arrivals:
            if (retracted := taken_back_by(arrival)) is not None:
                reason = arrival.reason if isinstance(arrival, Retraction) else "replaced"
                line = {"event": retracted, "reason": reason}
                self.records.append(Record("retracted", time_text(arrival.arrived_at), retracted, line))
        new_uids = {event.uid for event in events_of(arrivals)}
        was = {result.key: result for result in change.before}
        for result in change.results:
            if result.key not in was and (result.is_timer or result.key in new_uids):
                self._note([result])
            elif result.key not in was:  # its replacement was retracted
                self.records.append(Record("restored", result.at_text, result.key, result.to_stored()))
            elif result.to_stored() != was[result.key].to_stored():
                data = {"was": was[result.key].to_stored(), **result.to_stored()}
                self.records.append(Record("revised", result.at_text, result.key, data))
        remaining = {result.key for result in change.results}
        for result in change.before:
            if result.key not in remaining:
                self.records.append(Record("undone", result.at_text, result.key, result.to_stored()))
        self.undone = (self.undone | change.undone) - change.remaining

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
        changed = bool(self.records) or (self.state, self.told) != (self.enrollment.state, self.enrollment.told)
        enrollment = replace(
            self.enrollment,
            state=self.state,
            told=self.told,
            ledger=ledger,
            revision=self.enrollment.revision + (1 if changed else 0),
        )
        return Step(
            enrollment,
            tuple(self.records),
            effects,
            self.results,
            tuple(self.timers),
            frozenset(self.undone),
            self.view_results,
            frozenset(self.view_undone),
            self.new_checkpoints,
        )

    def _effects(self) -> tuple[tuple[Effect, ...], dict[str, tuple[str, str]]]:
        ledger = dict(self.enrollment.ledger)
        following = self._following()
        effects: list[Effect] = []
        last_reminders = {effect.stay: effect.id for effect in following if effect.kind == "reminder"}
        for effect in following:
            status = ledger.get(effect.id, ("", ""))[0]
            is_passed_over = effect.kind == "reminder" and effect.id != last_reminders[effect.stay]
            if status != "open" and not is_passed_over:
                effects.append(Effect("reopen" if status else "open", effect.id, effect.name, effect))
                ledger[effect.id] = ("open", effect.name)
        open_ids = {effect.id for effect in following}
        # By id: the order in which effects were emitted says what the patient must not know.
        for effect_id, (status, name) in sorted(self.enrollment.ledger.items()):
            if status == "open" and effect_id not in open_ids:
                done = self._was_done(name, effect_id)
                effects.append(Effect("done" if done else "clear", effect_id, name))
                ledger[effect_id] = ("done" if done else "cleared", name)
        if len(ledger) - len(open_ids) > MOST_ENDED:
            ledger = {id: entry for id, entry in ledger.items() if entry[0] == "open"}
        return tuple(effects), ledger

    def _following(self) -> list[Following]:
        """What follows from the truth for persons, and from the told view for the patient."""
        if self.state is None:
            return []
        tasks = tasks_of(self.state, self.told.open, self.releases[self.state.release].plan)
        view = self.view
        return tasks + (reminders_of(view, self.releases[view.release].plan) if view is not None else [])

    def _was_done(self, name: str, effect_id: str) -> bool:
        """Whether an event completed the effect: it disclosed the content, or it closed the task."""
        if self.state is None or self.state.ended is not None:
            return False
        if name == TELL:
            return effect_id in {derived_id("effect", news, TELL) for news in self.told.told}
        return any(
            derived_id("effect", stay.id, done) == effect_id
            for stays in self.state.tracks.values()
            for stay in stays
            for done in stay.done
        )
