"""Messages that caregivers get of what the patient gets a message of, by their own contacts and permission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from journeys.content.catalogue import Catalogue, Piece
from journeys.permission.caregivers import COURSE
from service.access.caller import Caller
from service.access.store.caregivers import StoredCaregiver, caregivers_of
from service.enrollments.store.enrollments import StoredEnrollment
from service.outreach.store.messages import StoredMessage
from service.outreach.told import told_now
from service.platform.process import Process
from service.publishing.service import Service


def messages_to_caregivers(
    process: Process, connection: Connection, message: StoredMessage, piece: Piece | None, now: datetime
) -> list[StoredMessage]:
    """The messages to those caregivers of an enrollment who are reminded of what a new message to the patient says.

    The gate is asked about each by itself, whatever becomes of the patient's.
    """
    if piece is None:
        return []
    return [
        replace(message, id=process.new_id(), person=caregiver.person)
        for caregiver in caregivers_of(connection, [message.enrollment])[message.enrollment]
        if caregiver.person is not None and caregiver.is_active(now) and caregiver.grants.reminds_of(piece)
    ]


def messages_for(
    service: Service,
    connection: Connection,
    caller: Caller,
    stored: StoredEnrollment,
    messages: Sequence[StoredMessage],
) -> list[StoredMessage]:
    """The messages of an enrollment that a caller may read: a caregiver those of what the patient shares now."""
    grants = caller.grants
    if grants is None:
        return list(messages)
    catalogue = told_now(service, connection, stored, None, service.clock()).servable.catalogue

    def is_readable(message: StoredMessage) -> bool:
        piece = catalogue.pieces.get(message.piece)
        is_of_topic = (message.topic or COURSE) in grants.sees
        return message.is_answer or (is_of_topic and (piece is None or grants.shares(piece)))

    return [message for message in messages if is_readable(message)]


def is_shared(caregiver: StoredCaregiver | None, catalogue: Catalogue, message: StoredMessage, now: datetime) -> bool:
    """Whether a person still may get a message: a patient always; a caregiver while the patient shares its piece.

    A piece that is not in force says nothing: the gate asks whether it is approved.
    """
    if caregiver is None or message.is_answer:
        return True
    piece = catalogue.pieces.get(message.piece)
    return caregiver.is_active(now) and (piece is None or caregiver.grants.reminds_of(piece))
