"""`journeys token`: the tokens of applications and staff."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.durations import ACCEPTED, parse_duration
from service.access.words import ACCEPTED_SCOPES, REPORTS_AS
from service.cli.options import database_option, format_option
from service.cli.output import EXIT_PROBLEMS, Writers
from service.cli.startup import opened_process

if TYPE_CHECKING:
    from service.access.store.tokens import Token


@click.group(name="token")
def token_group() -> None:
    """Create, list and revoke tokens."""


@token_group.command(name="create")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(ACCEPTED_SCOPES), help="May be repeated."
)
@click.option(
    "--as", "reports_as", type=click.Choice(REPORTS_AS), help="Reporter type recorded on events sent with this token."
)
@click.option(
    "--expires-in", metavar="DURATION", help="How long the token is valid (P90D); by default until it is revoked."
)
@database_option
def create(
    name: str,
    scopes: tuple[str, ...],
    reports_as: str | None,
    expires_in: str | None,
    database: str | None,
) -> None:
    """Create a token for an application or a person, and print it; it is not stored and cannot be printed again.

    NAME is the reporter recorded on its events. The scope enroll also mints tokens of patients, for the enrollments
    that NAME made; mint:any mints them for every patient. A caregiver gets a token by accepting an invitation.

    Example: `journeys token create clinic --scope staff --scope report --scope read`
    """
    from service.access import tokens

    lifetime = _read_lifetime(expires_in)
    with opened_process(database) as process:
        minted = tokens.create_token(process, name=name, scopes=scopes, reports_as=reports_as, expires_in=lifetime)
    click.echo(minted.text)


def _read_lifetime(text: str | None) -> timedelta | None:
    from service.platform import clock

    if text is None:
        return None
    now = clock.present()
    try:
        lifetime = parse_duration(text).after(now) - now
    except ValueError:
        raise click.UsageError(f"--expires-in must be {ACCEPTED}.") from None
    if lifetime <= timedelta(0):
        raise click.UsageError("--expires-in must be longer than zero.")
    return lifetime


@token_group.command(name="list")
@database_option
@format_option
def list_tokens(database: str | None, form: str) -> None:
    """List tokens, without their secrets. A token of a family without a caregiver was ended by an upgrade."""
    from service.access import tokens

    with opened_process(database) as process:
        TOKENS.write(tokens.list_tokens(process), form)


def _lines(listed: list[Token]) -> Iterator[str]:
    for row in map(_as_json, listed):
        ends = f"revoked {row['revoked_at']}" if row["revoked_at"] else f"until {row['expires_at'] or 'revoked'}"
        owner = f"  minted by {row['minted_by']}" if row["minted_by"] else ""
        if row["reports_as"] == "family":
            owner = f"  caregiver {row['caregiver']}" if row["caregiver"] else "  not a caregiver's"
        yield f"{row['id']}  {row['name']}  {','.join(row['scopes'])}  as {row['reports_as']}  {ends}{owner}"


def _as_json(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.reports_as if token.patient_ref is not None else token.name,
        "scopes": sorted(token.scopes),
        "reports_as": token.reports_as,
        "created_at": time_text(token.created_at),
        "expires_at": time_text(token.expires_at) if token.expires_at else None,
        "revoked_at": time_text(token.revoked_at) if token.revoked_at else None,
        "minted_by": token.minted_by,
        "enrollments": sorted(token.enrollments) if token.enrollments is not None else None,
        "caregiver": token.caregiver,
    }


TOKENS: Writers[list[Token]] = Writers(
    as_text=_lines, as_json=lambda listed: [_as_json(token) for token in listed], ascii_only=True
)


@token_group.command()
@click.argument("token_id")
@database_option
def revoke(token_id: str, database: str | None) -> None:
    """Revoke a token at once, by its id (`journeys token list`), and every token that it minted."""
    from service.access import tokens

    with opened_process(database) as process:
        is_revoked = tokens.revoke_token(process, token_id)
    if not is_revoked:
        click.echo(f"No valid token has the id '{token_id}'.", err=True)
        sys.exit(EXIT_PROBLEMS)


COMMANDS = (token_group,)
