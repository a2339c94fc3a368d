"""Requests as values: checked in shape, not yet against a journey. It decides nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeys.primitives.canonical import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollRequest:
    """A patient to enroll; without `at`, the enrollment begins now. A sandbox is of no patient, with its own clock."""

    key: str
    journey: str
    patient_ref: str
    locale: str
    time_zone: str
    programme: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    entry: str | None = None
    at: datetime | None = None
    day: bool = False
    sandbox: bool = False


def digest_of(kind: str, body: Any) -> str:
    """The digest of a body, equal for equal JSON values: the order of keys and white space do not count."""
    return hashlib.sha256(kind.encode() + b"\n" + canonical(body)).hexdigest()
