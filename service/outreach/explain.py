"""Why each message of an enrollment left, waits, or did not leave: one sentence in plain English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlalchemy import Connection

from journeys.outreach.wording import CHANNEL_NAMES, GATE_REASONS
from service.access.caller import Caller
from service.enrollments.read import load_visible
from service.outreach.port import Reason
from service.outreach.shared import messages_for
from service.outreach.states import SCHEDULED, SENDING, UNKNOWN
from service.outreach.store.attempts import MAY_HAVE_ARRIVED, StoredAttempt, attempts_of_message
from service.outreach.store.messages import StoredMessage, messages_of_enrollment
from service.persons.store import StoredPerson, load_person
from service.platform.time_zones import zone_of
from service.publishing.service import Service

MOST = 200
PROVIDER_REASONS: Mapping[Reason, str] = {
    Reason.UNREACHABLE: "the provider cannot be reached",
    Reason.TIMEOUT: "the provider does not answer in time",
    Reason.CONNECTION_LOST: "the connection to the provider broke",
    Reason.BAD_ANSWER: "the provider's answer cannot be read",
    Reason.BUSY: "the provider is busy",
    Reason.PROVIDER_FAILED: "the provider failed",
    Reason.NOT_SIGNED_IN: "the provider does not accept our credentials",
    Reason.REFUSED: "the provider refused it",
    Reason.ENDED: "the subscription has ended",
    Reason.TOO_LARGE: "it is too large for the provider",
    Reason.BAD_ADDRESS: "the address does not work",
    Reason.BAD_CONTENT: "the provider cannot send its content",
    Reason.EXPIRED: "it is of no use any more",
}
_REASONS: Mapping[str, str] = dict([*GATE_REASONS.items(), *PROVIDER_REASONS.items()])


@dataclass(frozen=True, slots=True)
class ExplainedMessage:
    """A message, and what became of it.

    Attributes:
        message: the message.
        channel: the channel by which it left or may have left; None: by none.
        at: when it left or ended, UTC; None: it waits.
        why: what became of it and why, as a sentence with the time of the person's clock.
    """

    message: StoredMessage
    channel: str | None
    at: datetime | None
    why: str


def explain_messages(service: Service, caller: Caller, enrollment: str) -> list[ExplainedMessage]:
    """The messages of an enrollment, at most `MOST`, each with a sentence; those that fell due first come first.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        visible = load_visible(connection, caller, enrollment)
        caller.disclose(visible)
        own = caller.caregiver.person if caller.caregiver is not None else None
        stored = messages_of_enrollment(connection, enrollment, "", MOST, person=own)
        return _explained(connection, messages_for(service, connection, caller, visible, stored))


def explained(connection: Connection, enrollment: str) -> list[ExplainedMessage]:
    """The messages of an enrollment, at most `MOST`, each with a sentence; those that fell due first come first."""
    return _explained(connection, messages_of_enrollment(connection, enrollment, "", MOST))


def _explained(connection: Connection, stored: Sequence[StoredMessage]) -> list[ExplainedMessage]:
    zones = {each: _zone_of(load_person(connection, each)) for each in {message.person for message in stored}}
    return [
        _explain(message, attempts_of_message(connection, message.id), zones[message.person])
        for message in sorted(stored, key=lambda each: (each.due, each.id))
    ]


def _zone_of(person: StoredPerson | None) -> tzinfo:
    return zone_of(person.time_zone) if person is not None and person.time_zone is not None else UTC


def _explain(message: StoredMessage, attempts: Sequence[StoredAttempt], zone: tzinfo) -> ExplainedMessage:
    last = next((attempt for attempt in reversed(attempts) if attempt.result in MAY_HAVE_ARRIVED), None)
    reason = _REASONS.get(message.reason or "", message.reason or "")
    if message.status in ("sent", SENDING, UNKNOWN) and last is not None:
        local = last.at.astimezone(zone)
        by = f"by {CHANNEL_NAMES[last.channel]} on {local:%Y-%m-%d} at {local:%H:%M} ({zone})"
        return ExplainedMessage(message, last.channel, last.at, _LEFT[message.status].format(by))
    beginning = "Waits" if message.status == SCHEDULED else "Not sent"
    return ExplainedMessage(message, None, message.ended_at, f"{beginning}: {reason}." if reason else f"{beginning}.")


_LEFT = {
    "sent": "Sent {}.",
    SENDING: "Handed over {}; the provider has not answered yet.",
    UNKNOWN: "Handed over {}; nobody knows whether it arrived.",
}
