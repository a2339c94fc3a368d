"""The accounting of disclosures: what left about a person, when, to whom and why. It changes nothing.

It is in the room of the feed, the last of the ways by which something leaves: no room below knows all of them.

Source: 45 CFR 164.528 (date, recipient, what, why).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from journeys.permission import SHARE
from journeys.primitives.canonical import EARLIEST
from service.access.caller import Caller, Disclosure
from service.access.store.caregivers import caregivers_of
from service.effects.store.disclosures import disclosures_to_caregivers, disclosures_to_patient
from service.enrollments.store import enrollments
from service.enrollments.store.enrollments import list_of_patient
from service.feed.store.deliveries import CHANNEL, list_deliveries
from service.outreach.store.attempts import MAY_HAVE_ARRIVED, PastAttempt, query_attempts
from service.persons.addresses import masked_address
from service.persons.own import require_person
from service.persons.store import StoredPerson, query_contacts
from service.platform.pages import Page, cut_page
from service.publishing.library import JourneyRecord
from service.publishing.service import Service
from service.publishing.store import releases

DisclosureKind = Literal["shown", "sent", "delivered"]
APP, CAREGIVER, REMOVED = "app", "caregiver", "removed"
#: Recipients without an address: an app of the patient, or of a caregiver; an address that was removed since.

MOST = 1_000
#: Enrollments of a patient whose caregivers are looked for.
_Occasion = tuple[str, str, str, datetime, str | None]
#: An enrollment, a piece, a channel, when, and to which caregiver, if any.


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountedDisclosure:
    """What left once.

    A piece in an app, for the first time during a stay; a message that may have arrived; or an event that another
    system may have received.

    Attributes:
        at: when, UTC.
        kind: how it left.
        channel: by which channel, or in which form.
        recipient: the masked address, `APP`, `CAREGIVER`, `REMOVED`, or the name of the other system.
        caregiver: the id of the caregiver who received it, if one did.
        journey: the key of the journey; None of an event that is not stored any more.
        piece: the key of the piece; `version` is its number and `locale` its language, where they are recorded.
        event: the kind of the event; None of a piece.
        purpose: why: the purpose of the piece, or `share:<recipient>`; None where a version fits no release any more.
    """

    at: datetime
    kind: DisclosureKind
    channel: str
    recipient: str
    journey: str | None
    piece: str | None = None
    version: int | None = None
    locale: str | None = None
    event: str | None = None
    purpose: str | None
    caregiver: str | None = None


@dataclass(frozen=True, slots=True)
class DisclosurePage:
    """A page of the disclosures about a person."""

    person: str
    page: Page[AccountedDisclosure]


def account_disclosures(
    service: Service, caller: Caller, person: str | None, *, since: datetime | None, after: int, count: int
) -> DisclosurePage:
    """A page of what left about a person, oldest first: as far as the caller may see its enrollments.

    Only what was shown, sent or delivered is accounted for, which follows the told view: nothing here depends on what
    is held.

    Args:
        service: the process.
        caller: the patient, or staff.
        person: for staff, the person.
        since: from when on.
        after: the number of items before the page.
        count: the most items of the page.

    Raises:
        NotFound, Refused, Forbidden: see `require_person`.
    """
    with service.database.reading() as connection:
        owner = require_person(service, connection, caller, person)
        disclosures = list(_DisclosureReader(service, connection, caller, owner).read())
    in_order = sorted(
        (disclosure for disclosure in disclosures if since is None or disclosure.at >= since),
        key=lambda disclosure: (
            disclosure.at,
            disclosure.kind,
            disclosure.journey or "",
            disclosure.piece or "",
            disclosure.channel,
        ),
    )
    return DisclosurePage(
        owner.id, cut_page(in_order[after : after + count + 1], count, lambda _: f"0.{after + count}")
    )


class _DisclosureReader:
    """Reads what left about one person, by each way by which something leaves."""

    def __init__(self, service: Service, connection: Connection, caller: Caller, person: StoredPerson) -> None:
        self._service = service
        self._connection = connection
        self._caller = caller
        self._person = person
        owned = [stored.id for stored in list_of_patient(connection, person.reference, None, None, "", MOST)]
        found = caregivers_of(connection, owned)
        self._caregivers = {each.person: each.id for several in found.values() for each in several if each.person}
        contacts = query_contacts(connection, [person.id, *self._caregivers])()
        self._contacts = {contact.id: contact for several in contacts.values() for contact in several}
        self._enrollments: dict[str, Disclosure] = {}
        self._journeys: dict[str, tuple[JourneyRecord, list[str]]] = {}
        self._pieces: dict[tuple[str, str, str], tuple[int | None, str | None]] = {}

    def read(self) -> Iterator[AccountedDisclosure]:
        """Everything that left, as far as the caller may see its enrollment."""
        shown = list(self._shown())
        noted, sent_keys = dict(shown), set[_Occasion]()
        attempts = query_attempts(self._connection, [self._person.id, *self._caregivers], EARLIEST)()
        for past in [past for several in attempts.values() for past in several]:
            enrollment = self._enrollment(past.enrollment)
            if past.attempt.result in MAY_HAVE_ARRIVED and self._may_see(enrollment):
                # The sender notes what it sent, the first time in a stay, as shown at the same instant.
                caregiver = self._caregivers.get(past.attempt.person)
                key = enrollment.id, past.piece, past.attempt.channel, past.attempt.at, caregiver
                sent_keys.add(key)
                yield self._sent(past, enrollment, noted.get(key))
        yield from (disclosure for key, disclosure in shown if key not in sent_keys)
        yield from self._delivered()

    def _shown(self) -> Iterator[tuple[_Occasion, AccountedDisclosure]]:
        """What is stored as shown."""
        until = self._service.clock() + timedelta(microseconds=1)
        reference = self._person.reference
        rows = disclosures_to_patient(self._connection, reference, until)
        for id, journey, shown in [*rows, *disclosures_to_caregivers(self._connection, reference, until)]:
            if self._may_see(Disclosure(id, self._person.reference, journey)):
                number, purpose = self._version(journey, shown.piece, shown.version)
                disclosure = AccountedDisclosure(
                    at=shown.first_at,
                    kind="shown",
                    channel=shown.channel,
                    recipient=APP if shown.caregiver is None else CAREGIVER,
                    journey=journey,
                    piece=shown.piece,
                    version=number,
                    locale=shown.locale,
                    purpose=purpose,
                    caregiver=shown.caregiver,
                )
                yield (id, shown.piece, shown.channel, shown.first_at, shown.caregiver), disclosure

    def _sent(
        self, past: PastAttempt, enrollment: Disclosure, noted: AccountedDisclosure | None
    ) -> AccountedDisclosure:
        contact = self._contacts.get(past.attempt.contact)
        return AccountedDisclosure(
            at=past.attempt.at,
            kind="sent",
            channel=past.attempt.channel,
            recipient=masked_address(contact.channel, contact.address) if contact is not None else REMOVED,
            journey=enrollment.journey,
            piece=past.piece,
            version=noted.version if noted is not None else None,
            locale=noted.locale if noted is not None else None,
            purpose=past.attempt.purpose,
            caregiver=self._caregivers.get(past.attempt.person),
        )

    def _delivered(self) -> Iterator[AccountedDisclosure]:
        """What other systems may have received; what no enrollment is known of, only those see who see all of them."""
        for past in list_deliveries(self._connection, self._person.id):
            delivery, journey = past.delivery, None
            if past.enrollment is None:
                is_visible = self._caller.may_see(Disclosure("", self._person.reference, ""))
            else:
                enrollment = self._enrollment(past.enrollment)
                is_visible, journey = self._may_see(enrollment), enrollment.journey
            if is_visible:
                yield AccountedDisclosure(
                    at=delivery.at,
                    kind="delivered",
                    channel=CHANNEL,
                    recipient=delivery.recipient,
                    journey=journey,
                    event=delivery.kind,
                    purpose=SHARE + delivery.recipient,
                )

    def _enrollment(self, id: str) -> Disclosure:
        if id not in self._enrollments:
            stored = enrollments.load(self._connection, id)
            assert stored is not None
            self._enrollments[id] = Disclosure(id, stored.patient_ref, stored.journey)
        return self._enrollments[id]

    def _may_see(self, enrollment: Disclosure) -> bool:
        if not self._caller.may_see(enrollment):
            return False
        self._caller.disclose(enrollment)
        return True

    def _version(self, journey: str, piece: str, version: str) -> tuple[int | None, str | None]:
        """The number and the purpose of a version of a piece."""
        key = journey, piece, version
        if key not in self._pieces:
            self._pieces[key] = self._read_version(*key)
        return self._pieces[key]

    def _read_version(self, journey: str, piece: str, version: str) -> tuple[int | None, str | None]:
        library, connection = self._service.library, self._connection
        if journey not in self._journeys:
            ids = [release.id for release in releases.list_releases(connection, journey)]
            self._journeys[journey] = library.record(connection, journey), ids
        record, release_ids = self._journeys[journey]
        stored = record.pieces.get((piece, version))
        if stored is None:
            return None, None
        compiled = library.releases(connection)
        for release in release_ids:
            read = library.compiled.piece(stored, compiled[release])
            if read is not None:
                return stored.number, read.piece.purpose
        return stored.number, None
