"""How long an answer to a read stays true, so that a conditional read is decided before anything is drawn."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.access.caller import Caller
from service.enrollments.answers import CallerView
from service.enrollments.store import enrollments
from service.enrollments.store.enrollments import EnrollmentVersion
from service.publishing.service import Service

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Poll:
    """One read of an enrollment by a caller, with the version of the stored row that it reads.

    `request` tells the reads of one enrollment apart: the route and its parameters.
    """

    service: Service
    caller: Caller
    version: EnrollmentVersion
    request: Hashable
    now: datetime

    def is_fresh(self, tag: str) -> bool:
        """Whether this process drew the answer with this tag from the same rows, and time has not changed it since."""
        return self.service.fresh.is_fresh(self._answer(tag), self.now)

    def remember(self, tag: str, until: datetime) -> None:
        """Remembers the tag of the answer that was drawn for this read, and until when it is true."""
        due = self.version.next_due_at
        self.service.fresh.add(self._answer(tag), until if due is None else min(until, due))

    def _answer(self, tag: str) -> Hashable:
        # Staff, patients and caregivers have answers of their own, also where they are equal: each is disclosed apart.
        version = self.version
        rows = (version.id, version.revision, version.log_length, version.standing)
        return (*rows, self.caller.sees_truth, self.caller.caregiver, self.request, tag)


def poll_of(service: Service, caller: Caller, enrollment: str, request: Hashable) -> Poll | None:
    """The read of an enrollment; None where the caller may not see it, or a due timer is not stored yet.

    None too of a sandbox, whose content follows the real clock and all else its own.
    """
    now = service.clock()
    with service.database.reading() as connection:
        version = enrollments.read_version(connection, enrollment)
    if version is None or not caller.may_see(version) or version.is_sandbox or not version.is_settled(now):
        return None
    return Poll(service, caller, version, request, now)


def fresh_until(seen: CallerView, now: datetime) -> datetime:
    """The first instant at which time alone may change an answer.

    That is midnight (UTC), a whole number of days in an open state, a timer, or the end of an approval.
    """
    midnight = datetime.combine(now.astimezone(UTC).date() + _DAY, datetime.min.time(), UTC)
    instants = [midnight]
    if seen.servable.valid_until is not None:
        instants.append(seen.servable.valid_until)
    if seen.view.shown is not None:
        for stays in seen.view.shown.tracks.values():
            for stay in stays:
                instants.append(stay.since + _DAY * ((now - stay.since) // _DAY + 1))
                instants += [armed.due for armed in stay.timers.values() if armed.due > now]
    return min(instants)
