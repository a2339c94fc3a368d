"""Signing in by a code that is sent to a contact which the patient confirmed before. It renders no page.

To ask for a code only stores that it was asked for, whether a patient has the address or not: the answer is the same
and takes the same time. A loop looks the address up afterwards, and the outbox sends the code.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection

from journeys.outreach.verification import CODE_PERIOD, MOST_TRIES, judge_code, next_code_at
from journeys.primitives.errors import Refused
from journeys.primitives.problems import counted
from service.outreach.store import codes
from service.outreach.store.codes import RequestedCode
from service.outreach.store.messages import add_message
from service.outreach.verify import CODE_CHANNELS, code_message, digest_of_code
from service.persons.addresses import checked_address, digest_of_address
from service.persons.store import PersonContact, confirmed_contacts, lock_person
from service.platform import errors
from service.platform.logs import log
from service.platform.process import Process
from service.publishing.service import Service
from service.sign_in.sessions import Attempt, OpenedSession, begin_session
from service.sign_in.store import logins, requests
from service.sign_in.store.requests import SignInRequest

#: How long a code is good in the browser that asked for it.
CODE_LIFETIME = timedelta(minutes=15)
#: Codes that can be asked for in `CODE_PERIOD` with an address, and in a browser.
MOST_OF_ADDRESS, MOST_OF_BROWSER = 5, 10
#: How long a login that no patient has waits for a code: some minutes more than a code that was asked for then is good.
LOGIN_WAITS = timedelta(minutes=5) + CODE_LIFETIME
#: How long a request is kept, for these counts.
KEPT = timedelta(days=1)
#: Requests that are looked up in one transaction.
PAGE = 20
TOO_MANY = f"A code can be asked for {counted(MOST_OF_ADDRESS, 'time')} an hour. Try again later."
WRONG = "This is not the code that was sent last."
ENDED = "No code is valid in this browser now: none was asked for, or it was used, is too old or was tried too often."


def ask_for_code(process: Process, browser: str, address: str) -> None:
    """Stores that a browser (the digest of its cookie) asks for a code to an e-mail address or a mobile number.

    Raises:
        Refused: it is neither; the text says what is accepted.
        CodesTooOften: with this address, or in this browser, as many codes were asked for as are accepted.
    """
    channel = "email" if "@" in address else "sms"
    assert channel in CODE_CHANNELS
    checked = checked_address(channel, address)
    now = process.clock()
    with process.database.writing() as connection:
        digest = digest_of_address(process, connection, channel, checked)
        since = now - CODE_PERIOD
        allowed = max(
            next_code_at(requests.times_of_address(connection, digest, since), now, MOST_OF_ADDRESS),
            next_code_at(requests.times_of_browser(connection, browser, since), now, MOST_OF_BROWSER),
        )
        if allowed > now:
            raise errors.CodesTooOften(math.ceil((allowed - now).total_seconds()), TOO_MANY)
        requests.forget_requests(connection, now - KEPT)
        logins.forget_unlinked(connection, now - LOGIN_WAITS)
        request = SignInRequest(
            id=process.new_id(), browser=browser, channel=channel, address_digest=digest, requested_at=now
        )
        requests.add_request(connection, request)


def has_request(process: Process, browser: str) -> bool:
    """Whether a code of this browser can still be good."""
    with process.database.reading() as connection:
        request = requests.last_request(connection, browser)
    return request is not None and _is_live(request, process.clock())


def make_codes(service: Service) -> bool:
    """Makes the messages with the codes that were asked for; false where none was.

    A code goes to a good contact that one person, and no other, has confirmed by a code before.
    """
    with service.database.reading() as connection:
        if not requests.has_open_requests(connection):
            return False
    with service.database.writing() as connection:
        opened, now = requests.open_requests(connection, PAGE), service.clock()
        for request in opened:
            made = _make_code(service, connection, request, now) if _is_live(request, now) else None
            person, code = (made.person, made.id) if made is not None else (None, None)
            requests.settle_request(connection, request.id, person, code, now)
    return len(opened) == PAGE


def confirm_code(process: Process, attempt: Attempt, code: str) -> OpenedSession:
    """A new session of the patient whose code it is; the code is good once, in the browser that asked for it.

    Raises:
        Refused: the code is wrong, which counts as a try, or none is good in this browser any more.
    """
    with process.database.writing() as connection:
        opened, reason = _opened(process, connection, attempt, code)
    if opened is None:  # after the transaction, so that the try counts
        log().warning("patient sign-in refused", why="wrong code" if reason == WRONG else "no code")
        raise Refused({"code": [reason]})
    return opened


def _opened(process: Process, connection: Connection, attempt: Attempt, code: str) -> tuple[OpenedSession | None, str]:
    now = process.clock()
    request = requests.last_request(connection, attempt.browser)
    if request is None or not _is_live(request, now) or not requests.count_try(connection, request.id, MOST_TRIES):
        return None, ENDED
    # The same work, whether a code was made for the request or not.
    requested = codes.find_code(connection, request.code or request.id)
    digest = digest_of_code(process, connection, request.code or request.id, code)
    verdict = judge_code(requested.sent if requested is not None else None, digest, now, CODE_LIFETIME)
    if requested is None or requested.sent is None or verdict != "accepted" or not _is_theirs(connection, requested):
        return None, WRONG
    codes.update_code(connection, requested.id, requested.sent.used(), now)
    requests.end_request(connection, request.id, now)
    return begin_session(process, connection, requested.person, "code", attempt, now), ""


def _is_theirs(connection: Connection, requested: RequestedCode) -> bool:
    """Whether the contact is still confirmed, and of that person alone."""
    return [each.id for each in _confirmed(connection, requested)] == [requested.contact]


def _confirmed(connection: Connection, asked: RequestedCode | SignInRequest) -> list[PersonContact]:
    return [each for channel in CODE_CHANNELS for each in confirmed_contacts(connection, channel, asked.address_digest)]


def _make_code(service: Service, connection: Connection, request: SignInRequest, now: datetime) -> RequestedCode | None:
    """A code with its message, or None where nobody, or more than one person, has confirmed the address."""
    contacts = _confirmed(connection, request)
    owner = lock_person(connection, contacts[0].person) if len(contacts) == 1 else None
    if owner is None:
        return None
    try:
        message = code_message(service, connection, owner, contacts[0], now, ("sign_in", "verification"))
    except errors.Conflict:  # the journey has no approved text for codes
        log().warning("no code to sign in", why="no text")
        return None
    add_message(connection, message)
    code = RequestedCode(
        id=message.id,
        person=owner.id,
        contact=contacts[0].id,
        address_digest=request.address_digest,
        purpose="sign_in",
        requested_at=now,
    )
    codes.add_code(connection, code)
    return code


def _is_live(request: SignInRequest, now: datetime) -> bool:
    return request.tries < MOST_TRIES and request.requested_at <= now < request.requested_at + CODE_LIFETIME
