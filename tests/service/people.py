"""Made-up staff of a service under test."""

from __future__ import annotations

from dataclasses import replace

from service.access import accounts, digests

PASSWORD = "a long made-up password"


def add(clinic, name: str, **more):
    """Adds an account: a reviewer, unless other fields say otherwise."""
    return add_to(clinic.service, name, **more)


def add_to(service, name: str, **more):
    """The same, to a service. With `email`, digests go there."""
    email = more.pop("email", None)
    fields = {
        "printed_name": f"Dr {name.title()}",
        "roles": ["reviewer"],
        "functions": ["medical"],
        "locales": ["en"],
        "password": PASSWORD,
    } | more
    account = accounts.add_account(service, accounts.NewAccount(name=name, **fields))
    if email is not None:
        digests.set_email(service, name, email)
    return replace(account, email=email)


def add_author(service, name: str = "ada"):
    """Adds an account that publishes."""
    return add_to(service, name, roles=["author"], functions=(), locales=())
