"""Reads what mail servers report of a message of ours: delivery status (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from journeys.outreach.incoming.mime import Fields, MailPart, fields_of

Action = Literal["failed", "delayed", "delivered", "relayed", "expanded"]
ACTIONS: tuple[Action, ...] = ("failed", "delayed", "delivered", "relayed", "expanded")
MOST_RECIPIENTS = 100
#: How many recipients of a report are read; a message of ours has one.
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
#: The content types in which a report returns the message that it is about, or its header.
NOT_COMPLAINTS = ("not-spam", "auth-failure")
#: Feedback types other than complaints: a message taken out of the spam folder, a failed signature (RFC 6591).
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([245])\d\d(?![\d.])")


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """What became of a message for a recipient.

    Attributes:
        recipient: the address, in small letters; empty where the report has none.
        action: one of `ACTIONS`; a word that the standard lacks counts as `failed`.
        status: the enhanced status code (RFC 3463), such as `5.1.1`; empty where the report has none.
    """

    recipient: str
    action: Action
    status: str


def recipient_statuses(parts: Iterable[MailPart]) -> tuple[RecipientStatus, ...]:
    """The recipients of a delivery status report, with what became of the message."""
    statuses: list[RecipientStatus] = []
    for part in parts:
        if part.content_type in ("message/delivery-status", "message/global-delivery-status"):
            groups = re.sub(rb"\n[ \t]+\n", b"\n\n", part.content().replace(b"\r\n", b"\n")).split(
                b"\n\n", MOST_RECIPIENTS + 1
            )
            fields = (fields_of(group) for group in groups[: MOST_RECIPIENTS + 1])
            statuses += [_status(group) for group in fields if "final-recipient" in group or "action" in group]
    return tuple(statuses)


def feedback_type(parts: Iterable[MailPart]) -> str:
    """The type of feedback in small letters: `abuse` (the default), `fraud`, `virus`, `not-spam`, `other` …"""
    return feedback_fields(parts).get("feedback-type", "abuse").lower()


def feedback_fields(parts: Iterable[MailPart]) -> Fields:
    """The fields of the machine-readable part of a complaint."""
    return next((fields_of(part.content()) for part in parts if part.content_type == "message/feedback-report"), {})


def returned_fields(parts: Sequence[MailPart]) -> Fields:
    """The header fields of our message, as the report returned them; empty where it did not."""
    contents = (part.content().replace(b"\r\n", b"\n") for part in parts if part.content_type in RETURNED)
    return next((fields_of(content.partition(b"\n\n")[0]) for content in contents), {})


def _status(fields: Fields) -> RecipientStatus:
    address = fields.get("final-recipient") or fields.get("original-recipient", "")
    action = fields.get("action", "").partition(" ")[0].lower()
    return RecipientStatus(
        address.rpartition(";")[2].strip(" <>").lower(),
        next((accepted for accepted in ACTIONS if accepted == action), "failed"),
        _code(fields.get("status", ""), fields.get("diagnostic-code", "")),
    )


def _code(status: str, diagnosis: str) -> str:
    """The status code; that in the remote server's words where it says more (`5.0.0`; `550 5.1.1 no such user`)."""
    code = _STATUS.search(status)
    detail = _STATUS.search(diagnosis)
    if code is None:
        reply = _REPLY_CODE.search(diagnosis)
        return detail[0] if detail else f"{reply[1]}.0.0" if reply else ""
    is_vague = code[2] == code[3] == "0"
    return detail[0] if is_vague and detail and detail[1] == code[1] else code[0]
