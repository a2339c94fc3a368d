"""Reading an enrollment, its content and its history, folded to now in memory. Only disclosures are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from service.access.caller import Caller
from service.enrollments.answers import (
    CallerView,
    ContentAnswer,
    EnrollmentAnswer,
    answer_enrollment,
    new_disclosures,
    store_new_disclosures,
    view_for_caller,
)
from service.enrollments.content import ContentOptions
from service.enrollments.history import HistoryEntry, line_for_staff, lines_for_patient
from service.enrollments.shared import shared_trace
from service.enrollments.steps import Advance, pass_time
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import HistoryLine
from service.enrollments.store.sandboxes import count_of_patient
from service.enrollments.trace import trace_of
from service.enrollments.views import content_of
from service.platform import errors
from service.platform.pages import Page, cut_page
from service.publishing.service import Service


def read_enrollment(service: Service, caller: Caller, enrollment: str, options: ContentOptions) -> EnrollmentAnswer:
    """An enrollment as the caller may see it.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        seen = view_now(service, connection, caller, enrollment, options)
        answer = answer_enrollment(connection, caller, seen)
    store_new_disclosures(service, enrollment, new_disclosures(service, caller, seen))
    return replace(answer, seen=None if caller.sees_truth else seen)


def read_content(service: Service, caller: Caller, enrollment: str, options: ContentOptions) -> ContentAnswer:
    """The content of an enrollment as the caller may see it; its pieces are stored as disclosures.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        seen = view_now(service, connection, caller, enrollment, options)
    store_new_disclosures(service, enrollment, new_disclosures(service, caller, seen))
    return ContentAnswer(content_of(seen.view, seen.servable, seen.chosen), seen.chosen.locale, seen.view.tag, seen)


def list_enrollments(
    service: Service, caller: Caller, *, patient_ref: str, after: str, count: int
) -> Page[EnrollmentAnswer]:
    """A page of a patient's enrollments by id, without content; only those that the caller may see."""
    now = service.clock()
    if caller.patient_ref not in (None, patient_ref):
        return Page([], None)
    options = ContentOptions(content=False)
    with service.database.reading() as connection:
        rows = enrollments.list_of_patient(
            connection, patient_ref, caller.journey, caller.enrollments, after, count + 1
        )

        def answer(stored: StoredEnrollment) -> EnrollmentAnswer:
            folded = fold_to_now(service, connection, stored, now).stored
            seen = view_for_caller(service, connection, caller, folded, options, stored.present(now))
            return answer_enrollment(connection, caller, seen)

        if caller.is_sandbox:
            rows = [row for row in rows if row.is_sandbox]
        return cut_page(rows, count, lambda stored: stored.id).map(answer)


def read_history(
    service: Service,
    caller: Caller,
    enrollment: str,
    *,
    locale: str | None,
    after: tuple[int, int],
    count: int,
) -> Page[HistoryEntry]:
    """A page of an enrollment's history: every step for staff, the steps behind the told view for others.

    `after` is the position (revision, sequence) of the last line of the page before.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    now = service.clock()
    with service.database.reading() as connection:
        stored = load_visible(connection, caller, enrollment)
        advance = fold_to_now(service, connection, stored, now)
        if caller.sees_truth:
            caller.disclose(stored)
            return _history_for_staff(connection, stored, advance, after, count)
        options = ContentOptions(locale, content=False)
        seen = view_for_caller(service, connection, caller, advance.stored, options, stored.present(now))
        trace = trace_of(service, connection, seen)
    plan = seen.servable.catalogue.plan
    lines = lines_for_patient(shared_trace(trace, plan, caller), plan, seen.chosen.locale)
    first = max(after[1], 0)
    return cut_page(lines[first:], count, lambda _: f"0.{first + count}")


def _history_for_staff(
    connection: Connection, stored: StoredEnrollment, advance: Advance, after: tuple[int, int], count: int
) -> Page[HistoryEntry]:
    lines = log.read_records(connection, stored.id, stored.enrollment.revision, after, count + 1)
    # The steps of timers since the last stored step belong to the history too, although they are not stored yet.
    lines += [(position, line) for position, line in _positions(advance.records) if position > after]
    return cut_page(lines, count, lambda line: "{}.{}".format(*line[0])).map(lambda line: line_for_staff(line[1]))


def find_enrollment(service: Service, caller: Caller, *, patient_ref: str, journey: str, key: str | None) -> str:
    """The id of a patient's only enrollment in a journey, or of the one with a key.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
        Ambiguous: the patient has several enrollments in this journey.
    """
    if caller.patient_ref not in (None, patient_ref) or caller.journey not in (None, journey):
        raise no_such_enrollment()
    with service.database.reading() as connection:
        ids = enrollments.ids_in_journey(connection, patient_ref, journey, key, caller.enrollments)
        is_hidden = caller.is_sandbox and count_of_patient(connection, patient_ref).sandboxes == 0
    if not ids or is_hidden:
        raise no_such_enrollment()
    if len(ids) > 1:
        raise ambiguous_enrollment()
    return ids[0]


def no_such_enrollment() -> errors.NotFound:
    """The error for an enrollment that does not exist or is not the caller's: the two are not told apart."""
    return errors.NotFound("No such enrollment.")


def ambiguous_enrollment() -> errors.Ambiguous:
    """The error for a patient with several enrollments in the journey."""
    return errors.Ambiguous("The patient has more than one enrollment in this journey. Name 'enrollment' or 'key'.")


def load(
    service: Service, connection: Connection, caller: Caller, enrollment: str
) -> tuple[StoredEnrollment, datetime]:
    """An enrollment folded to its present in memory, and this present, UTC.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    stored, now = load_visible(connection, caller, enrollment), service.clock()
    return fold_to_now(service, connection, stored, now).stored, stored.present(now)


def view_now(
    service: Service, connection: Connection, caller: Caller, enrollment: str, options: ContentOptions
) -> CallerView:
    """The view of a caller on an enrollment, folded to its present in memory.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    stored, now = load(service, connection, caller, enrollment)
    return view_for_caller(service, connection, caller, stored, options, now)


def fold_to_now(service: Service, connection: Connection, stored: StoredEnrollment, now: datetime) -> Advance:
    """A stored enrollment folded to now in memory; a sandbox to the present of its own clock."""
    releases = service.library.releases(connection)
    return pass_time(releases, stored, stored.present(now))


def load_visible(connection: Connection, caller: Caller, enrollment: str) -> StoredEnrollment:
    """An enrollment that the caller may see, as it is stored.

    Raises:
        NotFound: it does not exist, or is not the caller's.
    """
    stored = enrollments.load(connection, enrollment)
    if stored is None or not caller.may_see(stored):
        raise no_such_enrollment()
    return stored


def _positions(lines: Sequence[HistoryLine]) -> list[tuple[tuple[int, int], HistoryLine]]:
    """The lines with their positions (revision, sequence), as they will be stored."""
    numbered: list[tuple[tuple[int, int], HistoryLine]] = []
    for line in lines:
        revision, sequence = numbered[-1][0] if numbered else (-1, -1)
        position = (line.revision, sequence + 1 if revision == line.revision else 0)
        numbered.append((position, line))
    return numbered
