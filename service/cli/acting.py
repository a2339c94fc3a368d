"""The account that acts in a command: an option names it, and its password, or a code from the room, proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from service.cli.options import read_password

if TYPE_CHECKING:
    from service.access.store.accounts import Account
    from service.publishing.approvals import Signer
    from service.publishing.service import Service

_HELP = "The account that acts; its password is typed, or read from the standard input."
as_option = click.option("--as", "account", metavar="NAME", help=_HELP)
acting_option = click.option("--as", "account", required=True, metavar="NAME", help=_HELP)


def sign_in(service: Service, name: str) -> Account:
    """The account of a name, by its password at the terminal or in the standard input.

    Raises:
        click.UsageError: the database has no account.
        WrongPassword, SignInTooOften: the name or the password is wrong, or was wrong too often.
    """
    from service.access import accounts

    if not accounts.list_accounts(service):
        raise click.UsageError(
            "This database has no accounts yet. Add the people who write, sign and publish: journeys account add --help"
        )
    return accounts.authenticate(service, name.strip().lower(), read_password(f"Password of {name}"))


def sign_in_signer(service: Service, name: str) -> Signer:
    """The signer of an account; raises like `sign_in`."""
    from service.publishing import approvals

    return approvals.signer_of(sign_in(service, name))
