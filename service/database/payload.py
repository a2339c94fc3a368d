"""The one codec of what a patient told or was shown: canonical JSON bytes. Encryption will go in here, nowhere else."""

from __future__ import annotations

import json
from typing import Any

from journeys.canonical import canonical


def seal(value: Any) -> bytes:
    """The stored bytes of plain JSON values."""
    return canonical(value)


def unseal(stored: bytes) -> Any:
    """The values of stored bytes."""
    return json.loads(stored.decode())
