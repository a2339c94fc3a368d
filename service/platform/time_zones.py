"""IANA time zones: the names that are accepted, and the zone of a stored name."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, tzinfo

#: Names of files in a system's folder of zones that name no place.
NOT_A_PLACE = frozenset({"Factory", "localtime", "posixrules"})


def zone_names() -> frozenset[str]:
    """The accepted names; empty where neither the system nor the package `tzdata` has any zones."""
    return frozenset(zoneinfo.available_timezones() - NOT_A_PLACE)


def zone_of(name: str) -> tzinfo:
    """The zone of a name that was accepted before; UTC where this machine no longer has it."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
