"""Moving people to another release: what would become of whom, and doing it, batch by batch, each of them once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from journeys.analysis.comparison import (
    Comparison,
    FoldDifference,
    Lens,
    compare,
    differences,
    folded_to,
    inverse_of,
    migrated,
    moved_now,
    read_mapping,
)
from journeys.authoring.lint import Linted
from journeys.content.catalogue import Catalogue, select
from journeys.definition.compiler import ReleasePlan
from journeys.engine import Enrollment, State, active_events
from journeys.engine.machine import Release
from journeys.primitives.errors import CallerError, Refused
from journeys.primitives.problems import Problem, only_errors
from service.enrollments import report
from service.enrollments.steps import arrive, pass_time
from service.enrollments.store import enrollments, log
from service.platform import errors
from service.platform.database import moving_alone
from service.platform.database.payload import unseal
from service.platform.logs import log as logger
from service.publishing.approvals import releases_of
from service.publishing.service import Service
from service.publishing.store import approvals
from service.publishing.store import releases as publishing
from service.publishing.store.releases import StoredRelease
from service.releases import store as moves
from service.releases.store import Batch, Person, Policy, StoredMove

PIN, FOLLOW, MAP = POLICIES = ("pin", "follow", "map")
DONE, GIVEN_UP = "done", "given up"
#: How a release stands that people may be moved to: in another they would be shown nothing.
APPROVED = ("approved", "active", "superseded")
BATCH = 100


@dataclass(frozen=True, slots=True)
class Chosen:
    """The policy of a release: with `map` the bytes of the mapping and the name of its file."""

    policy: str = PIN
    data: bytes = b""
    file: str = ""

    def problems(self, service: Service, connection: Connection, linted: Linted) -> list[Problem]:
        """What keeps a release from being published with this policy: the states of patients without a target.

        Args:
            service: where the patients are.
            connection: of the transaction that publishes.
            linted: the release to publish; with `pin` patients stay where they are, and nothing is checked.
        """
        return objections(service, connection, linted, self)

    def store(self, service: Service, connection: Connection, linted: Linted, now: datetime) -> None:
        """Stores the policy with the release that is published."""
        keep_policy(service, connection, linted, self, now)


@dataclass(frozen=True, slots=True)
class Destination:
    """A release that people may be moved to: a published one, with its number, or one that is still in files."""

    release: Release
    number: int | None = None
    catalogue: Catalogue | None = None

    @property
    def plan(self) -> ReleasePlan:
        """The compiled journey."""
        return self.release.plan


@dataclass(frozen=True, slots=True)
class Missing:
    """A leaf without a target, and how many people stand there."""

    release: str
    number: int
    state: str
    people: int

    def in_words(self) -> str:
        """A sentence."""
        people = f"{self.people:,} {'people' if self.people != 1 else 'person'}"
        return errors.NO_TARGET.format(people, self.state, self.number)


@dataclass(frozen=True, slots=True)
class Order:
    """A move that could be made: where to, the lens from each release that people come from, who stands where.

    `standing` counts, by release and leaf, those who have not ended; `missing` are the leaves without a target;
    `notes` say what is lost on a way back.
    """

    journey: str
    to: Destination
    lenses: Mapping[str, Lens]
    numbers: Mapping[str, int]
    people: Mapping[str, int]
    standing: Mapping[tuple[str, str], int]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many would be moved."""
        return sum(count for release, count in self.people.items() if release != self.to.release.id)

    @property
    def stranded(self) -> tuple[Missing, ...]:
        """The leaves without a target in which somebody stands."""
        return tuple(one for one in self.missing if one.people)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a move would make of one enrollment: its state before and all of it afterwards, and what differs."""

    enrollment: str
    before: State
    after: Enrollment
    differences: tuple[FoldDifference, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: how many it was to move, how many it has moved in all, and the ids of those it could not."""

    move: StoredMove
    moved: int
    failed: tuple[str, ...]
    is_resumed: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of people: by release and leaf those who would go elsewhere, and who would see other pieces."""

    moving: Mapping[tuple[str, str, str], int]
    seeing: Mapping[tuple[str, str], int]


class Known(Mapping[str, Release]):
    """Every release that a look at many people may ask for, each read from the store once."""

    def __init__(self, service: Service, *more: Release) -> None:
        self._service = service
        self._known = {release.id: release for release in more}

    def __getitem__(self, release: str) -> Release:
        """A release by its id."""
        found = self._known.get(release)
        if found is None:
            with self._service.database.reading() as connection:
                found = self._known[release] = self._service.library.releases(connection)[release]
        return found

    def __iter__(self) -> Iterator[str]:
        """The ids that were asked for."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many were asked for."""
        return len(self._known)


