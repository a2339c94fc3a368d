"""`journeys account`: the people who write, review, publish and care. A password is typed, and is never an option."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.words import FUNCTIONS
from service.access.words import ROLES
from service.cli.options import database_option, format_option, read_password
from service.cli.output import EXIT_PROBLEMS, Writers
from service.cli.startup import opened_process

if TYPE_CHECKING:
    from service.access.store.accounts import Account


@click.group(name="account")
def account_group() -> None:
    """Add, list and disable the accounts of staff."""


@account_group.command()
@click.argument("name")
@click.option("--printed-name", required=True, metavar="TEXT", help="The name that is printed beside their signatures.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option(
    "--function", "functions", multiple=True, type=click.Choice(FUNCTIONS), help="A function in which a reviewer signs."
)
@click.option("--locale", "locales", multiple=True, metavar="LOCALE", help="A language in which a reviewer signs.")
@click.option(
    "--subject", metavar="TEXT", help="Their name at the organisation's identity provider, in place of a password."
)
@database_option
def add(
    name: str,
    printed_name: str,
    roles: tuple[str, ...],
    functions: tuple[str, ...],
    locales: tuple[str, ...],
    subject: str | None,
    database: str | None,
) -> None:
    """Add an account. The password is typed at the terminal, or read from the standard input.

    NAME is the name to sign in with.

    Examples: `journeys account add kim --printed-name "Dr Kim Lee" --role reviewer --function medical --locale en`,
    for the care team's pages `journeys account add noor --printed-name "Noor Haddad" --role staff`
    """
    from service.access import accounts
    from service.access.accounts import NewAccount

    password = read_password("Password", confirm=True) if subject is None else None
    with opened_process(database) as process:
        accounts.add_account(
            process,
            NewAccount(
                name=name,
                printed_name=printed_name,
                roles=roles,
                functions=functions,
                locales=locales,
                password=password,
                subject=subject,
            ),
        )
    click.echo(f"{name} can sign in at {_rooms_of(roles)}.")


@account_group.command(name="email")
@click.argument("name")
@click.argument("address", required=False)
@database_option
def set_email(name: str, address: str | None, database: str | None) -> None:
    """Set the address to which the daily digest of an account's inbox goes; without ADDRESS, it gets none.

    The account itself switches the digest off and on, on the page of its inbox.

    Example: `journeys account email kim kim@clinic.example`
    """
    from service.access import digests

    with opened_process(database) as process:
        digests.set_email(process, name, address)
    click.echo(f"The digest of {name} goes to {address}." if address else f"{name} gets no digest.")


@account_group.command(name="list")
@database_option
@format_option
def list_accounts(database: str | None, form: str) -> None:
    """List accounts, without passwords."""
    from service.access import accounts

    with opened_process(database) as process:
        ACCOUNTS.write(accounts.list_accounts(process), form)


@account_group.command()
@click.argument("name")
@database_option
def disable(name: str, database: str | None) -> None:
    """Close an account at once and end its sessions; its signatures remain valid.

    Example: `journeys account disable kim`
    """
    from service.access import accounts

    with opened_process(database) as process:
        is_disabled = accounts.disable_account(process, name)
    if not is_disabled:
        click.echo(f"No enabled account has the name '{name}'.", err=True)
        sys.exit(EXIT_PROBLEMS)


def _rooms_of(roles: Iterable[str]) -> str:
    """The addresses at which an account with these roles starts: the care team's pages are for staff alone."""
    addresses = dict.fromkeys("/care" if role == "staff" else "/room" for role in roles)
    return " and ".join(addresses)


def _lines(listed: list[Account]) -> Iterator[str]:
    for account in listed:
        functions, locales = ",".join(sorted(account.functions)), ",".join(sorted(account.locales))
        signs = f"  {functions} in {locales}" if account.functions else ""
        disabled = f"  disabled {time_text(account.disabled_at)}" if account.disabled_at else ""
        mail = f"  {account.email}" if account.email else ""
        yield f"{account.name}  {account.printed_name}  {','.join(sorted(account.roles))}{signs}{mail}{disabled}"


def _as_json(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "printed_name": account.printed_name,
        "roles": sorted(account.roles),
        "functions": sorted(account.functions),
        "locales": sorted(account.locales),
        "signs_in_by": "password" if account.subject is None else "provider",
        "email": account.email,
        "digest": account.email is not None and account.digest_off_at is None,
        "created_at": time_text(account.created_at),
        "disabled_at": time_text(account.disabled_at) if account.disabled_at else None,
    }


ACCOUNTS: Writers[list[Account]] = Writers(
    as_text=_lines, as_json=lambda listed: [_as_json(account) for account in listed]
)


COMMANDS = (account_group,)
