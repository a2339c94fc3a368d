"""The states of a message; importing them imports nothing else."""

from __future__ import annotations

SCHEDULED, SENDING, UNKNOWN, FAILED = "scheduled", "sending", "unknown", "failed"
FINAL = ("sent", FAILED, "expired", "cleared", "suppressed")
