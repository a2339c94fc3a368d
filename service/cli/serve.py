"""`journeys serve` and `journeys worker`: run the service."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import rich_click as click

from service.cli.files import Files, files_options
from service.cli.options import database_option
from service.cli.output import write_lines
from service.cli.publish import publishing_in_words
from service.cli.startup import configuration, refusals, require_port

if TYPE_CHECKING:
    from service.platform.configuration import Configuration

DRAFTS_DATABASE = "sqlite:///drafts.db"
TOKEN_OF_DRAFTS = (
    "Drafts have a database of their own, drafts.db. A token for your app: journeys token create app --scope enroll "
    f"--scope report --scope read --database {DRAFTS_DATABASE}"
)


@click.command()
@database_option
@click.option("--host", help="The address to listen on; 127.0.0.1 by default.")
@click.option("--port", type=int, help="The port; 8000 by default.")
@click.option("--drafts", is_flag=True, help="Serve the files as drafts, published again whenever one changes.")
@files_options
def serve(database: str | None, host: str | None, port: int | None, drafts: bool, files: Files) -> None:
    """Run the service: the HTTP interface, and the worker in a thread beside it.

    With --drafts, the database is drafts.db unless --database names another. Lint errors are reported, and the last
    release without errors is served meanwhile. Drafts need no signatures, and every text and page is marked as a draft:
    this is for authors, never for patients.

    Examples: `journeys serve`, `journeys serve --port 8400 --drafts`
    """

    from service import processes
    from service.operations import databases
    from service.platform.watched_folders import WatchedFolders

    if drafts and database is None:
        database = DRAFTS_DATABASE
        click.echo(TOKEN_OF_DRAFTS, err=True)
    config = configuration(database=database, host=host, port=port)
    require_port(config.host, config.port)
    folders = WatchedFolders((files.definitions, files.content), lambda _: _publish_drafts(config, files))
    with refusals():
        if drafts:
            databases.upgrade_database(config.database)
            _require_own_database(config)
            _publish_drafts(config, files)
            folders.start()
        processes.run_server(config, ready=partial(_say_ready, config), drafts=drafts)
    folders.stop()


def _say_ready(config: Configuration, port: int) -> None:
    """Says where the service is, and where nobody can join because no code can be sent."""
    from service.operations import databases
    from service.operations.registration_check import examine_registrations

    click.echo(f"Serving on http://{config.host}:{port}/docs", err=True)
    with databases.open_process(config.database) as process:
        finding = examine_registrations(process.database, process.clock, config.channels)
    if not finding.is_good:
        click.echo(f"Registration: {finding.result}. {finding.advice}", err=True)


def _require_own_database(config: Configuration) -> None:
    """Ends the command where the database is not for drafts: drafts have no author, so anybody could sign them."""
    from service.access.accounts import list_accounts
    from service.operations import databases

    with databases.open_service(config.database) as service:
        if list_accounts(service):
            raise click.UsageError(
                "Drafts need a database of their own, and this one has accounts of staff. Name another with --database."
            )


def _publish_drafts(config: Configuration, files: Files) -> None:
    from service.operations import databases
    from service.publishing.publish import publish_from_files

    with databases.open_service(config.database) as service:
        result = publish_from_files(service, files.definitions, files.content)
    write_lines(publishing_in_words(result), err=True)


@click.command()
@database_option
def worker(database: str | None) -> None:
    """Fire due timers; several may run side by side on PostgreSQL.

    Example: `journeys worker --database postgresql://journeys@localhost/journeys`
    """

    from service import processes
    from service.platform import metrics

    config = configuration(database=database)
    require_port(metrics.ADDRESS, config.metrics_port, advice="Set metrics_port to another port, or to 0 for none.")
    with refusals():
        processes.run_worker(config)


COMMANDS = (serve, worker)
