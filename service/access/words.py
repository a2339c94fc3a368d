"""Closed lists of words of accounts and tokens; importing them imports nothing else."""

from __future__ import annotations

ROLES = ("author", "reviewer", "publisher", "administrator", "staff")
SCOPES = ("enroll", "report", "read", "staff", "admin", "mint:any")
REPORTS_AS = ("patient", "family", "staff")
