"""Trying a release on everybody: the recorded events folded again, and each difference counted. Nothing is stored.

With several workers each is a process of its own, that reads the database itself and is handed pages of ids.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from typing import Any

from journeys.analysis.comparison import (
    MIGRATION,
    FoldDifference,
    Lens,
    RecordedEnrollment,
    Tried,
    folded_to,
    try_release,
)
from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.engine import State
from service.platform.database import Database, open_database
from service.publishing.library import Library, compile_definition
from service.publishing.service import Service
from service.releases import store
from service.releases.destination import Destination, newest_catalogue
from service.releases.population import ReleaseCache

PAGE = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release to try, in a form that another process can be handed.

    A published one by its `id`; or one that is still in files: its definition, and its pieces, if there are any.
    """

    id: str = ""
    definition: bytes = b""
    file: str = ""
    pieces: tuple[Mapping[str, Any], ...] | None = None

    def read(self, service: Service) -> Destination:
        """The release, compiled, and its pieces, those that can be read."""
        if self.id:
            with service.database.reading() as connection:
                release = service.library.releases(connection)[self.id]
                return Destination(release, catalogue=newest_catalogue(service, connection, release))
        release = compile_definition(self.definition, self.file)
        if self.pieces is None:
            return Destination(release)
        read = (read_piece(PieceSource.from_stored(source), release.plan)[0] for source in self.pieces)
        return Destination(
            release, catalogue=Catalogue(release.plan, {piece.key: piece for piece in read if piece is not None})
        )


@dataclass(slots=True)
class Backtest:
    """What trying a release on everybody found so far.

    `beginning` and `moved` count how many people each difference has, had the release been theirs from the beginning,
    and were they moved now; `differing` and `differing_moved` how many people there is any for; `staying` how many
    cannot be moved.
    """

    people: int = 0
    events: int = 0
    differing: int = 0
    differing_moved: int = 0
    staying: int = 0
    beginning: Counter[FoldDifference] = field(default_factory=Counter)
    moved: Counter[FoldDifference] = field(default_factory=Counter)

    def note(self, tried: Tried) -> None:
        """Counts one person in."""
        self.people += 1
        self.events += tried.events
        self.differing += bool(tried.beginning)
        self.differing_moved += bool(tried.moved)
        self.staying += tried.moved is None
        self.beginning.update(tried.beginning)
        self.moved.update(tried.moved or ())

    def add(self, other: Backtest) -> None:
        """Counts in what another process found."""
        self.people += other.people
        self.events += other.events
        self.differing += other.differing
        self.differing_moved += other.differing_moved
        self.staying += other.staying
        self.beginning.update(other.beginning)
        self.moved.update(other.moved)

    @property
    def is_different(self) -> bool:
        """Whether anybody would have had anything otherwise, but for names."""
        return bool(self.differing)


def run_backtest(
    service: Service,
    journey: str,
    candidate: Candidate,
    mapping: Mapping[str, str],
    *,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    each: Callable[[Tried], None] | None = None,
) -> Backtest:
    """Tries a release on every enrollment of a journey, page by page, and gives what was found.

    Args:
        service: where people are.
        journey: the journey's key.
        candidate: the release.
        mapping: where states go that have no name there.
        workers: how many processes; with one it is done in this one.
        progress: is called with how many more people were tried.
        each: is called with everybody for whom something differs.
    """
    total = Backtest()
    task = _BacktestTask(candidate, mapping, service.clock(), each is not None)
    with ExitStack() as stack:
        if workers > 1:
            url = service.database.engine.url.render_as_string(hide_password=False)
            pages = _of_workers(service, journey, [stack.enter_context(_worker(url, task)) for _ in range(workers)])
        else:
            tester = _PageTester(service, task)
            pages = (tester.try_page(ids) for ids in _pages(service, journey))
        for page, differing in pages:
            total.add(page)
            if progress is not None:
                progress(page.people)
            for tried in differing:
                assert each is not None
                each(tried)
    return total


def count_people(service: Service, journey: str) -> int:
    """On how many a release would be tried."""
    with service.database.reading() as connection:
        return store.count_people(connection, journey)


@dataclass(frozen=True, slots=True)
class _BacktestTask:
    """What every worker is told once."""

    candidate: Candidate
    mapping: Mapping[str, str]
    now: datetime
    with_each: bool


