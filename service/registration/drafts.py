"""Drafts of registrations: begun, changed, read and deleted, each with the secret of its cookie or link.

The secret is stored nowhere: the database holds its digest, and what is encrypted under a key made of it (AES-256-GCM).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from journeys.definition.registration import Style
from journeys.outreach.verification import SentCode
from journeys.primitives.canonical import parse_time, time_text
from service.access.passwords import digest_of
from service.platform import errors
from service.platform.database.payload import seal, unseal
from service.platform.process import Process
from service.registration.store import drafts as store
from service.registration.store.drafts import StoredDraft

#: How long a draft is kept, from its beginning.
KEPT = timedelta(days=7)
_NONCE = 12  # bytes: NIST SP 800-38D, 5.2.1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A registration that is not finished.

    Attributes:
        programme: the key of the programme.
        style: how it is shown.
        language: the locale of its pages.
        answers: the accepted answers by field.
        code: the code that was sent to the contact of `coded`, if any.
        coded: the contact to which the code was sent, `[channel, address]`.
        counted: what was counted of this draft, so that each question counts once.
        finished_at: when the last step was taken, UTC; then nothing else is kept.
    """

    programme: str
    style: Style
    language: str
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    code: SentCode | None = field(default=None, repr=False)
    coded: tuple[str, str] | None = field(default=None, repr=False)
    counted: frozenset[str] = frozenset()
    finished_at: datetime | None = None

    def finished(self, now: datetime) -> Draft:
        """What is kept after the last step: no answer."""
        return Draft(programme=self.programme, style=self.style, language=self.language, finished_at=now)


def read_draft(process: Process, secret: str) -> Draft | None:
    """The draft of a secret; None where there is none, or it is older than `KEPT`."""
    with process.database.reading() as connection:
        return _opened(store.find_draft(connection, digest_of(secret)), secret, process.clock())


def begin_draft(process: Process, connection: Connection, secret: str, draft: Draft) -> None:
    """Stores a new draft, in place of an older one with this secret."""
    now = process.clock()
    store.forget_drafts(connection, now - KEPT)
    store.delete_draft(connection, digest_of(secret))
    store.add_draft(connection, _closed(process, draft, secret, now))


def open_draft(process: Process, connection: Connection, secret: str) -> Draft:
    """The draft of a secret, to be changed in this transaction.

    Raises:
        NotFound: there is none.
        Conflict: it is finished.
    """
    draft = lock_draft(process, connection, secret)
    if draft is None:
        raise errors.NotFound
    if draft.finished_at is not None:
        raise errors.Conflict("This registration is finished.")
    return draft


def lock_draft(process: Process, connection: Connection, secret: str) -> Draft | None:
    """The draft of a secret, which nobody else changes before this transaction ends, or None."""
    return _opened(store.find_draft(connection, digest_of(secret), lock=True), secret, process.clock())


def save_draft(process: Process, connection: Connection, secret: str, draft: Draft) -> None:
    """Stores a locked draft."""
    store.update_draft(connection, _closed(process, draft, secret, process.clock()))


def move_draft(process: Process, secret: str) -> str:
    """Gives a draft another secret, and returns it: who knows the old one cannot read what is written from now on.

    Raises:
        NotFound: no draft has the old secret.
        Conflict: it is finished.
    """
    new = process.new_secret()
    with process.database.writing() as connection:
        draft = open_draft(process, connection, secret)
        stored = store.find_draft(connection, digest_of(secret))
        assert stored is not None
        store.delete_draft(connection, stored.digest)
        store.add_draft(connection, _closed(process, draft, new, stored.created_at))
    return new


def delete_draft(process: Process, secret: str) -> None:
    """Deletes the draft of a secret, if there is one."""
    with process.database.writing() as connection:
        store.delete_draft(connection, digest_of(secret))


def forget_old_drafts(process: Process) -> int:
    """Deletes the drafts that are older than `KEPT`; returns their number."""
    before = process.clock() - KEPT
    with process.database.reading() as connection:
        if not store.has_old_drafts(connection, before):
            return 0
    with process.database.writing() as connection:
        return store.forget_drafts(connection, before)


def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"key of a draft of a registration", "sha256")


def _closed(process: Process, draft: Draft, secret: str, now: datetime) -> StoredDraft:
    digest = digest_of(secret)
    nonce = hashlib.sha256(process.new_secret().encode()).digest()[:_NONCE]
    payload = nonce + AESGCM(_key(secret)).encrypt(nonce, seal(_to_stored(draft)), digest.encode())
    return StoredDraft(digest, payload, now, draft.finished_at)


def _opened(stored: StoredDraft | None, secret: str, now: datetime) -> Draft | None:
    if stored is None or now >= stored.created_at + KEPT:
        return None
    nonce, payload = stored.payload[:_NONCE], stored.payload[_NONCE:]
    try:
        value = unseal(AESGCM(_key(secret)).decrypt(nonce, payload, stored.digest.encode()))
    except InvalidTag:  # somebody changed the row
        return None
    return replace(_from_stored(value), finished_at=stored.finished_at)


def _to_stored(draft: Draft) -> dict[str, Any]:
    code = draft.code
    sent = [code.digest, time_text(code.drawn_at), code.tries, code.is_used] if code is not None else None
    return {
        "programme": draft.programme,
        "style": draft.style,
        "language": draft.language,
        "answers": dict(draft.answers),
        "code": sent,
        "coded": list(draft.coded) if draft.coded is not None else None,
        "counted": sorted(draft.counted),
    }


def _from_stored(value: Mapping[str, Any]) -> Draft:
    code, coded = value["code"], value["coded"]
    return Draft(
        programme=value["programme"],
        style=cast(Style, value["style"]),
        language=value["language"],
        answers=value["answers"],
        code=SentCode(code[0], parse_time(code[1])[0], code[2], code[3]) if code is not None else None,
        coded=(coded[0], coded[1]) if coded is not None else None,
        counted=frozenset(value["counted"]),
    )
