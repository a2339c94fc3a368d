"""Made-up staff of a service under test."""

from __future__ import annotations

from service.access import accounts

PASSWORD = "a long made-up password"


def add(clinic, name: str, **more):
    """A reviewer, unless something else is asked for."""
    given = {
        "printed_name": f"Dr {name.title()}",
        "roles": ["reviewer"],
        "functions": ["medical"],
        "locales": ["en"],
        "password": PASSWORD,
    } | more
    return accounts.add_account(clinic.service, name=name, **given)
