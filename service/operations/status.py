"""The status of the service: its lines, and which of them are late. It names no patient and no enrollment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.primitives.problems import counted
from journeys.review.approval import ApprovalEntry, Subject, worth
from service.feed.store.endpoints import FAILED, list_endpoints
from service.operations.store import heartbeats, overview
from service.operations.store.outgoing import OutgoingTotals, outgoing_totals
from service.operations.store.overview import OpenTasks, ReleaseInUse
from service.platform.configuration import Configuration
from service.platform.database import current_revision, head_revision
from service.platform.process import Process
from service.publishing.store import approvals
from service.publishing.store import releases as release_rows

NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Lateness:
    """The limits beyond which a line is late; `stuck` is a number of enrollments, `failed` of messages in a day.

    `sends`: whether a channel is set up; `publishes`: whether the feed is published. Without them nothing waits.
    `signing`: the functions whose signatures content needs.
    """

    timer: timedelta
    worker: timedelta
    task: timedelta
    backup: timedelta
    approval: timedelta
    stuck: int
    message: timedelta
    failed: int
    letter: timedelta
    feed: timedelta
    sends: bool
    publishes: bool
    signing: frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class Ending:
    """An approval that has ended or ends soon; `number` is that of the version or the release."""

    at: datetime
    subject: Subject
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the status: its name, whether it is good, its result, and the allowed range.

    `value` is the result as a number: seconds, or a count.
    """

    name: str
    is_good: bool
    result: str
    allowed: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The status of the service at an instant."""

    at: datetime
    limits: Lateness
    oldest_due: datetime | None
    failing: int
    workers: int
    last_beat: datetime | None
    tasks: OpenTasks
    stuck: int
    first_enrolled: datetime | None
    last_backup: datetime | None
    endings: tuple[Ending, ...]
    outgoing: OutgoingTotals
    failed_endpoints: int
    releases: tuple[ReleaseInUse, ...]
    size: int

    @property
    def enrollments(self) -> int:
        """How many there are."""
        return sum(release.enrollments for release in self.releases)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, in the order in which to look at them."""
        work = (self._timers(), self._failing(), self._worker(), self._tasks(), self._stuck())
        messages = (self._messages(), self._senders(), self._unknown(), self._failed(), self._letters())
        return (*work, self._backup(), self._approvals(), *messages, self._feed(), self._webhooks())

    @property
    def is_late(self) -> bool:
        """Whether any line is late."""
        return not all(line.is_good for line in self.lines)

    def _timers(self) -> Line:
        return self._delay("timers", self.oldest_due, self.limits.timer, "none is due")

    def _failing(self) -> Line:
        text = f"{counted(self.failing, 'enrollment')} whose timers cannot be fired"
        return Line("failing", self.failing == 0, text, "none", self.failing)

    def _worker(self) -> Line:
        since = self._since(self.last_beat) if self.last_beat is not None else NEVER
        text = "none works" if since == NEVER else f"last seen {in_words(since)} ago, {self.workers} at work"
        allowed = f"seen within {in_words(self.limits.worker.total_seconds())}"
        return Line("worker", since <= self.limits.worker.total_seconds(), text, allowed, since)

    def _tasks(self) -> Line:
        text = f"{self.tasks.count} open, {self.tasks.overdue} past due"
        if self.tasks.overdue:
            text += f", the oldest by {in_words(self._since(self.tasks.first_due))}"
        allowed = f"none by more than {in_words(self.limits.task.total_seconds())}" if self.limits.task else "none"
        return Line("tasks", self.tasks.overdue == 0, text, allowed, self.tasks.overdue)

    def _stuck(self) -> Line:
        text = f"{counted(self.stuck, 'enrollment')} with events that wait or were ignored"
        return Line("stuck", self.stuck <= self.limits.stuck, text, f"at most {self.limits.stuck}", self.stuck)

    def _backup(self) -> Line:
        # Where there never was one, as old as what would be lost.
        since = self._since(self.last_backup or self.first_enrolled)
        if self.last_backup is not None:
            text = f"made {in_words(since)} ago"
        else:
            text = "never made" + ("" if self.first_enrolled is not None else "; nobody is enrolled yet")
        allowed = f"within {in_words(self.limits.backup.total_seconds())}"
        return Line("backup", since <= self.limits.backup.total_seconds(), text, allowed, since)

    def _approvals(self) -> Line:
        ended = sum(ending.at <= self.at for ending in self.endings)
        text = f"{ended} ended, {len(self.endings) - ended} end soon" if self.endings else "none ends"
        allowed = f"none ends within {in_words(self.limits.approval.total_seconds())}"
        return Line("approvals", not self.endings, text, allowed, len(self.endings))

    def _messages(self) -> Line:
        return self._delay("messages", self.outgoing.oldest_message, self.limits.message, "none is due")

    def _senders(self) -> Line:
        count = self.outgoing.abandoned
        return Line("senders", count == 0, f"{counted(count, 'message')} whose sender died", "none", count)

    def _unknown(self) -> Line:
        count = self.outgoing.unknown
        return Line("unknown", count == 0, f"{counted(count, 'message')} that may have arrived", "none", count)

    def _failed(self) -> Line:
        failed = self.outgoing.failed
        count = sum(each.count for each in failed)
        text = f"{counted(count, 'message')} within a day"
        if count:
            text += ": " + ", ".join(f"{each.channel} {each.count}" for each in failed)
        return Line("failed", count <= self.limits.failed, text, f"at most {self.limits.failed}", count)

    def _letters(self) -> Line:
        waiting, limit = self._since(self.outgoing.oldest_letter), self.limits.letter.total_seconds()
        text = f"the oldest has waited {in_words(waiting)}" if waiting else "none waits to be printed or posted"
        return Line("letters", waiting <= limit, text, f"printed, then confirmed, within {in_words(limit)}", waiting)

    def _feed(self) -> Line:
        nothing = "every change is published" if self.limits.publishes else "not published"
        return self._delay("feed", self.outgoing.oldest_change, self.limits.feed, nothing)

    def _webhooks(self) -> Line:
        text = f"{counted(self.failed_endpoints, 'endpoint')} given up"
        return Line("webhooks", self.failed_endpoints == 0, text, "none", self.failed_endpoints)

    def _delay(self, name: str, oldest: datetime | None, limit: timedelta, nothing: str) -> Line:
        """The line of what should be done at once; `nothing` is the result where nothing waits."""
        late = self._since(oldest)
        text = f"the oldest is {in_words(late)} late" if late else nothing
        is_good = late <= limit.total_seconds()
        return Line(name, is_good, text, f"at most {in_words(limit.total_seconds())} late", late)

    def _since(self, then: datetime | None) -> float:
        return max((self.at - then).total_seconds(), 0) if then is not None else 0


