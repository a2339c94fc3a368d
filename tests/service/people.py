"""Made-up staff of a service under test."""

from __future__ import annotations

from service.access import accounts

PASSWORD = "a long made-up password"


def add(clinic, name: str, **more):
    """Adds an account: a reviewer, unless other fields say otherwise."""
    fields = {
        "printed_name": f"Dr {name.title()}",
        "roles": ["reviewer"],
        "functions": ["medical"],
        "locales": ["en"],
        "password": PASSWORD,
    } | more
    return accounts.add_account(clinic.service, accounts.NewAccount(name=name, **fields))
