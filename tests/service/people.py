"""Made-up staff of a service under test."""

from __future__ import annotations

from service.access import accounts

PASSWORD = "a long made-up password"


def add(clinic, name: str, **more):
    """Adds an account: a reviewer, unless other fields say otherwise."""
    return add_to(clinic.service, name, **more)


def add_to(service, name: str, **more):
    """The same, to a service."""
    fields = {
        "printed_name": f"Dr {name.title()}",
        "roles": ["reviewer"],
        "functions": ["medical"],
        "locales": ["en"],
        "password": PASSWORD,
    } | more
    return accounts.add_account(service, accounts.NewAccount(name=name, **fields))


def add_author(service, name: str = "ada"):
    """Adds an account that publishes."""
    return add_to(service, name, roles=["author"], functions=(), locales=())
