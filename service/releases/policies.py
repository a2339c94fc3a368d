"""The policies of a migration; importing them imports nothing else."""

from __future__ import annotations

PIN, FOLLOW, MAP = POLICIES = ("pin", "follow", "map")