_Page = tuple[Backtest, list[Tried]]
_View = tuple[Lens, tuple[Catalogue, Catalogue] | None, frozenset[str]]


class _PageTester:
    """One process at work: what it has compiled, and how it tries a page of people."""

    def __init__(self, service: Service, task: _BacktestTask) -> None:
        self.service = service
        self.asked = task
        candidate = task.candidate.read(service)
        self.release, self.catalogue = candidate.release, candidate.catalogue
        self.releases = ReleaseCache(service, self.release)
        self.views: dict[str, _View] = {}

    def try_page(self, ids: list[str]) -> _Page:
        """Tries the release on some people; on those for whom it can be otherwise, by their logs."""
        counts, differing = Backtest(), list[Tried]()
        with self.service.database.reading() as connection:
            moved = store.reported_to(connection, ids, MIGRATION)
            states: dict[str, State] = {}
            for person in store.people_of(connection, ids):
                state = person.state
                if state is None:
                    continue
                if person.id not in moved and self._changes_nothing(state):
                    counts.note(Tried(person.id, (), (), person.entries))
                else:
                    states[person.id] = state
            for enrollment, log, outcomes in store.logs_of(connection, list(states)):
                state = states[enrollment]
                lens, pieces, elsewhere = self._view(state.release)
                tried = try_release(
                    self.releases,
                    lens,
                    RecordedEnrollment(enrollment, state, log, outcomes),
                    self.asked.now,
                    pieces=pieces,
                    differing=elsewhere,
                )
                counts.note(tried)
                if self.asked.with_each and (tried.beginning or tried.moved):
                    differing.append(tried)
        return counts, differing

    def _changes_nothing(self, state: State) -> bool:
        lens, _, elsewhere = self._view(state.release)
        return lens.changes_nothing(folded_to(self.releases, state, self.asked.now), elsewhere)

    def _view(self, release: str) -> _View:
        """How a release is compared with the one that is tried; worked out once."""
        if release not in self.views:
            lens = Lens(self.releases[release].plan, self.release.plan, self.asked.mapping)
            pieces = None
            if self.catalogue is not None:
                with self.service.database.reading() as connection:
                    pieces = newest_catalogue(self.service, connection, self.releases[release]), self.catalogue
            self.views[release] = lens, pieces, lens.differing(pieces)
        return self.views[release]


def _pages(service: Service, journey: str) -> Iterator[list[str]]:
    after = ""
    while True:
        with service.database.reading() as connection:
            page = store.page_of_ids(connection, journey, after, PAGE)
        if page:
            yield page
        if len(page) < PAGE:
            return
        after = page[-1]


# --- several processes ---------------------------------------------------------------------------------------------


def _of_workers(service: Service, journey: str, pipes: list[Pipe]) -> Iterator[_Page]:
    """Send pages to idle workers, one page ahead, and yield their results."""
    pages = _pages(service, journey)
    busy: Counter[Pipe] = Counter()
    for pipe in [*pipes, *pipes]:
        _hand(pages, pipe, busy)
    while busy.total():
        for ready in wait([pipe for pipe in pipes if busy[pipe]]):
            assert isinstance(ready, Pipe)
            try:
                page_result: _Page = ready.recv()
            except EOFError:
                raise RuntimeError("a worker of the backtest has ended before its time") from None
            busy[ready] -= 1
            _hand(pages, ready, busy)
            yield page_result


def _hand(pages: Iterator[list[str]], pipe: Pipe, busy: Counter[Pipe]) -> None:
    page = next(pages, None)
    if page is not None:
        pipe.send(page)
        busy[pipe] += 1


@contextmanager
def _worker(url: str, task: _BacktestTask) -> Iterator[Pipe]:
    """A process that tries pages; it ends when the pipe does, also where this process is killed."""
    context = multiprocessing.get_context("spawn")  # a fork would share connections, and copy threads' locks
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, url, task), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.join(10)
        if process.is_alive():
            process.terminate()
            process.join()


def _work(pipe: Pipe, url: str, task: _BacktestTask) -> None:
    """Run a worker until the pages end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started it ends it
    database: Database = open_database(url)
    try:
        tester = _PageTester(Service(database, lambda: task.now, str, str, Library()), task)
        while True:
            pipe.send(tester.try_page(pipe.recv()))
    except (EOFError, BrokenPipeError):
        return
    finally:
        database.close()
