"""The entries of a person's permission ledger: who granted or revoked what, by which text, for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal, get_args

from journeys.primitives.canonical import parse_time, time_text
from journeys.primitives.words import MESSAGE_PURPOSES

PURPOSES = (*MESSAGE_PURPOSES, "measurement")
#: What a person allows or not, beside `share:<recipient>`; `measurement` is measuring what messages achieve.
SHARE = "share:"
PersonChannel = Literal["email", "sms", "push", "post"]
PERSON_CHANNELS: tuple[PersonChannel, ...] = get_args(PersonChannel)
#: The channels by which the texts of pieces reach a person.
INTERRUPTING: tuple[PersonChannel, ...] = ("sms", "push")
#: Those that a person notices at once: for them, quiet hours and the person's time zone count.
CHANNELS = (*PERSON_CHANNELS, "webhook")
#: All ways out. Pages that an app fetches are no channel, and need no permission except for marketing.
APART = ("marketing", "measurement")
#: What a grant of all purposes leaves out; so it does sharing. A revocation of all purposes leaves out nothing.

Kind = Literal["grant", "revoke"]
Actor = Literal["patient", "caregiver", "staff", "carrier", "complaint", "provider"]
GRANTING: tuple[Actor, ...] = ("patient", "caregiver", "staff")
#: Who may report a grant; staff report what a patient said, with their evidence. Everybody may revoke.


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The approved text to which a person agreed: the version of a piece in one locale, and the digest of its bytes."""

    key: str
    version: str
    digest: str
    locale: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """The elements of a written authorization, without which nothing may be advertised (45 CFR 164.508(c)).

    Attributes:
        information: the information that is used or disclosed, described.
        discloser: who discloses it.
        recipient: who receives it.
        purpose: what for.
        expires: the date or event that ends it.
        signed_by: the name as signed.
        signed_on: the day of the signature, `YYYY-MM-DD`.
        right_to_revoke: the words that tell of the right to revoke.
    """

    information: str
    discloser: str
    recipient: str
    purpose: str
    expires: str
    signed_by: str
    signed_on: str
    right_to_revoke: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionEntry:
    """A grant or a revocation, as it was recorded; entries are never changed.

    Attributes:
        id: the id of the entry.
        kind: `grant` or `revoke`.
        by: who spoke; `staff` recorded what the person said.
        method: how: `app`, `phone`, `paper`, `reply`, `link` …
        occurred_at: when the person spoke, UTC.
        purpose: one of `PURPOSES` or `share:<recipient>`; None: all (see `APART`).
        channel: one of `CHANNELS`; None: all.
        topic: a topic; None: all.
        text: the text to which the person agreed; every grant has one.
        until: the end of a grant, UTC; None: none. A grant for marketing has one.
        evidence: where the proof of a grant that staff recorded is kept.
        authorization: the elements of a written authorization; a grant for marketing has them.
    """

    id: str
    kind: Kind
    by: Actor
    method: str
    occurred_at: datetime
    purpose: str | None = None
    channel: str | None = None
    topic: str | None = None
    text: ConsentText | None = None
    until: datetime | None = None
    evidence: str = ""
    authorization: Authorization | None = None

    def to_stored(self) -> dict[str, Any]:
        """The entry as a JSON value, without its id, its kind and when the person spoke."""
        return {
            "by": self.by,
            "method": self.method,
            "purpose": self.purpose,
            "channel": self.channel,
            "topic": self.topic,
            "text": asdict(self.text) if self.text is not None else None,
            "until": time_text(self.until) if self.until is not None else None,
            "evidence": self.evidence,
            "authorization": asdict(self.authorization) if self.authorization is not None else None,
        }

    @staticmethod
    def from_stored(id: str, kind: Kind, occurred_at: datetime, value: dict[str, Any]) -> PermissionEntry:
        """The entry from the value of `to_stored`."""
        text, until, authorization = value["text"], value["until"], value["authorization"]
        return PermissionEntry(
            id=id,
            kind=kind,
            by=value["by"],
            method=value["method"],
            occurred_at=occurred_at,
            purpose=value["purpose"],
            channel=value["channel"],
            topic=value["topic"],
            text=ConsentText(**text) if text is not None else None,
            until=parse_time(until)[0] if until is not None else None,
            evidence=value["evidence"],
            authorization=Authorization(**authorization) if authorization is not None else None,
        )


def is_purpose(purpose: str) -> bool:
    """Whether it is a purpose: one of the list, or sharing with a named recipient."""
    return purpose in PURPOSES or (purpose.startswith(SHARE) and len(purpose) > len(SHARE))


def problems_of_entry(entry: PermissionEntry) -> dict[str, str]:
    """What stops an entry from being recorded, by the name of its field; empty where nothing does."""
    return dict(_problems(entry))


def _problems(entry: PermissionEntry) -> Iterator[tuple[str, str]]:
    if entry.purpose is not None and not is_purpose(entry.purpose):
        yield "purpose", f"Unknown purpose. Accepted: {', '.join(PURPOSES)}, share:<recipient>, or none for all."
    if entry.channel is not None and entry.channel not in CHANNELS:
        yield "channel", f"Unknown channel. Accepted: {', '.join(CHANNELS)}, or none for all."
    if not entry.method:
        yield "method", "Say how it was given, for example app, phone or paper."
    if entry.kind == "revoke":
        return
    if entry.by not in GRANTING:
        yield "by", f"Only these may grant: {', '.join(GRANTING)}. A {entry.by} may revoke."
    if entry.text is None:
        yield "text", "A grant names the approved text to which the person agreed."
    if entry.by == "staff" and not entry.evidence:
        yield "evidence", "Staff who record a grant say where its proof is kept."
    if entry.until is not None and entry.until <= entry.occurred_at:
        yield "until", "The end of a grant is after its beginning."
    if entry.purpose == "marketing":
        if entry.until is None:
            yield "until", "Marketing needs the instant at which the written authorization expires."
        yield from _problems_of_authorization(entry.authorization)


def _problems_of_authorization(authorization: Authorization | None) -> Iterator[tuple[str, str]]:
    names = [field.name for field in fields(Authorization)]
    missing = names if authorization is None else [name for name in names if not getattr(authorization, name)]
    if missing:
        yield "authorization", f"Marketing needs a written authorization with: {', '.join(missing)}."