def lateness_of(config: Configuration) -> Lateness:
    """The limits that a configuration sets."""
    return Lateness(
        timer=timedelta(seconds=config.late_timer),
        worker=timedelta(seconds=config.late_worker),
        task=timedelta(seconds=config.late_task),
        backup=timedelta(seconds=config.late_backup),
        approval=timedelta(seconds=config.late_approval),
        stuck=config.late_stuck,
        message=timedelta(seconds=config.late_message),
        failed=config.late_failed,
        letter=timedelta(seconds=config.late_letter),
        feed=timedelta(seconds=config.late_feed),
        sends=bool(config.channels),
        publishes=config.feed,
        signing=frozenset(name for names in config.requirements.functions.values() for name in names),
    )


def status_of(process: Process, limits: Lateness) -> Status:
    """Return the status now.

    Raises:
        Unavailable: when the database cannot be reached.
    """
    now = process.clock()
    with process.database.reading() as connection:
        at_work = [
            heartbeat for heartbeat in heartbeats.list_all(connection) if now - heartbeat.beat_at <= limits.worker
        ]
        return Status(
            at=now,
            limits=limits,
            oldest_due=overview.oldest_due(connection),
            failing=overview.count_failing(connection),
            workers=len(at_work),
            last_beat=heartbeats.last(connection),
            tasks=overview.open_tasks_overall(connection, now - limits.task),
            stuck=overview.count_stuck(connection),
            first_enrolled=overview.first_enrolled_at(connection),
            last_backup=overview.last_backup_at(connection),
            endings=tuple(sorted(_endings(connection, limits, now))),
            outgoing=outgoing_totals(connection, now, sends=limits.sends, publishes=limits.publishes),
            failed_endpoints=sum(endpoint.status == FAILED for endpoint in list_endpoints(connection)),
            releases=tuple(overview.releases_overall(connection)),
            size=overview.size_in_bytes(connection),
        )


def _endings(connection: Connection, limits: Lateness, now: datetime) -> Iterator[Ending]:
    """The approvals of visible content that have ended or end soon. It compiles nothing."""
    for journey in approvals.journeys_recorded(connection):
        newest = release_rows.newest_publication(connection, journey)
        standing = approvals.in_force(connection, journey)
        alive = {*release_rows.releases_in_use(connection, journey), *(newest.content if newest is not None else ())}
        if standing is not None and standing.release is not None:
            alive.add(standing.release)
        by_subject: dict[Subject, list[ApprovalEntry]] = {}
        for step in approvals.list_steps(connection, journey):
            if step.subject.key in alive:
                by_subject.setdefault(step.subject, []).append(step)
        for subject, steps in by_subject.items():
            last = next((step for step in reversed(steps) if step.kind == "approved"), None)
            end = _end([step for step in steps if step.digest == last.digest], limits.signing, now) if last else None
            if last is not None and end is not None and end <= now + limits.approval:
                yield Ending(end, subject, last.number)


def _end(steps: Sequence[ApprovalEntry], required: frozenset[str], now: datetime) -> datetime | None:
    """The end of the first signature that expires; None where no signature is needed."""
    if worth(steps, (), now).word == "recalled":
        return None
    ends: dict[str, datetime] = {}
    for step in steps:
        if step.kind in ("rejected", "submitted"):
            ends.clear()
        elif step.kind == "approved" and step.expires_at is not None and step.function in required:
            ends[step.function] = max(step.expires_at, ends.get(step.function, step.expires_at))
    return min(ends.values(), default=None)


def note_backup(process: Process, kind: str, taken_at: datetime) -> bool:
    """Record that a backup, begun at an instant, is complete; return False where the tables are too old for that."""
    if current_revision(process.database) != head_revision():
        return False
    with process.database.writing() as connection:
        overview.note_backup(connection, process.new_id(), kind, taken_at)
    return True


def in_words(seconds: float) -> str:
    """A duration in its two largest units, such as `2 h 5 min`."""
    return " ".join(_parts(round(seconds))) or "0 s"


def _parts(seconds: int) -> Iterator[str]:
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    first = next((unit for unit, (_, length) in enumerate(units) if seconds >= length), len(units))
    for unit, length in units[first : first + 2]:
        count, seconds = divmod(seconds, length)
        if count:
            yield f"{count} {unit}"


def read_status(process: Process, config: Configuration) -> Status:
    """The status of the service now, with the limits of a configuration."""
    return status_of(process, lateness_of(config))
