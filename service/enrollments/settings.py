"""Changing what staff and apps set of an enrollment: its language, its time zone and its programme."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.primitives.canonical import time_text
from journeys.primitives.errors import Refused
from service.access.caller import Caller
from service.effects.store.looks import forget_looks_of_person
from service.enrollments.answers import EnrollmentAnswer, answer_enrollment, view_for_caller
from service.enrollments.change import require_match
from service.enrollments.content import ContentOptions
from service.enrollments.enroll import checked_programme, open_publication
from service.enrollments.read import fold_to_now, no_such_enrollment
from service.enrollments.save import store_advance
from service.enrollments.store import enrollments, log
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import HistoryLine
from service.persons.introduce import tell_person
from service.publishing.service import Service

NOTHING = "Send at least one of 'locale', 'time_zone' and 'programme'."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSettings:
    """The new settings; None: no change."""

    locale: str | None = None
    time_zone: str | None = None
    programme: str | None = None


def change_settings(
    service: Service, caller: Caller, enrollment: str, chosen: ChosenSettings, if_match: frozenset[str] = frozenset()
) -> EnrollmentAnswer:
    """The enrollment with its new settings, which count from now on; a line of its history has the old and the new.

    The language and the time zone become those of the person too, unless somebody said them whose word counts more.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
        Refused: nothing is set, or the journey has no such programme.
        Stale: `if_match` names an earlier state.
    """
    if chosen == ChosenSettings():
        raise Refused({"body": [NOTHING]})
    with service.database.writing() as connection:
        now = service.clock()
        stored = enrollments.load_to_change(connection, enrollment)
        if stored is None or not caller.may_see(stored):
            raise no_such_enrollment()
        advance, present = fold_to_now(service, connection, stored, now), stored.present(now)
        require_match(caller, advance.stored, present, if_match)
        if chosen.programme is not None:
            publication, _ = open_publication(service, connection, stored.journey, now, of_record=True)
            checked_programme(publication, chosen.programme)
        if advance.steps:
            store_advance(connection, advance, present)
        changed = _store(connection, caller, advance.stored, chosen, present)
        _tell_person(connection, caller, changed, chosen)
        view = view_for_caller(service, connection, caller, changed, ContentOptions(content=False), present)
        return answer_enrollment(connection, caller, view)


def _store(
    connection: Connection, caller: Caller, stored: StoredEnrollment, chosen: ChosenSettings, now: datetime
) -> StoredEnrollment:
    """Stores what is another value now, under a new revision, so that nobody takes the old for current."""
    given = {each.name: getattr(chosen, each.name) for each in fields(chosen)}
    new = {name: value for name, value in given.items() if value not in (None, getattr(stored, name))}
    if not new:
        return stored
    revision = stored.enrollment.revision + 1
    changed = replace(stored, enrollment=replace(stored.enrollment, revision=revision), **new)
    data = {"from": {name: getattr(stored, name) for name in new}, "to": new, "by": caller.by}
    enrollments.update_settings(connection, changed)
    line = HistoryLine(revision, "settings", caller.name, time_text(now), data)
    log.append_records(connection, stored.id, now, [line])
    return changed


def _tell_person(connection: Connection, caller: Caller, stored: StoredEnrollment, chosen: ChosenSettings) -> None:
    if stored.person is None or (chosen.locale is None and chosen.time_zone is None):
        return
    source = "staff" if caller.by == "staff" else "app"
    tell_person(connection, stored.person, source, language=chosen.locale, time_zone=chosen.time_zone)
    forget_looks_of_person(connection, "messages", stored.person)  # other messages, or other times
