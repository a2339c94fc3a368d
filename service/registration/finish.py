"""The last step of a registration: a code proves the contact, and everything is stored together. It renders no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from journeys.outreach.verification import CodeVerdict, judge_code
from service.access.caller import Caller
from service.access.tokens import OF_PATIENT
from service.enrollments.enroll import IncomingEnrollment, add_enrollment
from service.enrollments.requests import EnrollRequest, digest_of
from service.permission.ledger import add_to_ledger
from service.permission.record import SpokenEntry, entry_of_caller
from service.persons.introduce import tell_person
from service.persons.own import store_contact
from service.persons.store import lock_person
from service.platform.logs import log
from service.publishing.approvals import NamedText
from service.publishing.service import Service
from service.registration.counts import count
from service.registration.drafts import Draft, open_draft, save_draft
from service.registration.letters import digest_of_tried
from service.registration.offers import JoinOffer
from service.sign_in.sessions import Attempt, OpenedSession, begin_session

METHOD = "web"


def finish(service: Service, offer: JoinOffer, secret: str, code: str, attempt: Attempt) -> OpenedSession | CodeVerdict:
    """A session of the new patient; or what is wrong with the code: `wrong`, which counts as a try, or `ended`.

    The person, the contact, the permissions and the enrollment are stored in one transaction, and the draft is emptied.

    Raises:
        NotFound: the draft has gone.
        Conflict: it is finished.
        Refused: what was chosen cannot be chosen any more; nothing is stored.
    """
    with service.database.writing() as connection:
        now, draft = service.clock(), open_draft(service, connection, secret)
        contact = draft.coded or ("", "")
        verdict = judge_code(draft.code, digest_of_tried(service, connection, contact, code), now)
        if verdict != "accepted":
            if verdict == "wrong" and draft.code is not None:
                tried = replace(draft.code, tries=draft.code.tries + 1)
                save_draft(service, connection, secret, replace(draft, code=tried))
            return verdict
        person = _join(service, connection, offer, draft, now)
        save_draft(service, connection, secret, draft.finished(now))
        count(service, connection, offer, draft, [("code", "finished")])
        return begin_session(service, connection, person, "code", attempt, now)


def _join(service: Service, connection: Connection, offer: JoinOffer, draft: Draft, now: datetime) -> str:
    """The id of the new person, enrolled, with the contact and the permissions."""
    answers, reference = draft.answers, service.new_id()
    language, zone = draft.language, str(answers["time-zone"])
    caller = Caller("", OF_PATIENT + reference, frozenset({"enroll", "report"}), "patient", patient_ref=reference)
    request = EnrollRequest(
        key="registration",
        journey=offer.journey,
        patient_ref=reference,
        locale=language,
        time_zone=zone,
        programme=offer.programme.key,
        entry=str(answers["entry"]),
    )
    body = {"patient_ref": reference, "entry": request.entry}
    incoming = IncomingEnrollment(identity=None, digest=digest_of("registration", body), request=request)
    stored = add_enrollment(service, connection, caller, incoming, now)
    assert stored is not None and stored.person is not None, "the reference is new"
    tell_person(connection, stored.person, "person", language=language, time_zone=zone)
    assert draft.coded is not None
    store_contact(service, connection, stored.person, draft.coded[0], draft.coded[1], "code")
    for key, answer in answers.items():
        if key.startswith("permission-"):
            _permit(service, connection, caller, stored.person, offer, (key.removeprefix("permission-"), answer), now)
    log().info("patient registered", enrollment=stored.id)
    return stored.person


def _permit(
    service: Service,
    connection: Connection,
    caller: Caller,
    person: str,
    offer: JoinOffer,
    asked: tuple[str, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Records a grant for each ticked cell of a consent text."""
    key, answer = asked
    text = NamedText(offer.journey, key, answer["version"], answer["locale"])
    for purpose, channel in answer["cells"]:
        spoken = SpokenEntry(kind="grant", method=METHOD, purpose=purpose, channel=channel, text=text)
        entry = entry_of_caller(service, connection, caller, spoken, now)
        locked = lock_person(connection, person)
        assert locked is not None
        add_to_ledger(connection, locked, entry, now)