# --- which release, and how people go there ------------------------------------------------------------------------


def active(service: Service, journey: str) -> Destination:
    """The release that new enrollments get; where none was made the active one yet, the newest.

    Raises:
        NotFound: when the journey was never published.
    """
    with service.database.reading() as connection:
        standing = approvals.in_force(connection, journey)
        publication = publishing.newest_publication(connection, journey)
    if publication is None:
        raise errors.NotFound(errors.NEVER_PUBLISHED.format(journey))
    release = standing.release if standing is not None and standing.release is not None else publication.release
    return destination(service, journey, release)


def destination(service: Service, journey: str, named: str) -> Destination:
    """A published release by its number, or by its id or the first eight characters of it.

    Raises:
        NotFound: naming those that there are.
    """
    with service.database.reading() as connection:
        known = moves.list_releases(connection, journey)
        found = _named(known, named)
        if found is None:
            if not known:
                raise errors.NotFound(errors.NEVER_PUBLISHED.format(journey))
            there = ", ".join(f"{one.number} ({one.id[:8]})" for one in known)
            raise errors.NotFound(errors.NO_SUCH_RELEASE.format(named[:80], journey, there))
        release = service.library.releases(connection)[found.id]
        return Destination(release, found.number, catalogue_of(service, connection, release))


def catalogue_of(service: Service, connection: Connection, release: Release) -> Catalogue:
    """The newest pieces for a release, approved or not: what people there are to see."""
    return service.library.newest(connection, release)


def order(service: Service, journey: str, to: Destination, chosen: Chosen | None = None) -> Order:
    """A move of everybody to a release, as it would be; nobody is moved.

    Args:
        service: where people are.
        journey: the journey's key.
        to: the release.
        chosen: how; unless given, by the policy that the release was published with. Back to an earlier release
            without a mapping it is that of the way there, turned round.

    Raises:
        Refused: with the lines of a mapping that cannot be read, by field; or where the release is pinned.
    """
    with service.database.reading() as connection:
        known = {one.id: one for one in moves.list_releases(connection, journey)}
        people = moves.count_open(connection, journey)
        releases = service.library.releases(connection)
        plans = {one: releases[one].plan for one in people}
        policies = {one: moves.find_policy(connection, one) for one in {*people, to.release.id}}
        begun = moves.unfinished(connection, journey)
        gone = {
            one: releases[one].plan for one in (begun.maps if begun is not None else ())
        }  # nobody may be left there
    chosen = chosen or _by_policy(policies[to.release.id], to)
    given = _read(chosen, {**gone, **plans}, to.plan)
    stored = policies[to.release.id]
    if not chosen.data and chosen.policy != FOLLOW and stored is not None:
        given = dict(stored.mapping)
    lenses: dict[str, Lens] = {}
    notes: list[str] = []
    for one, plan in plans.items():
        if one == to.release.id:
            continue
        mapping = given
        if not mapping and to.number is not None and to.number < known[one].number:
            mapping, said = _way_back(to.plan, plan, policies[one])
            notes += said
        lenses[one] = Lens(plan, to.plan, mapping)
    numbers = {one: known[one].number for one in people}
    standing = _count(Known(service), _everybody(service, journey), service.clock())
    missing = _missing(lenses, numbers, standing)
    return Order(journey, to, lenses, numbers, people, standing, missing, tuple(notes))


def read_map(service: Service, journey: str, new: ReleasePlan, chosen: Chosen) -> dict[str, str]:
    """The mapping that somebody names, checked against every release that people stand in.

    Raises:
        Refused: with each line that is wrong.
    """
    with service.database.reading() as connection:
        releases = service.library.releases(connection)
        plans = {one: releases[one].plan for one in moves.count_open(connection, journey)}
    return _read(chosen, plans, new)


