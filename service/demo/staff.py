"""The made-up staff of a demonstration, who may sign in to the reviewers' room; their password is new at each start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.access.accounts import FUNCTIONS, NewAccount, add_account
from service.publishing.service import Service

LENGTH = 16


@dataclass(frozen=True, slots=True)
class Staff:
    """The names of the accounts, each with its rights, and the password of all accounts."""

    names: tuple[tuple[str, str], ...]
    password: str


def add_staff(service: Service, locales: Iterable[str]) -> Staff:
    """Adds an author, a reviewer of everything, and a publisher who is the administrator too.

    Args:
        service: the service of a demonstration, whose accounts are new.
        locales: the languages in which the reviewer signs.
    """
    password = service.new_secret()[:LENGTH]
    reads = sorted(locales)
    author = NewAccount(name="author", printed_name="Ada Example (synthetic)", roles=["author"], password=password)
    reviewer = NewAccount(
        name="reviewer",
        printed_name="Dr. Rosa Example (synthetic)",
        roles=["reviewer"],
        functions=FUNCTIONS,
        locales=reads,
        password=password,
    )
    publisher = NewAccount(
        name="publisher",
        printed_name="Paul Example (synthetic)",
        roles=["publisher", "administrator"],
        password=password,
    )
    for new_account in (author, reviewer, publisher):
        add_account(service, new_account)
    names = (
        ("reviewer", f"reads, comments and signs, in {' and '.join(reads)}"),
        ("author", "reads and comments"),
        ("publisher", "activates releases, recalls content, manages accounts"),
    )
    return Staff(names, password)
