"""Passkeys of patients (Web Authentication, W3C): added after a code, used to sign in, listed and ended.

A passkey signs in alone, so that the device must have identified its user each time. It renders no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from journeys.primitives.problems import counted
from service.access import accounts
from service.persons.store import lock_person
from service.platform import errors
from service.platform.logs import log, where
from service.platform.process import Process
from service.sign_in.sessions import Attempt, OpenedSession, SignedInPatient, begin_session
from service.sign_in.store import passkeys
from service.sign_in.store.passkeys import Passkey

MOST_PASSKEYS = 10
TOO_MANY = f"A patient can have {counted(MOST_PASSKEYS, 'passkey')}. Remove another first."
#: A passkey is added so long after signing in by a code: later somebody else may sit at the device.
FRESH = timedelta(minutes=15)
#: The longest id of a credential, in characters of base64url (Web Authentication, 4: 1023 bytes).
LONGEST_CREDENTIAL = 1364
_ADD, _SIGN_IN = "add", "sign in"


@dataclass(frozen=True, slots=True)
class Site:
    """This site as a browser sees it: the host, to which passkeys belong, and the origin of its pages."""

    host: str
    origin: str


def is_fresh(process: Process, patient: SignedInPatient) -> bool:
    """Whether a patient signed in by a code a short while ago."""
    return patient.session.way == "code" and process.clock() < patient.session.created_at + FRESH


def begin_adding(process: Process, cookie: str, patient: SignedInPatient, site: Site, name: str) -> str:
    """The options for making a passkey, as JSON; `name` is what the device calls it.

    Raises:
        TooMany: the patient has as many passkeys as are accepted.
    """
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    existing = list_passkeys(process, patient.person.id)
    if len(existing) >= MOST_PASSKEYS:
        raise errors.TooMany(TOO_MANY)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=site.host,
        user_name=name,
        user_id=patient.person.id.encode(),
        challenge=_challenge(process, cookie, _ADD),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential)) for passkey in existing
        ],
    )
    return options_to_json(options)


def add_passkey(
    process: Process, cookie: str, patient: SignedInPatient, attempt: Attempt, site: Site, answer: Mapping[str, Any]
) -> None:
    """Stores the passkey that a device made.

    Raises:
        PasskeyRefused: a check of the answer failed, or it was not asked for in this browser.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    challenge = _take_challenge(process, cookie, _ADD)
    try:
        verified = verify_registration_response(
            credential=dict(answer),
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as error:
        raise _refused(error) from None
    credential, now = bytes_to_base64url(verified.credential_id), process.clock()
    if len(credential) > LONGEST_CREDENTIAL:
        raise errors.PasskeyRefused
    with process.database.writing() as connection:
        owner = lock_person(connection, patient.person.id)
        if owner is None or len(passkeys.passkeys_of_person(connection, owner.id)) >= MOST_PASSKEYS:
            raise errors.PasskeyRefused
        passkey = Passkey(
            id=process.new_id(),
            person=owner.id,
            credential_digest=process.digests.digest_of(connection, "passkey", credential),
            credential=credential,
            public_key=bytes_to_base64url(verified.credential_public_key),
            browser=attempt.device.browser,
            system=attempt.device.system,
            sign_count=verified.sign_count,
            created_at=now,
        )
        if not passkeys.add_passkey(connection, passkey):
            raise errors.PasskeyRefused
    log().info("passkey added", session=patient.session.id)


def begin_sign_in(process: Process, cookie: str, site: Site) -> str:
    """The options for using a passkey, as JSON; the device knows which passkeys are of this site."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(process, cookie, _SIGN_IN),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def sign_in(process: Process, cookie: str, attempt: Attempt, site: Site, answer: Mapping[str, Any]) -> OpenedSession:
    """A new session of the patient whose passkey answered.

    Raises:
        PasskeyRefused: the passkey is unknown, a check failed, or it was not asked for in this browser.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json

    challenge = _take_challenge(process, cookie, _SIGN_IN)
    credential = answer.get("id")
    if not isinstance(credential, str) or len(credential) > LONGEST_CREDENTIAL:
        raise errors.PasskeyRefused
    now = process.clock()
    with process.database.writing() as connection:
        digest = process.digests.digest_of(connection, "passkey", credential)
        passkey = passkeys.lock_passkey(connection, digest)
        if passkey is None:
            log().warning("passkey refused", why="unknown")
            raise errors.PasskeyRefused
        try:
            verified = verify_authentication_response(
                credential=dict(answer),
                expected_challenge=challenge,
                expected_rp_id=site.host,
                expected_origin=site.origin,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
            owner = parse_authentication_credential_json(dict(answer)).response.user_handle
            if owner is not None and owner != passkey.person.encode():
                raise ValueError("another person")
        except Exception as error:
            raise _refused(error) from None
        passkeys.note_use(connection, passkey.id, verified.new_sign_count, now)
        return begin_session(process, connection, passkey.person, "passkey", attempt, now)


def list_passkeys(process: Process, person: str) -> list[Passkey]:
    """The passkeys of a person, oldest first."""
    with process.database.reading() as connection:
        return passkeys.passkeys_of_person(connection, person)


def end_passkey(process: Process, person: str, passkey: str) -> None:
    """Deletes a passkey: it signs nobody in any more.

    Raises:
        NotFound: the person has no such passkey.
    """
    with process.database.writing() as connection:
        if not passkeys.delete_passkey(connection, person, passkey):
            raise errors.NotFound


def _challenge(process: Process, cookie: str, purpose: str) -> bytes:
    """A new challenge, kept for the browser until it answers."""
    challenge = process.new_secret()
    accounts.leave(process, cookie, {"challenge": challenge, "passkey": purpose}, "")
    return challenge.encode()


def _take_challenge(process: Process, cookie: str, purpose: str) -> bytes:
    """The challenge of a browser, which is good once."""
    try:
        arrival = accounts.arrive(process, cookie)
    except errors.NotSignedIn:
        raise errors.PasskeyRefused from None
    if arrival.secrets.get("passkey") != purpose:
        raise errors.PasskeyRefused
    return arrival.secrets["challenge"].encode()


def _refused(error: Exception) -> errors.PasskeyRefused:
    log().warning("passkey refused", **where(error))
    return errors.PasskeyRefused()
