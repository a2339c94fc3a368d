"""The made-up staff of a demonstration, who sign in at `/room` and `/care`; their password is new at each start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from journeys.primitives.words import FUNCTIONS
from service.access.accounts import NewAccount, add_account
from service.publishing.service import Service

LENGTH = 16


@dataclass(frozen=True, slots=True)
class Staff:
    """The names of the accounts, each with its rights, and the password of all accounts."""

    names: tuple[tuple[str, str], ...]
    password: str


def add_staff(service: Service, locales: Iterable[str]) -> Staff:
    """Adds an author, a reviewer of everything, a publisher who is the administrator too, and a nurse.

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
    nurse = NewAccount(name="nurse", printed_name="Nadia Example (synthetic)", roles=["staff"], password=password)
    for new_account in (author, reviewer, publisher, nurse):
        add_account(service, new_account)
    names = (
        ("reviewer", f"reads, comments and signs, in {' and '.join(reads)}"),
        ("author", "reads and comments"),
        ("publisher", "activates releases, recalls content, manages accounts"),
        ("nurse", "works at /care: tasks, tellings, corrections"),
    )
    return Staff(names, password)
