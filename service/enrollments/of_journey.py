"""Listing the enrollments of a journey for staff, folded to now in memory. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.primitives.canonical import time_text
from journeys.primitives.errors import Refused
from journeys.primitives.problems import did_you_mean
from journeys.primitives.state_path import StatePath
from service.access.caller import Caller
from service.enrollments.answers import EnrollmentAnswer, answer_enrollment, view_for_caller
from service.enrollments.content import ContentOptions
from service.enrollments.enroll import no_such_journey
from service.enrollments.read import fold_to_now
from service.enrollments.store import enrollments
from service.enrollments.store.journey_lists import ListedEnrollment, ListPosition, list_of_journey
from service.platform import errors
from service.platform.pages import Page
from service.publishing.service import Service
from service.publishing.store import releases

BATCH = 200
MOST_READ = 2_000
#: A page ends after so many enrollments were read for it, also where few of them are in the requested state.
STAFF_ONLY = "Only a token with the scope staff may list the enrollments of a journey. Send 'patient_ref'."


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyListRequest:
    """Which enrollments of a journey to list.

    `state` is the full path of a state in which they are now (None: any, ended enrollments too), `after` the position
    in the list after which the page begins. `sandbox` lists the sandboxes in place of the enrollments of patients.
    """

    journey: str
    state: str | None
    after: ListPosition
    count: int
    sandbox: bool = False


def list_enrollments_of_journey(
    service: Service, caller: Caller, request: JourneyListRequest
) -> Page[EnrollmentAnswer]:
    """A page of a journey's enrollments in the order of enrolling, without content.

    With a state a page may have fewer items than requested; the list ends where `next` is None.

    Raises:
        Forbidden: the caller is not staff.
        Refused: the journey was never published, or none of its releases has the state.
    """
    if not caller.sees_truth:
        raise errors.Forbidden(STAFF_ONLY)
    request = replace(request, sandbox=request.sandbox or caller.is_sandbox)
    now = service.clock()
    items: list[EnrollmentAnswer] = []
    last: ListPosition | None = None
    with service.database.reading() as connection:
        _require_known(service, connection, request)
        rows = _read(connection, request)
        for number, row in enumerate(rows):
            if len(items) == request.count or number == MOST_READ:
                assert last is not None
                return Page(items, cursor_of(last))
            answer = _answer(service, connection, caller, row, request.state, now)
            if answer is not None:
                items.append(answer)
            last = row.position
    return Page(items, None)


def cursor_of(position: ListPosition) -> str:
    """The cursor of a position in the list."""
    return f"{time_text(position.at)}~{position.id}"


def _read(connection: Connection, request: JourneyListRequest) -> Iterator[ListedEnrollment]:
    """The enrollments after the position of the request, as many at once as a page needs."""
    size = request.count + 1 if request.state is None else BATCH
    after = request.after
    while rows := list_of_journey(connection, request.journey, after, size, sandbox=request.sandbox):
        yield from rows
        if len(rows) < size:
            return
        after = rows[-1].position


def _answer(
    service: Service, connection: Connection, caller: Caller, row: ListedEnrollment, state: str | None, now: datetime
) -> EnrollmentAnswer | None:
    """The answer about an enrollment, or None where it is not in the state."""
    if state is not None and not row.may_be_in(StatePath.parse(state), now):
        return None
    stored = enrollments.load(connection, row.position.id)
    if stored is None:
        return None
    folded = fold_to_now(service, connection, stored, now).stored
    current = folded.enrollment.state
    if state is not None and (current is None or current.ended is not None or state not in current.places):
        return None
    seen = view_for_caller(service, connection, caller, folded, ContentOptions(content=False), stored.present(now))
    return answer_enrollment(connection, caller, seen)


def _require_known(service: Service, connection: Connection, request: JourneyListRequest) -> None:
    published = releases.journeys_published(connection)
    if request.journey not in published:
        raise no_such_journey(request.journey, did_you_mean(request.journey, published))
    if request.state is not None:
        _require_state(service, connection, request.journey, request.state)


def _require_state(service: Service, connection: Connection, journey: str, state: str) -> None:
    published = releases.list_releases(connection, journey)
    compiled = service.library.releases(connection)
    if not any(state in compiled[release.id].plan.states for release in published):
        hint = did_you_mean(state, compiled[published[0].id].plan.states)
        text = f"No release of this journey has the state '{state[:80]}'. Send its full path.{hint}"
        raise Refused({"state": [text]})
