"""Addresses of persons: checked, brought to one form, masked for answers, and digested. It stores nothing."""

from __future__ import annotations

import json
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from journeys.outreach.reminder import QUICKEST_FIRST
from journeys.primitives.errors import Refused
from service.platform.process import Process
from service.platform.public_address import AddressRefused, TargetUrl, is_public

EMAIL = "This must be an e-mail address such as 'name@example.org', in letters, digits and punctuation of ASCII."
PHONE = "This must be a mobile number with its country code, such as '+15055550178'; no emergency or premium number."
PUSH = (
    "This must be a push subscription: an object with 'endpoint', an https address on the public internet, and 'keys' "
    "with 'p256dh' and 'auth'."
)
POST = "This must be a postal address: a list of 2 to 8 lines of 1 to 80 characters."
CHANNELS = QUICKEST_FIRST
_LONGEST_EMAIL, _LONGEST_LOCAL_PART = 254, 64  # RFC 5321, 4.5.3.1
_PUSH_PORTS = frozenset({443})


def checked_address(channel: str, address: Any) -> Any:
    """An address of a channel in one form, so that equal addresses are equal values.

    Raises:
        Refused: the channel does not take this address; the message says what would be accepted, and repeats nothing.
    """
    checked = _CHECKS[channel](address)
    if checked is None:
        raise Refused({"address": [_MESSAGES[channel]]})
    return checked


def digest_of_address(process: Process, connection: Connection, channel: str, address: Any) -> str:
    """The keyed digest of a checked address, by which its contacts are found.

    Case does not count in an e-mail address: people write their own in several ways, and an opt-out must be found.
    """
    text = address if isinstance(address, str) else json.dumps(address, sort_keys=True)
    return process.digests.digest_of(connection, f"address {channel}", text.lower() if channel == "email" else text)


def masked_address(channel: str, address: Any) -> str:
    """Enough of an address for its owner to recognise it, and no more."""
    if channel == "email":
        local, _, domain = address.rpartition("@")
        return f"{local[0]}…@{domain}"
    if channel == "sms":
        return f"{address[:2]}…{address[-2:]}"
    return urlsplit(address["endpoint"]).hostname or "" if channel == "push" else f"{address[0][:1]}…"


def _email(address: Any) -> str | None:
    if not isinstance(address, str) or len(address) > _LONGEST_EMAIL or not _is_visible_ascii(address):
        return None
    try:
        parsed = Address(addr_spec=address)
    except (ValueError, HeaderParseError, IndexError):
        return None
    labels = parsed.domain.split(".")
    is_domain = len(labels) > 1 and all(
        label.replace("-", "").isalnum() and not label.startswith("-") and not label.endswith("-") for label in labels
    )
    is_plain = 0 < len(parsed.username) <= _LONGEST_LOCAL_PART and '"' not in address and parsed.addr_spec == address
    return f"{parsed.username}@{parsed.domain.lower()}" if is_plain and is_domain and not labels[-1].isdigit() else None


def _phone(address: Any) -> str | None:
    if not isinstance(address, str) or len(address) > 40 or not address.strip().startswith("+"):
        return None
    import phonenumbers  # its tables take 10 ms to import, and most commands read no number
    from phonenumbers import PhoneNumberType

    try:
        number = phonenumbers.parse(address, None)
    except phonenumbers.NumberParseException:
        return None
    refused_types = (
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    )
    if (
        not phonenumbers.is_valid_number(number)
        or number.extension
        or phonenumbers.number_type(number) in refused_types
    ):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _push(address: Any) -> dict[str, Any] | None:
    if not isinstance(address, dict) or not isinstance(address.get("keys"), dict):
        return None
    endpoint, keys = address.get("endpoint"), {name: address["keys"].get(name) for name in ("auth", "p256dh")}
    is_text = all(
        isinstance(value, str) and 1 <= len(value) <= 200 and _is_visible_ascii(value) for value in keys.values()
    )
    if not is_text or not isinstance(endpoint, str):
        return None
    try:
        target = TargetUrl(endpoint, ports=_PUSH_PORTS, http=False)
    except AddressRefused:
        return None
    # A name is resolved, and its addresses are checked, whenever it is called.
    is_inside = not is_public(target.literal) if target.literal is not None else "." not in target.host
    return None if is_inside else {"endpoint": endpoint, "keys": keys}


def _post(address: Any) -> list[str] | None:
    if not isinstance(address, list) or not 2 <= len(address) <= 8:
        return None
    lines = [" ".join(line.split()) if isinstance(line, str) and line.isprintable() else "" for line in address]
    return lines if all(1 <= len(line) <= 80 for line in lines) else None


def _is_visible_ascii(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


_CHECKS = {"email": _email, "sms": _phone, "push": _push, "post": _post}
_MESSAGES = {"email": EMAIL, "sms": PHONE, "push": PUSH, "post": POST}
