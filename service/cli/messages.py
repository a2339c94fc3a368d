"""`journeys messages`: messages of which nobody knows whether they arrived, and sending them again by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened
from service.outreach.read import list_of_unknown
from service.outreach.resend import send_again
from service.outreach.store.messages import StoredMessage


@click.group(name="messages")
def messages_group() -> None:
    """Messages of which nobody knows whether they arrived."""


@messages_group.command(name="list")
@database_option
@format_option
def list_messages(database: str | None, form: str) -> None:
    """List the messages whose answer was lost."""
    with opened(database) as service:
        MESSAGES.write(list_of_unknown(service), form)


@messages_group.command()
@click.argument("message")
@database_option
def resend(message: str, database: str | None) -> None:
    """Send a message again whose answer was lost, if it may still go; the patient may get it twice.

    Example: `journeys messages resend 019abc…`
    """
    with opened(database) as service:
        send_again(service, message)
    click.echo("It goes again, if the gate allows it.")


def _lines(unknown: list[StoredMessage]) -> Iterator[str]:
    for message in unknown:
        yield f"{message.id}  due {time_text(message.due)}, {message.reason or 'the sender died'}"
    yield f"{counted(len(unknown), 'message')} of which nobody knows whether they arrived."


def _json(unknown: list[StoredMessage]) -> Any:
    return [{"id": message.id, "due": time_text(message.due), "reason": message.reason} for message in unknown]


MESSAGES = Writers[list[StoredMessage]](as_text=_lines, as_json=_json)
COMMANDS = (messages_group,)
