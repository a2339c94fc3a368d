"""Reading the messages of an enrollment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.access.caller import Caller
from service.enrollments.read import load_visible
from service.outreach.store.attempts import StoredAttempt, attempts_of_message
from service.outreach.store.messages import StoredMessage, messages_of_enrollment
from service.platform.pages import Page, cut_page
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class MessageWithAttempts:
    """A message and every attempt to hand it over."""

    message: StoredMessage
    attempts: Sequence[StoredAttempt]


def list_messages(
    service: Service, caller: Caller, enrollment: str, *, after: str, count: int
) -> Page[MessageWithAttempts]:
    """A page of an enrollment's messages, oldest first.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        caller.disclose(load_visible(connection, caller, enrollment))
        stored = messages_of_enrollment(connection, enrollment, after, count + 1)
        page = cut_page(stored, count, lambda message: message.id)
        return page.map(lambda message: MessageWithAttempts(message, attempts_of_message(connection, message.id)))
