"""How commands begin: shared options, the configuration, the store, the port; and how they end where they may not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.errors import CallerError

if TYPE_CHECKING:
    from service.platform.configuration import Configuration
    from service.platform.process import Process
    from service.publishing.service import Service


def configuration(**arguments: Any) -> Configuration:
    """The configuration of a command's options, the environment and a file.

    Raises:
        click.UsageError: when it makes no sense.
    """
    from service.platform.configuration import Configuration
    from service.platform.setting_values import ConfigurationError

    try:
        return Configuration.of_environment(os.environ, file=config_file(), **arguments)
    except ConfigurationError as error:
        raise click.UsageError("\n".join(error.problems)) from None


def config_file() -> Path | None:
    """The file that `journeys --config` names."""
    context = click.get_current_context(silent=True)
    return context.find_root().params.get("config") if context is not None else None


@contextmanager
def refusals() -> Iterator[None]:
    """What the database or another process does not allow ends the command with a sentence and 1."""
    from service.platform.database import AlreadyMoving, DatabaseRefused
    from service.platform.database.serving_lock import AlreadyServed
    from service.platform.errors import Unavailable, reason_of

    try:
        yield
    except Unavailable as error:
        click.echo(f"The database cannot be used: {reason_of(error)}", err=True)
        sys.exit(1)
    except (DatabaseRefused, AlreadyServed, AlreadyMoving) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except CallerError as error:
        texts = [f"{name}: {' '.join(messages)}" for name, messages in error.fields.items()] or [error.detail]
        raise click.UsageError(" ".join(texts)) from None


@contextmanager
def opened_process(database: str | None) -> Iterator[Process]:
    """The store that a command names, for commands that read and show no content."""
    from service.operations import databases
    from service.platform.logs import logs_of_command

    with logs_of_command(), refusals(), databases.open_process(configuration(database=database).database) as process:
        yield process


@contextmanager
def opened(database: str | None, *, creates: bool = False) -> Iterator[Service]:
    """The service on the store that a command names; with `creates`, a new SQLite file is made."""
    from service.operations import databases
    from service.platform.logs import logs_of_command
    from service.publishing.library import Rules

    config = configuration(database=database)
    service = databases.open_service(config.database, rules=Rules.of(config), creates=creates)
    with logs_of_command(), refusals(), service as opened_service:
        yield opened_service


def require_port(host: str, port: int, *, advice: str = "--port takes another port.") -> None:
    """Ends the command with a sentence and 1 where a port cannot be listened on, before anything is touched."""
    from service.platform.ports import try_port

    try:
        try_port(host, port)
    except OSError as error:
        click.echo(f"Cannot listen on {host}, port {port}: {error.strerror}. {advice}", err=True)
        sys.exit(1)
