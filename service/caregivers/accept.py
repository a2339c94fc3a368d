"""Accepting an invitation by its code: the caregiver becomes a person of their own, and gets a token."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from journeys.outreach.preferences import Preferences
from journeys.outreach.verification import INVITATION_LIFE, SentCode, judge_code
from journeys.primitives.errors import Refused
from service.access.caller import OF_CAREGIVER
from service.access.store import caregivers as store
from service.access.store.caregivers import CaregiverChange, Invitation, StoredCaregiver
from service.access.tokens import Binding, Minted, mint_caregiver_token
from service.caregivers.invite import invitation_of
from service.enrollments.store import enrollments
from service.persons.store import StoredPerson, add_person
from service.platform.logs import log
from service.platform.process import Process

NOT_VALID = (
    "This code is not valid. A code is accepted once, within seven days and five tries. Ask the person who invited you "
    "for another."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introducing:
    """What a caregiver says of themselves: a language tag, and the name of a time zone or None."""

    language: str
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class AcceptedInvitation:
    """A caregiver who accepted, and the token, whose secret is stored nowhere."""

    caregiver: StoredCaregiver
    minted: Minted


def accept_invitation(process: Process, code: str, introducing: Introducing) -> AcceptedInvitation:
    """Accepts the invitation of a code.

    Raises:
        Refused: the code is not valid; nothing says whether there is such an invitation. A wrong one counts as a try.
    """
    with process.database.writing() as connection:
        accepted = _accept(process, connection, code, introducing)
    if accepted is None:  # after the transaction, so that the try counts
        raise Refused({"code": [NOT_VALID]})
    log().info("caregiver accepted", caregiver=accepted.caregiver.id, token=accepted.minted.token.id)
    return accepted


def _accept(process: Process, connection: Connection, code: str, introducing: Introducing) -> AcceptedInvitation | None:
    typed = invitation_of(process, connection, code)
    caregiver = store.lock_invited(connection, typed.selector_digest) if typed is not None else None
    invitation = caregiver.invitation if caregiver is not None else None
    now = process.clock()
    sent = None
    if caregiver is not None and invitation is not None and caregiver.grants.is_in_force(now):
        sent = SentCode(invitation.code_digest, caregiver.invited_at, invitation.tries, is_used=False)
    verdict = judge_code(sent, typed.code_digest if typed is not None else "", now, INVITATION_LIFE)
    if verdict == "ended" or caregiver is None or invitation is None:
        return None
    if verdict == "wrong":
        store.update_caregiver(connection, replace(caregiver, invitation=_tried(invitation)))
        return None
    stored = enrollments.load(connection, caregiver.enrollment)
    assert stored is not None
    person = _new_person(process, connection, caregiver, introducing)
    caregiver = replace(caregiver, person=person, accepted_at=now, invitation=None)
    store.update_caregiver(connection, caregiver)
    change = CaregiverChange(
        kind="accepted", by="caregiver", reporter=OF_CAREGIVER + caregiver.id, at=now, grants=caregiver.grants
    )
    store.add_change(connection, caregiver, change)
    binding = Binding(stored.id, stored.patient_ref, stored.journey)
    return AcceptedInvitation(caregiver, mint_caregiver_token(process, connection, caregiver, binding))


def _tried(invitation: Invitation) -> Invitation:
    return replace(invitation, tries=invitation.tries + 1)


def _new_person(process: Process, connection: Connection, caregiver: StoredCaregiver, introducing: Introducing) -> str:
    """The id of the caregiver's own person, who has no reference of a clinic."""
    person = StoredPerson(
        id=process.new_id(),
        reference="",
        language=introducing.language,
        language_from="person",
        time_zone=introducing.time_zone,
        time_zone_from="person" if introducing.time_zone is not None else None,
        sequence=0,
        preferences=Preferences(),
        created_at=process.clock(),
    )
    add_person(connection, person, process.digests.digest_of(connection, "caregiver", caregiver.id))
    return person.id
