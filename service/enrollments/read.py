"""Reading: an enrollment, its content, its history. Folded to now in memory; only what is given out is noted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from service.access.caller import Caller
from service.enrollments.answers import EnrollmentAnswer, Seen, enrollment_part, note_shown, now_part, see, unnoted
from service.enrollments.content import Asked
from service.enrollments.history import line_for_staff, lines_for_patient
from service.enrollments.steps import Passed, pass_time
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import Stored
from service.enrollments.store.log import Recorded
from service.enrollments.trace import trace_of
from service.platform import errors
from service.platform.pages import Page
from service.publishing.service import Service


def read_enrollment(service: Service, caller: Caller, enrollment: str, asked: Asked) -> EnrollmentAnswer:
    """An enrollment as the caller may see it.

    Raises:
        NotFound: there is none, or it is not the caller's.
    """
    now = service.clock()
    with service.database.reading() as connection:
        passed = load(service, connection, caller, enrollment, now)
        seen = see(service, connection, caller, passed.stored, asked, now)
        body = enrollment_part(seen, now_part(connection, caller, seen))
    note_shown(service, enrollment, unnoted(service, caller, seen, now))
    return EnrollmentAnswer(body, seen.view.tag)


def read_seen(service: Service, caller: Caller, enrollment: str, asked: Asked) -> Seen:
    """What the caller sees, with the content chosen for it; it is noted as given out.

    Raises:
        NotFound: there is none, or it is not the caller's.
    """
    now = service.clock()
    with service.database.reading() as connection:
        passed = load(service, connection, caller, enrollment, now)
        seen = see(service, connection, caller, passed.stored, asked, now)
    note_shown(service, enrollment, unnoted(service, caller, seen, now))
    return seen


def list_enrollments(service: Service, caller: Caller, *, patient_ref: str, after: str, count: int) -> Page:
    """A patient's enrollments, without content; none of those that are not the caller's."""
    now = service.clock()
    if caller.patient_ref not in (None, patient_ref):
        return Page([], None)
    asked = Asked(content=False)
    with service.database.reading() as connection:
        found = enrollments.list_of_patient(connection, patient_ref, caller.journey, after, count + 1)
        items = []
        for stored in found[:count]:
            passed = fold_to_now(service, connection, stored, now)
            seen = see(service, connection, caller, passed.stored, asked, now)
            items.append(enrollment_part(seen, now_part(connection, caller, seen)))
    return Page(items, found[count - 1].id if len(found) > count else None)


def read_history(
    service: Service,
    caller: Caller,
    enrollment: str,
    *,
    locale: str | None,
    after: tuple[int, int],
    count: int,
) -> Page:
    """The lines of an enrollment's history: every step for staff; for others what led to what they were told.

    Raises:
        NotFound: there is none, or it is not the caller's.
    """
    now = service.clock()
    with service.database.reading() as connection:
        stored = _found(connection, caller, enrollment)
        passed = fold_to_now(service, connection, stored, now)
        if caller.sees_truth:
            caller.disclose(stored)
            return _history_of_staff(connection, stored, passed, after, count)
        seen = see(service, connection, caller, passed.stored, Asked(locale, content=False), now)
        trace = trace_of(service, connection, seen, now)
    lines = lines_for_patient(trace, seen.shelf.catalogue.plan, seen.chosen.locale)
    first = max(after[1], 0)
    more = len(lines) > first + count
    return Page(lines[first : first + count], f"0.{first + count}" if more else None)


def _history_of_staff(
    connection: Connection, stored: Stored, passed: Passed, after: tuple[int, int], count: int
) -> Page:
    lines = log.read_records(connection, stored.id, stored.enrollment.revision, after, count + 1)
    # What time alone did since the last step is not stored yet, and part of the history all the same.
    lines += [(place, line) for place, line in _places(passed.records) if place > after]
    items = [line_for_staff(line) for _, line in lines[:count]]
    return Page(items, "{}.{}".format(*lines[count - 1][0]) if len(lines) > count else None)


def load(service: Service, connection: Connection, caller: Caller, enrollment: str, now: datetime) -> Passed:
    """An enrollment folded to now in memory.

    Raises:
        NotFound: there is none, or it is not the caller's.
    """
    return fold_to_now(service, connection, _found(connection, caller, enrollment), now)


def fold_to_now(service: Service, connection: Connection, stored: Stored, now: datetime) -> Passed:
    """A stored enrollment folded to now in memory."""
    releases = service.library.releases(connection)
    return pass_time(releases, stored, now, lambda: [entry.arrival for entry in log.read_log(connection, stored.id)])


def _found(connection: Connection, caller: Caller, enrollment: str) -> Stored:
    stored = enrollments.load(connection, enrollment)
    if stored is None or not caller.may_see(stored):
        raise errors.NotFound(errors.NO_SUCH_ENROLLMENT)
    return stored


def _places(records: Sequence[Recorded]) -> list[tuple[tuple[int, int], Recorded]]:
    found: list[tuple[tuple[int, int], Recorded]] = []
    for record in records:
        last = found[-1][0] if found else (-1, -1)
        sequence = last[1] + 1 if last[0] == record.revision else 0
        found.append(((record.revision, sequence), record))
    return found
