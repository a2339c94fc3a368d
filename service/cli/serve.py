"""The commands of those who run the service: serve, worker, publish, tokens."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.durations import ACCEPTED, parse_duration
from journeys.primitives.problems import counted, only_errors
from service import processes
from service.access import tokens
from service.access.tokens import REPORTS_AS, SCOPES
from service.cli.approvals import what_is_next
from service.cli.options import content_option, database_option, definitions_option, format_option
from service.cli.startup import configuration, opened, refusals, require_port
from service.platform import clock, metrics
from service.platform.configuration import Configuration
from service.platform.watched_folders import WatchedFolders
from service.publishing import approvals
from service.publishing import publish as publishing
from service.publishing.publish import Publishing
from service.releases.policy import MAP, POLICIES, PolicyChoice

DRAFTS_DATABASE = "sqlite:///drafts.db"


# --- serving -----------------------------------------------------------------------------------------------------


@click.command()
@database_option
@click.option("--host", help="The address to listen on; 127.0.0.1 unless given.")
@click.option("--port", type=int, help="The port; 8000 unless given.")
@click.option("--drafts", is_flag=True, help="Serve the files as they are, published anew whenever one changes.")
@definitions_option
@content_option
def serve(
    database: str | None, host: str | None, port: int | None, drafts: bool, definitions: str, content: str
) -> None:
    """Run the service: the HTTP interface, and the worker in a thread beside it.

    With --drafts, a store of its own (drafts.db) is used unless --database names one; what does not lint clean is
    reported, and the last good release goes on serving. Nobody has to sign anything, and every text and page says so:
    it is for authors, never for patients.

    Examples: `journeys serve`, `journeys serve --port 8400 --drafts`
    """
    if drafts and database is None:
        database = DRAFTS_DATABASE
    config = configuration(database=database, host=host, port=port)
    require_port(config.host, config.port)
    files = WatchedFolders((Path(definitions), Path(content)), lambda _: _publish_drafts(config, definitions, content))
    with refusals():
        if drafts:
            processes.upgrade_database(config.database)
            _publish_drafts(config, definitions, content)
            files.start()
        processes.run_server(config, ready=_say_where(config), drafts=drafts)
    files.stop()


def _say_where(config: Configuration) -> Callable[[int], None]:
    def ready(port: int) -> None:
        click.echo(f"Serving on http://{config.host}:{port}/docs", err=True)

    return ready


def _publish_drafts(config: Configuration, definitions: str, content: str) -> None:
    with processes.open_service(config.database) as service:
        done = publishing.publish_from_files(service, Path(definitions), Path(content))
    for line in _published_in_words(done):
        click.echo(line, err=True)


@click.command()
@database_option
def worker(database: str | None) -> None:
    """Fire due timers; several may run side by side on PostgreSQL.

    Example: `journeys worker --database postgresql://journeys@localhost/journeys`
    """
    config = configuration(database=database)
    require_port(metrics.ADDRESS, config.metrics_port, advice="Set metrics_port to another port, or to 0 for none.")
    with refusals():
        processes.run_worker(config)


# --- publishing --------------------------------------------------------------------------------------------------


@click.command()
@click.argument("journeys", nargs=-1)
@click.option("--policy", type=click.Choice(POLICIES), help="What is to become of those who are in: see below.")
@click.option(
    "--map",
    "mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For the policy map: a file of `old state: new state`, a line each, in full.",
)
@database_option
@definitions_option
@content_option
@click.option("--author", metavar="NAME", help="Whose work it is: an account, which may not sign it.")
@format_option
def publish(
    journeys: tuple[str, ...],
    policy: str | None,
    mapping: Path | None,
    database: str | None,
    definitions: str,
    content: str,
    author: str | None,
    form: str,
) -> None:
    """Publish definitions and content from files: all that lint clean, or nothing. It is in review then.

    JOURNEYS are the keys of those to publish; all of them unless given. Patients are given what is signed
    (`journeys approve`), of a release that is active (`journeys release activate`).

    Who is in an earlier release stays there (`pin`), or can be moved afterwards by `journeys migrate`: by the names of
    states and what the release says was renamed (`follow`), or by a mapping beside (`map`). With these two nothing is
    published while anybody would have no place.

    Examples: `journeys publish`, `journeys publish nsclc --policy follow`
    """
    if (policy == MAP) != (mapping is not None):
        raise click.UsageError("The policy map needs --map FILE, and --map needs --policy map.")
    if mapping is not None and len(journeys) != 1:
        raise click.UsageError("A mapping is for one journey: name it.")
    chosen = (
        PolicyChoice(policy, mapping.read_bytes() if mapping else b"", str(mapping or ""))
        if policy is not None
        else None
    )
    with opened(database) as service:
        done = publishing.publish_from_files(
            service, Path(definitions), Path(content), only=journeys, policy=chosen, author=author
        )
        releases = [approvals.list_release_statuses(service, one.journey)[0] for one in done.journeys]
    if form == "json":
        click.echo(json.dumps(_published_as_json(done), ensure_ascii=False))
    else:
        for line in _published_in_words(done):
            click.echo(line)
        for one, newest in zip(done.journeys, releases, strict=True):
            for line in what_is_next(one.journey, one.in_review, newest):
                click.echo(f"  {line}")
    if not done.is_done:
        sys.exit(1)


def _published_in_words(done: Publishing) -> Iterator[str]:
    for problem in done.problems:
        yield str(problem)
    if not done.is_done:
        yield f"Nothing was published: {counted(len(only_errors(done.problems)), 'problem')}."
    for one in done.journeys:
        pieces = f"{len(one.added)} pieces added, {len(one.changed)} changed, {len(one.withdrawn)} withdrawn"
        what = f"release {one.number}" + ("" if one.is_new_release else " (as before)")
        programmes = f", programmes: {', '.join(one.programmes)}" if one.programmes else ""
        yield f"{one.journey}: {what}, {pieces}{programmes}"
        for misfit in one.misfits:
            release = misfit.release[:8]
            yield f"  {misfit.piece} does not fit release {release}, which has enrollments; they see an older version"


def _published_as_json(done: Publishing) -> dict[str, Any]:
    return {
        "published": done.is_done,
        "problems": [problem.as_dict() for problem in done.problems],
        "journeys": [
            {
                "journey": one.journey,
                "release": one.release,
                "number": one.number,
                "added": list(one.added),
                "changed": list(one.changed),
                "withdrawn": list(one.withdrawn),
                "programmes": list(one.programmes),
                "in_review": len(one.in_review),
                "misfits": [{"piece": misfit.piece, "release": misfit.release} for misfit in one.misfits],
            }
            for one in done.journeys
        ],
    }


# --- tokens ------------------------------------------------------------------------------------------------------


@click.group()
def token() -> None:
    """Make, list and revoke tokens."""


@token.command(name="create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="May be repeated.")
@click.option("--as", "reports_as", type=click.Choice(REPORTS_AS), help="Whose word its reports are.")
@click.option("--expires-in", metavar="DURATION", help="How long it is good for (P90D); for ever unless given.")
@database_option
def create(
    name: str, scopes: tuple[str, ...], reports_as: str | None, expires_in: str | None, database: str | None
) -> None:
    """Make a token for an application or a person, and print it; it is not kept and cannot be printed again.

    NAME is the reporter that its events carry.

    Example: `journeys token create clinic --scope staff --scope report --scope read`
    """
    lasts = _lasting(expires_in)
    with opened(database) as service:
        minted = tokens.create_token(service, name=name, scopes=scopes, reports_as=reports_as, expires_in=lasts)
    click.echo(minted.text)


def _lasting(text: str | None) -> timedelta | None:
    if text is None:
        return None
    now = clock.present()
    try:
        lasts = parse_duration(text).after(now) - now
    except ValueError:
        raise click.UsageError(f"--expires-in must be {ACCEPTED}.") from None
    if lasts <= timedelta(0):
        raise click.UsageError("--expires-in must be longer than nothing.")
    return lasts


@token.command(name="list")
@database_option
@format_option
def list_tokens(database: str | None, form: str) -> None:
    """List tokens, without their secrets."""
    with opened(database) as service:
        found = tokens.list_tokens(service)
    rows = [
        {
            "id": one.id,
            "name": "patient" if one.patient_ref is not None else one.name,
            "scopes": sorted(one.scopes),
            "reports_as": one.reports_as,
            "created_at": time_text(one.created_at),
            "expires_at": time_text(one.expires_at) if one.expires_at else None,
            "revoked_at": time_text(one.revoked_at) if one.revoked_at else None,
        }
        for one in found
    ]
    if form == "json":
        click.echo(json.dumps(rows))
        return
    for row in rows:
        ends = f"revoked {row['revoked_at']}" if row["revoked_at"] else f"until {row['expires_at'] or 'revoked'}"
        scopes = ",".join(str(scope) for scope in row["scopes"])  # type: ignore[union-attr]
        click.echo(f"{row['id']}  {row['name']}  {scopes}  as {row['reports_as']}  {ends}")


@token.command()
@click.argument("token_id")
@database_option
def revoke(token_id: str, database: str | None) -> None:
    """Revoke a token at once, by its id (`journeys token list`)."""
    with opened(database) as service:
        done = tokens.revoke_token(service, token_id)
    if not done:
        click.echo("There is no such token that is still good.", err=True)
        sys.exit(1)


COMMANDS = (serve, worker, publish, token)
