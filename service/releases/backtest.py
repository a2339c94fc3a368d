"""Backtests: fold the recorded events of all patients under a release, and count differences. Nothing is stored.

Several workers are several processes: each reads the database itself and receives pages of ids.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from journeys.engine import News, State
from journeys.primitives.state_path import StateMap
from service.platform.database import Database, open_database
from service.publishing.library import Library, compile_definition
from service.publishing.service import Service
from service.releases import store
from service.releases.destination import Destination, newest_catalogue
from service.releases.population import ReleaseCache

PAGE = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release to test, in a form that can be sent to another process.

    A published release by its `id`; or a release in files: its definition, and its pieces, if any.
    """

    id: str = ""
    definition: bytes = b""
    file: str = ""
    pieces: tuple[Mapping[str, Any], ...] | None = None

    def read(self, service: Service) -> Destination:
        """The compiled release, and those of its pieces that can be read."""
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
    """The counts of a backtest so far.

    `beginning` has the number of patients by difference, as if they had been in the release from the beginning; `moved`
    the same as if they were migrated now. `differing` and `differing_moved` are the numbers of patients with any
    difference; `staying` is the number of patients who cannot be migrated.
    """

    people: int = 0
    events: int = 0
    differing: int = 0
    differing_moved: int = 0
    staying: int = 0
    beginning: Counter[FoldDifference] = field(default_factory=Counter)
    moved: Counter[FoldDifference] = field(default_factory=Counter)

    def note(self, tried: Tried) -> None:
        """Count a patient."""
        self.people += 1
        self.events += tried.events
        self.differing += bool(tried.beginning)
        self.differing_moved += bool(tried.moved)
        self.staying += tried.moved is None
        self.beginning.update(tried.beginning)
        self.moved.update(tried.moved or ())

    def add(self, other: Backtest) -> None:
        """Add the counts of another process."""
        self.people += other.people
        self.events += other.events
        self.differing += other.differing
        self.differing_moved += other.differing_moved
        self.staying += other.staying
        self.beginning.update(other.beginning)
        self.moved.update(other.moved)

    @property
    def is_different(self) -> bool:
        """Whether anything but a name would differ for any patient."""
        return bool(self.differing)


def run_backtest(
    service: Service,
    journey: str,
    candidate: Candidate,
    mapping: StateMap,
    *,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
    each: Callable[[Tried], None] | None = None,
) -> Backtest:
    """Test a release on every enrollment of a journey, page by page, and return the counts.

    Args:
        service: the service that holds the patients.
        journey: the journey's key.
        candidate: the release.
        mapping: the targets of states whose names the release does not have.
        workers: the number of processes; 1 is this process.
        progress: is called with the number of patients tested since the last call.
        each: is called with each patient for whom anything differs.
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
    """Return the number of enrollments that a backtest would test."""
    with service.database.reading() as connection:
        return store.count_people(connection, journey)


@dataclass(frozen=True, slots=True)
class _BacktestTask:
    """The settings that every worker receives once."""

    candidate: Candidate
    mapping: StateMap
    now: datetime
    with_each: bool


_Page = tuple[Backtest, list[Tried]]
_View = tuple[Lens, tuple[Catalogue, Catalogue] | None, frozenset[str]]


class _PageTester:
    """A worker's compiled releases, and its test of a page of patients."""

    def __init__(self, service: Service, task: _BacktestTask) -> None:
        self.service = service
        self.asked = task
        candidate = task.candidate.read(service)
        self.release, self.catalogue = candidate.release, candidate.catalogue
        self.releases = ReleaseCache(service, self.release)
        self.views: dict[str, _View] = {}

    def try_page(self, ids: list[str]) -> _Page:
        """Test the release on some patients; read the logs only of those for whom it can differ."""
        counts, differing = Backtest(), list[Tried]()
        with self.service.database.reading() as connection:
            moved = store.reported_to(connection, ids, MIGRATION)
            states: dict[str, State] = {}
            news: dict[str, Sequence[News]] = {}
            for person in store.people_of(connection, ids):
                state = person.state
                if state is None:
                    continue
                if person.id not in moved and self._changes_nothing(state):
                    counts.note(Tried(person.id, (), (), person.entries))
                else:
                    states[person.id], news[person.id] = state, person.open_news
            for enrollment, log, outcomes in store.logs_of(connection, list(states)):
                state = states[enrollment]
                lens, pieces, elsewhere = self._view(state.release)
                tried = try_release(
                    self.releases,
                    lens,
                    RecordedEnrollment(enrollment, state, log, outcomes, news[enrollment]),
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
        """The comparison of a release with the tested one, computed once."""
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
                raise RuntimeError("a worker of the backtest ended unexpectedly") from None
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
    """A process that tests pages; it ends with the pipe, also when this process is killed."""
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