def objections(service: Service, connection: Connection, linted: Linted, chosen: Chosen) -> list[Problem]:
    """What keeps a release from being published by a policy: whoever would have no place in it.

    Args:
        service: where people are.
        connection: of the transaction that publishes.
        linted: the release to be.
        chosen: its policy; with `pin` people stay where they are, and nothing is looked at.
    """
    plan = linted.plan
    if chosen.policy == PIN or plan is None:
        return []
    journey = plan.journey.key
    numbers = {one.id: one.number for one in moves.list_releases(connection, journey)}
    people = moves.count_open(connection, journey)
    releases = service.library.releases(connection)
    plans = {one: releases[one].plan for one in people if one != plan.id}
    given, problems = read_mapping(chosen.data, chosen.file, plans.values(), plan) if chosen.data else ({}, [])
    if problems or not plans:
        return only_errors(problems)
    lenses = {one: Lens(old, plan, given) for one, old in plans.items()}
    standing = _count(releases, _everybody_within(connection, journey), service.clock())
    missing = _missing(lenses, numbers, standing)
    return [
        Problem(chosen.file or plan.journey.file, 1, 1, "error", "moving", one.in_words())
        for one in missing
        if one.people
    ]


def keep_policy(service: Service, connection: Connection, linted: Linted, chosen: Chosen, now: datetime) -> None:
    """Notes the policy that a release is published with."""
    plan = linted.plan
    if plan is None:
        return
    people = moves.count_open(connection, plan.journey.key)
    given: Mapping[str, str] = {}
    if chosen.data:
        releases = service.library.releases(connection)
        given, _ = read_mapping(chosen.data, chosen.file, [releases[one].plan for one in people], plan)
    moves.set_policy(connection, plan.id, Policy(chosen.policy, given), now)


def compare_with(old: Destination, new: Destination) -> Comparison:
    """What differs between two releases, their pieces too."""
    if old.catalogue is None or new.catalogue is None:
        return compare(old.plan, new.plan)
    return compare(old.plan, new.plan, pieces=(old.catalogue, new.catalogue))


# --- what would become of everybody --------------------------------------------------------------------------------


def outlook(service: Service, wanted: Order, *, each: Callable[[str, str], None] | None = None) -> Outlook:
    """Who would go elsewhere and who would see other pieces, were everybody moved now.

    Args:
        service: where people are.
        wanted: the move.
        each: is called with the id of everybody who would see other pieces, and the leaf that they stand in.
    """
    now = service.clock()
    releases = Known(service, wanted.to.release)
    catalogues: dict[str, Catalogue] = {}
    with service.database.reading() as connection:
        for one in wanted.lenses:
            catalogues[one] = catalogue_of(service, connection, releases[one])
    moving: Counter[tuple[str, str, str]] = Counter()
    seeing: Counter[tuple[str, str]] = Counter()
    for person in _everybody(service, wanted.journey):
        lens, state = wanted.lenses.get(person.release), person.state
        if lens is None or state is None:
            continue
        present = folded_to(releases, state, now)
        places = [f"{track}.{stays[-1].state}" for track, stays in present.tracks.items()]
        for place in places:
            to = lens.leaves.get(place)
            if to is not None and to != place:
                moving[person.release, place, to] += 1
        if present.ended is not None or present.holds or not present.tracks or not lens.has_place_for(present):
            continue  # what is told is frozen while something is held
        events = []
        if person.enrolled_with != person.release:
            with service.database.reading() as connection:
                events = active_events([one.arrival for one in log.read_log(connection, person.id)])
        after = moved_now(releases, lens, person.id, present, events, now)
        new = wanted.to.catalogue
        if new is not None and _shown(catalogues[person.release], present, now) != _shown(new, after, now):
            for place in places:
                seeing[person.release, place] += 1
            if each is not None:
                each(person.id, ", ".join(places))
    return Outlook(moving, seeing)


def foresee(service: Service, wanted: Order) -> Iterator[Foreseen]:
    """What the move would make of each enrollment, one after the other, were it made now; nothing is stored."""
    with service.database.reading() as connection:
        before = moves.unfinished(connection, wanted.journey)
        id = before.id if before is not None else _id(wanted, moves.last_number(connection, wanted.journey) + 1)
    releases = Known(service, wanted.to.release)
    after = ""
    while True:
        with service.database.reading() as connection:
            page = moves.to_move(connection, wanted.journey, wanted.to.release.id, after, BATCH)
        for enrollment, source in page:
            found = _foresee_one(service, releases, wanted.lenses[source], enrollment, id, wanted.to)
            if found is not None:
                yield found
        if not page:
            return
        after = page[-1][0]


