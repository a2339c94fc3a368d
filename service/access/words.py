"""Closed lists of words of accounts and tokens; importing them imports nothing else."""

from __future__ import annotations

ROLES = ("author", "reviewer", "publisher", "administrator", "staff")
SCOPES = ("enroll", "report", "read", "staff", "admin", "mint:any")
#: The scope that limits a token to sandboxes, beside the scopes that say what it may do.
SANDBOX = "sandbox"
ACCEPTED_SCOPES = (*SCOPES, SANDBOX)
REPORTS_AS = ("patient", "staff")
