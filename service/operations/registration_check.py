"""Whether people can join the programmes that declare a registration: a code needs a channel. It changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from service.platform.clock import Clock
from service.platform.database import Database, Finding
from service.publishing.review import programmes_of
from service.publishing.store import releases

ADVICE = (
    "/join answers 404 there until a code can be sent. Set mail_server (with mail_from and mail_unsubscribe), or "
    "sms_account, sms_provider or apprise_url: docs/service.md, 'Messages'."
)


@dataclass(frozen=True, slots=True)
class DeclaredRegistration:
    """A programme of a journey that accepts patients, and the channels by which it may send a code."""

    programme: str
    channels: tuple[str, ...]

    def is_open(self, channels: Collection[str]) -> bool:
        """Whether a code can be sent by one of these channels."""
        return not set(self.channels).isdisjoint(channels)


def list_registrations(database: Database, clock: Clock) -> list[DeclaredRegistration]:
    """The registrations of the programmes of journeys that accept patients, each programme once."""
    with database.reading() as connection:
        declared = {each.programme: each for each in _declared(connection, clock)}
    return list(declared.values())


def examine_registrations(database: Database, clock: Clock, channels: Collection[str]) -> Finding:
    """Whether each of the registrations can send a code by the channels that are set up."""
    registrations = list_registrations(database, clock)
    closed = [each.programme for each in registrations if not each.is_open(channels)]
    if not registrations:
        return Finding("registration", True, "none is declared by a programme of an active journey")
    if not closed:
        return Finding("registration", True, f"open: {', '.join(each.programme for each in registrations)}")
    reason = f"nobody can join {', '.join(closed)}: no channel for codes is set up"
    return Finding("registration", False, reason, ADVICE, is_warning=True)


def _declared(connection: Connection, clock: Clock) -> Iterator[DeclaredRegistration]:
    for journey in sorted(releases.journeys_published(connection)):
        publication = releases.open_publication(connection, journey, clock())
        for key, programme in programmes_of(connection, publication[0] if publication else None).by_key.items():
            if programme.registration is not None:
                yield DeclaredRegistration(key, programme.registration.channels)
