"""`journeys account`: the people who write, review and publish. A password is asked for, never an option."""

from __future__ import annotations

import json
import sys

import rich_click as click

from journeys.primitives.canonical import time_text
from service.access import accounts
from service.access.accounts import FUNCTIONS, ROLES, NewAccount
from service.cli.options import database_option, format_option
from service.cli.startup import opened


@click.group()
def account() -> None:
    """Add, list and disable the accounts of staff."""


@account.command()
@click.argument("name")
@click.option("--printed-name", required=True, metavar="TEXT", help="What stands beside their signature.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES), help="May be repeated.")
@click.option("--function", "functions", multiple=True, type=click.Choice(FUNCTIONS), help="What they sign for.")
@click.option("--locale", "locales", multiple=True, metavar="LOCALE", help="A language in which a reviewer signs.")
@click.option("--subject", metavar="TEXT", help="What the organisation's provider calls them, in place of a password.")
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
    """Add an account. Its password is asked for, or read from the standard input where that is no terminal.

    NAME is what they sign in by.

    Example: `journeys account add kim --printed-name "Dr Kim Lee" --role reviewer --function medical --locale en`
    """
    password = _password() if subject is None else None
    with opened(database) as service:
        accounts.add_account(
            service,
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
    click.echo(f"{name} can sign in at /room.")


@account.command(name="list")
@database_option
@format_option
def list_accounts(database: str | None, form: str) -> None:
    """List accounts, without passwords."""
    with opened(database) as service:
        found = accounts.list_accounts(service)
    rows = [
        {
            "name": one.name,
            "printed_name": one.printed_name,
            "roles": sorted(one.roles),
            "functions": sorted(one.functions),
            "locales": sorted(one.locales),
            "signs_in_by": "password" if one.subject is None else "provider",
            "created_at": time_text(one.created_at),
            "disabled_at": time_text(one.disabled_at) if one.disabled_at else None,
        }
        for one in found
    ]
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row, one in zip(rows, found, strict=True):
        signs = f"  {','.join(sorted(one.functions))} in {','.join(sorted(one.locales))}" if one.functions else ""
        ended = f"  disabled {row['disabled_at']}" if one.disabled_at else ""
        click.echo(f"{one.name}  {one.printed_name}  {','.join(sorted(one.roles))}{signs}{ended}")


@account.command()
@click.argument("name")
@database_option
def disable(name: str, database: str | None) -> None:
    """Close an account at once, also for who is signed in; what they signed stays.

    Example: `journeys account disable kim`
    """
    with opened(database) as service:
        done = accounts.disable_account(service, name)
    if not done:
        click.echo("There is no such account that is open.", err=True)
        sys.exit(1)


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


COMMANDS = (account,)
