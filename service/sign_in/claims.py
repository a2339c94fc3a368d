"""What is taken of the claims of a provider: a few, each bounded and checked; everything else is dropped. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from journeys.primitives.errors import Refused
from journeys.primitives.locales import read_tag
from service.persons.addresses import checked_address
from service.platform.time_zones import zone_names
from service.sign_in.providers import PatientProvider

LONGEST_NAME = 60
_LONGEST_READ = 254
_NAMES = ("nickname", "given_name", "name")
#: What names a patient best is first.


def taken_claims(provider: PatientProvider, claims: Mapping[str, Any]) -> dict[str, str]:
    """What is taken: `name`, `email`, `sms`, `language`, `time_zone`, each only where it is acceptable.

    An address is taken where the provider says that it verified it and is trusted with that.
    """
    taken = {
        "name": next((name for field in _NAMES if (name := _name(claims.get(field)))), ""),
        "email": _email(provider, claims),
        "sms": _number(provider, claims),
        "language": _tag(claims.get("locale")),
        "time_zone": _zone(claims.get("zoneinfo")),
    }
    return {field: value for field, value in taken.items() if value}


def _name(value: Any) -> str:
    """A name of at most 60 characters that can be printed; a longer name is cut."""
    if not isinstance(value, str):
        return ""
    short = " ".join(value[: 4 * LONGEST_NAME].split())[:LONGEST_NAME].strip()
    return short if short.isprintable() else ""


def _email(provider: PatientProvider, claims: Mapping[str, Any]) -> str:
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str) or not provider.is_trusted_with(email):
        return ""
    return _address("email", email)


def _number(provider: PatientProvider, claims: Mapping[str, Any]) -> str:
    is_trusted = claims.get("phone_number_verified") is True and provider.verifies_numbers
    return _address("sms", claims.get("phone_number")) if is_trusted else ""


def _address(channel: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_READ:
        return ""
    try:
        return str(checked_address(channel, value))
    except Refused:
        return ""


def _tag(value: Any) -> str:
    return (read_tag(value.replace("_", "-")) or "") if isinstance(value, str) and len(value) <= 35 else ""


def _zone(value: Any) -> str:
    return value if isinstance(value, str) and value in zone_names() else ""
