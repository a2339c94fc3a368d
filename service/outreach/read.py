"""Reading the messages of an enrollment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.access.caller import Caller
from service.access.store.caregivers import caregivers_of
from service.enrollments.read import load_visible
from service.outreach.shared import messages_for
from service.outreach.store.attempts import StoredAttempt, attempts_of_message
from service.outreach.store.messages import StoredMessage, messages_of_enrollment
from service.platform.pages import Page, cut_page
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class MessageWithAttempts:
    """A message and every attempt to hand it over; `caregiver` is the id of the caregiver to whom it goes, if any."""

    message: StoredMessage
    attempts: Sequence[StoredAttempt]
    caregiver: str | None


def list_messages(
    service: Service, caller: Caller, enrollment: str, *, after: str, count: int
) -> Page[MessageWithAttempts]:
    """A page of an enrollment's messages, oldest first: all of them, or those to the caregiver who calls.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        visible = load_visible(connection, caller, enrollment)
        caller.disclose(visible)
        own = caller.caregiver.person if caller.caregiver is not None else None
        stored = messages_of_enrollment(connection, enrollment, after, count + 1, person=own)
        page = cut_page(stored, count, lambda message: message.id)
        page = replace(page, items=messages_for(service, connection, caller, visible, page.items))
        caregivers = {each.person: each.id for each in caregivers_of(connection, [enrollment])[enrollment]}
        return page.map(
            lambda message: MessageWithAttempts(
                message, attempts_of_message(connection, message.id), caregivers.get(message.person)
            )
        )