def _foresee_one(
    service: Service, releases: Known, lens: Lens, enrollment: str, id: str, to: Destination
) -> Foreseen | None:
    now = service.clock()
    with service.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
        entries = [one.arrival for one in log.read_log(connection, enrollment)]
    if stored is None:
        return None
    passed = pass_time(releases, stored, now, lambda: entries)
    state = passed.stored.enrollment.state
    if state is None or state.ended is not None:
        return None
    event = migrated(enrollment, id, to.release.id, lens.map, now)
    after = arrive(releases, passed.stored, event, now, lambda: entries).stored.enrollment
    assert after.state is not None
    return Foreseen(enrollment, state, after, tuple(differences(lens, state, after.state, now, names=True)))


# --- moving them ---------------------------------------------------------------------------------------------------


def migrate(
    service: Service, wanted: Order, *, batch: int = BATCH, progress: Callable[[int], None] | None = None
) -> Moved:
    """Moves everybody who has not ended to a release, each once; one that was stopped half-way is gone on with.

    Args:
        service: where people are.
        wanted: the move; every leaf of every release that people come from has a target.
        batch: after how many it is noted how far it came.
        progress: is called with how many more were moved.

    Raises:
        AlreadyMoving: when people are being moved by another process.
        Conflict: when another move is not over, or the release was never approved.
        Refused: when a leaf has no target.
    """
    if wanted.missing:
        raise Refused({f"map.{one.state}": [one.in_words()] for one in wanted.missing})
    words = {one.release: one.word for one in releases_of(service, wanted.journey)}
    if words.get(wanted.to.release.id) not in APPROVED:
        raise errors.Conflict(errors.NOT_APPROVED.format(wanted.to.number))
    with moving_alone(service.database):
        move, is_resumed = _begin(service, wanted)
        with service.database.reading() as connection:
            done = moves.list_batches(connection, move.id)
        maps = {**{one: lens.map for one, lens in wanted.lenses.items()}, **move.maps}
        while True:
            after = done[-1].last if done else ""
            with service.database.reading() as connection:
                page = moves.to_move(connection, move.journey, move.release, after, batch)
            if not page:
                break
            # A release that was published since the beginning has no mapping; who is in it stays there.
            asked = [(enrollment, maps[source]) for enrollment, source in page if source in maps]
            failed = [one for one, mapping in asked if not _move_one(service, move, one, mapping, progress)]
            one = Batch(len(done) + 1, page[-1][0], len(asked) - len(failed), tuple(failed))
            with service.database.writing() as connection:
                moves.add_batch(connection, move.id, one, service.clock())
            done.append(one)
        with service.database.writing() as connection:
            moves.end(connection, move.id, DONE, service.clock())
    failed_ids = tuple(id for one in done for id in one.failed)
    return Moved(move, sum(one.moved for one in done), failed_ids, is_resumed)


def give_up(service: Service, journey: str) -> StoredMove | None:
    """Ends a journey's move that is not over, and gives it; whoever was moved stays so. None where there is none.

    Raises:
        AlreadyMoving: when people are being moved just now.
    """
    with moving_alone(service.database), service.database.writing() as connection:
        found = moves.unfinished(connection, journey)
        if found is not None:
            moves.end(connection, found.id, GIVEN_UP, service.clock())
    return found


def _begin(service: Service, wanted: Order) -> tuple[StoredMove, bool]:
    """The move as it is stored: a new one, or the one that is not over, if it is the same."""
    maps = {one: lens.map for one, lens in wanted.lenses.items()}
    with service.database.writing() as connection:
        found = moves.unfinished(connection, wanted.journey)
        if found is not None:
            same = all(found.maps[one] == mapping for one, mapping in maps.items() if one in found.maps)
            if found.release != wanted.to.release.id or not same:
                release = publishing.find_release(connection, found.release)
                raise errors.Conflict(errors.MOVE_UNFINISHED.format(release.number if release is not None else ""))
            return found, True
        number = moves.last_number(connection, wanted.journey) + 1
        move = StoredMove(
            id=_id(wanted, number),
            journey=wanted.journey,
            number=number,
            release=wanted.to.release.id,
            maps=maps,
            total=wanted.total,
            begun_at=service.clock(),
            ended_at=None,
            outcome=None,
        )
        moves.add(connection, move)
    return move, False


