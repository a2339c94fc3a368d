"""Findings about a database or its surroundings, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.platform.database import Finding


def finding_in_words(finding: Finding) -> str:
    """A line of text, with advice where something is wrong."""
    advice = f"  -> {finding.advice}" if finding.advice and not finding.is_good else ""
    mark = "ok " if finding.is_good else "WARN" if finding.is_warning else "BAD"
    return f"{mark}  {finding.check}: {finding.result}{advice}"
