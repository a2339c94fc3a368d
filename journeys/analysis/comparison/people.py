"""The changes for one patient under another release: in force from the beginning, and after a migration now.

Pure. A difference never contains a reported value, so that equal differences can be counted.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from journeys.analysis.comparison.lens import Lens
from journeys.analysis.comparison.targets import DROPPED
from journeys.content.catalogue import Catalogue, select
from journeys.definition.compiler import ReleasePlan
from journeys.engine import Arrival, Event, Fold, News, Releases, State, Stay, active_events, reminders_of, tasks_of
from journeys.engine.migration import knows
from journeys.primitives.canonical import event_uid
from journeys.primitives.state_path import StateMap

DifferenceSubject = Literal[
    "place", "event", "fact", "hold", "waiting", "timer", "task", "reminder", "visits", "end", "piece"
]

NONE = "none"
MIGRATION = "migration"
#: The reporter of a migration to another release.


@dataclass(frozen=True, slots=True, order=True)
class FoldDifference:
    """One difference for a patient: its subject, the name of the subject, and its state `before` and `after`."""

    subject: DifferenceSubject
    name: str
    before: str
    after: str

    def in_words(self) -> str:
        """One line."""
        return f"{self.subject} {self.name}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class Tried:
    """The differences of one enrollment under another release.

    `beginning` are those of the release in force from the beginning; a state with another name is not a difference.
    `moved` are those of a migration now; a state with another name is a difference. None where a migration is
    impossible: a state has no target, or the enrollment has ended.
    """

    enrollment: str
    beginning: tuple[FoldDifference, ...]
    moved: tuple[FoldDifference, ...] | None
    events: int


@dataclass(frozen=True, slots=True)
class RecordedEnrollment:
    """A stored enrollment: its state, its whole log, and the outcome of each event by uid, to compare.

    `news` is what the patient must still be told.
    """

    id: str
    state: State
    arrivals: Sequence[Arrival]
    outcomes: Mapping[str, str] = field(default_factory=dict)
    news: Sequence[News] = ()


def migrated(enrollment: str, id: str, to: str, mapping: StateMap, now: datetime) -> Event:
    """The event that migrates an enrollment to another release; `mapping` has the states that get other targets."""
    return Event(
        uid=event_uid(enrollment, MIGRATION, id),
        reporter=MIGRATION,
        by="staff",
        id=id,
        kind="migrated",
        type="migrated",
        at=now,
        arrived_at=now,
        data={"to": to, "map": dict(mapping)},
    )


def try_release(
    releases: Releases,
    lens: Lens,
    enrollment: RecordedEnrollment,
    now: datetime,
    *,
    pieces: tuple[Catalogue, Catalogue] | None = None,
    differing: frozenset[str] = frozenset(),
) -> Tried:
    """Return every difference that the new release of a lens makes for an enrollment in the old release.

    Args:
        releases: the new release and every release in the log, by id.
        lens: from the release of the enrollment to the new release.
        enrollment: the enrollment as it is stored.
        now: the instant to fold to.
        pieces: the catalogues of the old and the new release, to compare the pieces shown.
        differing: the states and tracks in which pieces differ, by `Lens.differing`.
    """
    events = active_events(enrollment.arrivals)
    present, begun = after_timers(releases, enrollment.state, now)
    new = lens.new.id
    fold = Fold(releases, new)
    fold.apply_all(as_if_theirs(lens, events), max(now, present.folded_to))
    other = fold.state()
    is_still = present.ended is None and bool(present.tracks) and lens.is_still(present, differing)
    changes: list[FoldDifference] = []
    if other is not None and not (is_still and _reads_alike(present, other)):
        untold = [news for news in fold.config.news if news.id not in fold.config.tellings]
        changes += differences(lens, present, other, now, news=([*enrollment.news, *begun], untold), pieces=pieces)
    if enrollment.outcomes:
        for result in fold.results:
            was = None if result.is_timer else enrollment.outcomes.get(result.key)
            if was is not None and was != result.outcome:
                changes.append(FoldDifference("event", result.type, was, result.outcome))
    moved: tuple[FoldDifference, ...] | None = None
    if is_still:
        moved = ()
    elif present.ended is None and present.tracks and lens.has_place_for(present):
        after, news_of_move = moved_now(releases, lens, enrollment.id, present, events, now)
        moved = tuple(
            sorted(differences(lens, present, after, now, news=((), news_of_move), pieces=pieces, names=True))
        )
    return Tried(enrollment.id, tuple(sorted(changes)), moved, len(enrollment.arrivals))


def _reads_alike(present: State, other: State) -> bool:
    """Whether two states have no difference; the events that began their stays may differ."""
    return (
        present.visits == other.visits
        and present.tracks.keys() == other.tracks.keys()
        and all(map(_stays_alike, present.tracks.values(), (other.tracks[track] for track in present.tracks)))
        and present.facts.keys() == other.facts.keys()
        and all(fact.value == other.facts[name].value for name, fact in present.facts.items())
        and [waits.type for waits in present.waiting] == [waits.type for waits in other.waiting]
        and (present.ended and present.ended.trigger) == (other.ended and other.ended.trigger)
    )


def _stays_alike(some: Sequence[Stay], others: Sequence[Stay]) -> bool:
    return len(some) == len(others) and all(
        stay.state == other.state
        and stay.since == other.since
        and stay.timers == other.timers
        and stay.fired == other.fired
        and stay.done == other.done
        for stay, other in zip(some, others, strict=True)
    )


def folded_to(releases: Releases, state: State, now: datetime) -> State:
    """Return a state with every timer fired that is due by now."""
    return after_timers(releases, state, now)[0]


def after_timers(releases: Releases, state: State, now: datetime) -> tuple[State, list[News]]:
    """Return a state with every timer fired that is due by now, and the news that they began."""
    due = state.next_due_at
    if due is None or due > now:
        return state, []
    fold = Fold(releases, state.release, state)
    fold.fire_until(now)
    folded = fold.state()
    assert folded is not None
    return folded, fold.config.news


def as_if_theirs(lens: Lens, events: Iterable[Event]) -> list[Event]:
    """The events as reported under the new release alone, with its names of states."""
    return [_told_anew(lens, event) if event.kind != "reported" else event for event in events if not _is_move(event)]


def differences(
    lens: Lens,
    before: State,
    after: State,
    now: datetime,
    *,
    news: tuple[Iterable[News], Iterable[News]] = ((), ()),
    pieces: tuple[Catalogue, Catalogue] | None = None,
    names: bool = False,
) -> Iterator[FoldDifference]:
    """The differences between a state in the old release and one in the new, seen through a lens.

    `news` is what the patient must still be told before and after. `names`: the first becomes the second by a
    migration, so a state that continues under another name is a difference too, and so is a reminder sent once more.
    """
    yield from _places(lens, before, after, names=names)
    was, now_is = before.ended, after.ended
    if (was.trigger if was else None) != (now_is.trigger if now_is else None):
        yield FoldDifference("end", "", was.trigger if was else NONE, now_is.trigger if now_is else NONE)
    for name in sorted(before.facts.keys() | after.facts.keys()):
        was_told, is_told = before.facts.get(name), after.facts.get(name)
        if (was_told and was_told.value) != (is_told and is_told.value) or (was_told is None) != (is_told is None):
            yield FoldDifference("fact", name, "told" if was_told else NONE, "told" if is_told else NONE)
    yield from _sets(
        "hold",
        {lens.seen(held.name) if held.kind == "state" else held.name for held in news[0]},
        {held.name for held in news[1]},
        "held",
    )
    yield from _sets(
        "waiting", {event.type for event in before.waiting}, {event.type for event in after.waiting}, "waits"
    )
    if before.ended is None or after.ended is None:
        yield from _due(lens, before, after)
        yield from _following(lens, before, after, moved=names)
    seen: dict[str, int] = {}
    for full, count in before.visits.items():
        for name in lens.names_of(full):
            seen[name] = seen.get(name, 0) + count
    for full in sorted(seen.keys() | after.visits.keys()):
        some, more = seen.get(full, 0), after.visits.get(full, 0)
        if some != more:
            yield FoldDifference("visits", full, "some", "more" if more > some else "fewer")
    if pieces is not None:
        was_shown = {selected.piece.key for selected in select(pieces[0], before, now)}
        is_shown = {selected.piece.key for selected in select(pieces[1], after, now)}
        yield from _sets("piece", was_shown, is_shown, "shown")


def _places(lens: Lens, before: State, after: State, *, names: bool) -> Iterator[FoldDifference]:
    ends = {f"{track}.{stays[-1].state}" for track, stays in after.tracks.items()}
    met: set[str] = set()
    for track, stays in before.tracks.items():
        was = f"{track}.{stays[-1].state}"
        expected = lens.leaves.get(was)
        if not names:
            met |= ends.intersection(lens.further_leaves.get(was, ()))
        if expected == DROPPED or expected in ends:
            met.add(expected)
            if names and expected != was:
                yield FoldDifference("place", track, was, NONE if expected == DROPPED else expected)
        else:
            track_now = (expected or was).partition(".")[0]
            stays_now = after.tracks.get(track_now)
            met.add(f"{track_now}.{stays_now[-1].state}" if stays_now else "")
            yield FoldDifference("place", track, was, f"{track_now}.{stays_now[-1].state}" if stays_now else NONE)
    for full in sorted(ends - met):
        yield FoldDifference("place", full.partition(".")[0], NONE, full)


def _due(lens: Lens, before: State, after: State) -> Iterator[FoldDifference]:
    was, now = _armed(before, lens.timers[0]), _armed(after, lens.timers[1])
    for name in sorted(was.keys() | now.keys()):
        first, second = was.get(name), now.get(name)
        if first == second:
            continue
        if first is None or second is None:
            yield FoldDifference("timer", name, NONE if first is None else "due", NONE if second is None else "due")
        else:
            yield FoldDifference("timer", name, "due", "sooner" if second < first else "later")


def _armed(state: State, does: Mapping[tuple[str, str], str]) -> dict[str, datetime]:
    return {
        does[f"{track}.{stay.state}", name]: armed.due
        for track, stays in state.tracks.items()
        for stay in stays
        for name, armed in stay.timers.items()
    }


def _following(lens: Lens, before: State, after: State, *, moved: bool) -> Iterator[FoldDifference]:
    now = _effects(after, lens.new, lambda full: (full,))
    was = _effects(before, lens.old, lens.names_of, now)
    kinds: tuple[DifferenceSubject, ...] = ("task", "reminder")
    for kind in kinds:
        old = {name for of, name in was if of == kind}
        new = {name for of, name in now if of == kind}
        yield from _sets(kind, old, new, "open")
        for name in sorted(old & new) if moved else ():
            if not now[kind, name] <= was[kind, name]:  # with another id the effect is sent, or opened, once more
                yield FoldDifference(kind, name, "open", "once more")


def _effects(
    state: State, plan: ReleasePlan, names_of: Callable[[str], Sequence[str]], known: Container[tuple[str, str]] = ()
) -> dict[tuple[str, str], set[str]]:
    """The effects of a state, by kind and name, with their ids; of several names of a state, by a `known` one."""
    ids: dict[tuple[str, str], set[str]] = {}
    for effect in (*tasks_of(state, (), plan), *reminders_of(state, plan)):
        names = [(effect.kind, f"{name}: {effect.title or effect.piece}") for name in names_of(effect.state)]
        ids.setdefault(next((name for name in names if name in known), names[0]), set()).add(effect.id)
    return ids


def _sets(subject: DifferenceSubject, before: set[str], after: set[str], word: str) -> Iterator[FoldDifference]:
    for name in sorted(before - after):
        yield FoldDifference(subject, name, word, NONE)
    for name in sorted(after - before):
        yield FoldDifference(subject, name, NONE, word)


def _is_move(event: Event) -> bool:
    return event.kind == "migrated"


def _told_anew(lens: Lens, event: Event) -> Event:
    """An event with the state names of the new release; tracks without a target begin initially."""
    data = dict(event.data)
    if event.kind == "enrolled":
        named = [f"{track}.{path}" for track, path in (data.get("states") or {}).items()]
        states = [*(lens.seen(full) for full in named), *(to for full in named for to in lens.further.get(full, ()))]
        by_track: dict[str, str] = {}
        for track, _, path in (full.partition(".") for full in states if full in lens.new.states):
            by_track.setdefault(track, path)
        data["states"] = by_track
    elif event.kind == "placed":
        data["state"] = lens.seen(data["state"])
    return replace(event, data=data)


def _needs_log(plan: ReleasePlan, event: Event) -> bool:
    """Whether a later migration may apply more of an event than a release of this plan did."""
    return _is_move(event) or any(not knows(plan, name, value) for name, value in event.facts.items())


def moved_now(
    releases: Releases, lens: Lens, enrollment: str, present: State, events: Sequence[Event], now: datetime
) -> tuple[State, list[News]]:
    """The state after a migration at `now`, from a state whose timers due by then have fired, and the news it brings.

    The state alone is enough unless the log has an event later than now, an event that is known by today alone (it
    applies after the migration), an earlier migration (an older release may not have known facts that this one knows),
    or a fact that the release in force does not know. Then the log is folded.
    """
    move = migrated(enrollment, "backtest", lens.new.id, lens.map, now)
    is_last = present.folded_to <= now and present.last_day != now.date()
    if is_last and not any(_needs_log(lens.old, event) for event in events):
        fold = Fold(releases, present.release, present)
        fold.apply_all([move], now)
    else:
        enrolled = next(event for event in events if event.kind == "enrolled")
        fold = Fold(releases, enrolled.data["release"])
        fold.apply_all([*events, move], max(now, present.folded_to))
    after = fold.state()
    assert after is not None
    return after, [news for news in fold.config.news if news.cause == move.uid]