def _move_one(
    service: Service,
    move: StoredMove,
    enrollment: str,
    mapping: Mapping[str, str],
    progress: Callable[[int], None] | None,
) -> bool:
    """Whether somebody was moved, or need not be; whoever cannot be is left where they are, and the others go on."""
    try:
        report.migrate(service, enrollment=enrollment, to=move.release, mapping=mapping, id=move.id)
    except (SQLAlchemyError, errors.Unavailable):
        raise
    except errors.NotFound:
        return True  # erased since
    except (CallerError, Exception) as error:
        logger().error("not moved", enrollment=enrollment, error=type(error).__name__)
        return False
    if progress is not None:
        progress(1)
    return True


def _id(wanted: Order, number: int) -> str:
    return f"move-{wanted.journey}-{number}"


# --- private -------------------------------------------------------------------------------------------------------


def _named(known: list[StoredRelease], named: str) -> StoredRelease | None:
    if named.isdecimal() and len(named) < 8:
        return next((one for one in known if one.number == int(named)), None)
    found = [one for one in known if one.id.startswith(named)] if len(named) >= 8 else []
    return found[0] if len(found) == 1 else None


def _by_policy(stored: Policy | None, to: Destination) -> Chosen:
    if stored is None:
        return Chosen(FOLLOW)
    if stored.policy == PIN:
        raise errors.Conflict(errors.PINNED.format(to.number))
    return Chosen(stored.policy)


def _read(chosen: Chosen, plans: Mapping[str, ReleasePlan], new: ReleasePlan) -> dict[str, str]:
    if not chosen.data:
        return {}
    given, problems = read_mapping(chosen.data, chosen.file, plans.values(), new)
    if problems:
        raise Refused({Path(chosen.file).name: [str(problem) for problem in problems]})
    return given


def _way_back(to: ReleasePlan, since: ReleasePlan, policy: Policy | None) -> tuple[dict[str, str], list[str]]:
    """The mapping back to an earlier release, and in words what it cannot tell apart."""
    back = inverse_of(to, since, policy.mapping if policy is not None else {})
    said = [
        f"Who stood in {', '.join(gone)} and went on in '{state}' goes back to '{state}': they cannot be told apart."
        for state, gone in back.merged.items()
    ]
    said += [
        f"'{state}' has no single way back" + (f": {', '.join(came)} went there." if came else ": it was not there.")
        for state, came in back.lost.items()
    ]
    return dict(back.mapping), said


def _count(releases: Mapping[str, Release], people: Iterable[Person], now: datetime) -> Counter[tuple[str, str]]:
    """How many stand in each leaf of each release."""
    found: Counter[tuple[str, str]] = Counter()
    for person in people:
        found.update((person.release, place) for place in _places(releases, person, now))
    return found


def _places(releases: Mapping[str, Release], person: Person, now: datetime) -> list[str]:
    """The leaf that somebody stands in, in each track, with every timer fired that is due by now."""
    if person.payload is None:
        return []
    if person.due is not None and person.due <= now:
        assert person.state is not None
        tracks = folded_to(releases, person.state, now).tracks
        return [f"{track}.{stays[-1].state}" for track, stays in tracks.items()]
    stored = unseal(person.payload)["tracks"]  # all that is needed of it
    return [f"{track}.{stays[-1]['state']}" for track, stays in stored.items()]


def standing(service: Service, journey: str) -> Iterator[frozenset[str]]:
    """For each person who has not ended, the leaves that they stand in; in no order that says who they are."""
    known, now = Known(service), service.clock()
    for person in _everybody(service, journey):
        yield frozenset(_places(known, person, now))


def _everybody(service: Service, journey: str) -> Iterator[Person]:
    """Everybody who has not ended, page by page."""
    after = ""
    while True:
        with service.database.reading() as connection:
            page = moves.page_of_open(connection, journey, after)
        yield from page
        if len(page) < moves.PAGE:
            return
        after = page[-1].id


def _everybody_within(connection: Connection, journey: str) -> Iterator[Person]:
    """The same, within a transaction."""
    after = ""
    while page := moves.page_of_open(connection, journey, after):
        yield from page
        after = page[-1].id


def _missing(
    lenses: Mapping[str, Lens], numbers: Mapping[str, int], standing: Mapping[tuple[str, str], int]
) -> tuple[Missing, ...]:
    return tuple(
        Missing(one, numbers[one], leaf, standing.get((one, leaf), 0))
        for one, lens in lenses.items()
        for leaf, to in lens.leaves.items()
        if to is None
    )


def _shown(catalogue: Catalogue, state: State, now: datetime) -> set[tuple[str, str]]:
    return {(one.piece.key, one.piece.version) for one in select(catalogue, state, now)}
