"""Whether the told view justifies a message now, by what it is of: a reminder, a piece, or the words of a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.outreach.incoming import ANSWERS
from journeys.outreach.justification import Justification, justify_occasion, justify_reminder
from journeys.outreach.occasions import EarlierMessage
from service.enrollments.answers import CallerView
from service.outreach.basis import Basis
from service.outreach.occasions import read_told_journey
from service.outreach.shared import is_shared
from service.outreach.store.messages import StoredMessage
from service.persons.store import StoredPerson


def justify(
    connection: Connection, basis: Basis, stored: StoredMessage, seen: CallerView, now: datetime
) -> Justification:
    """A message of a basis as the told view of its enrollment justifies it, unless it has arrived before."""
    justification = _by_kind(connection, basis, stored, seen, now)
    if not is_shared(basis.caregiver, seen.servable.catalogue, stored, now):
        return replace(justification, lapse="not_shared")
    if justification.lapse is None and not basis.arrived.isdisjoint(stored.earlier):
        return replace(justification, lapse="arrived")
    return justification


def _by_kind(
    connection: Connection, basis: Basis, stored: StoredMessage, seen: CallerView, now: datetime
) -> Justification:
    match stored.kind:
        case "reminder":
            return _of_reminder(basis, stored, seen, now)
        case "piece":
            return _of_piece(connection, stored, seen, basis.person, now)
        case "answer" | "code":
            return _of_words(stored, seen)


def _of_reminder(basis: Basis, stored: StoredMessage, seen: CallerView, now: datetime) -> Justification:
    message = EarlierMessage(occasion=stored.subject, piece=stored.piece, due=stored.due)
    justification = justify_reminder(seen.servable.catalogue, seen.view.shown, message, now)
    if stored.subject in basis.recalled:
        return replace(justification, lapse="recalled")
    return justification


def _of_piece(
    connection: Connection, stored: StoredMessage, seen: CallerView, person: StoredPerson, now: datetime
) -> Justification:
    view = seen.view.shown
    if view is None:  # it has ended, or is not told any more
        piece = seen.servable.catalogue.pieces.get(stored.piece)
        return Justification(piece, stored.due, stored.useful_until, lapse="left")
    told = read_told_journey(connection, stored.enrollment, seen, view, person)
    message = next(each for each in told.messages if each.occasion == stored.subject)
    return justify_occasion(told, message, stored.useful_until, now)


def _of_words(stored: StoredMessage, seen: CallerView) -> Justification:
    reply = seen.servable.catalogue.pieces.get(stored.piece)
    pauses = [answer.not_again for answer in ANSWERS.values() if reply is not None and reply.answers == answer.question]
    return Justification(reply, stored.due, stored.useful_until, not_again=max(pauses, default=timedelta()))
