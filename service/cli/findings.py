"""Findings about a database or its surroundings, in words."""

from __future__ import annotations

from service.platform.database import Finding


def finding_in_words(finding: Finding) -> str:
    """A line of text, with advice where something is wrong."""
    advice = f"  -> {finding.advice}" if finding.advice and not finding.good else ""
    return f"{'ok ' if finding.good else 'BAD'}  {finding.check}: {finding.found}{advice}"
