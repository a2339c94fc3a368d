"""`journeys messages`: messages that wait, failed or may have arrived, and settling the last by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened_process
from service.outreach.states import FAILED, SCHEDULED, UNKNOWN

if TYPE_CHECKING:
    from service.outreach.store.messages import StoredMessage

#: What a state means where a message has no reason, and in the total.
_STATES = {
    UNKNOWN: ("the sender died", "of which nobody knows whether they arrived"),
    SCHEDULED: ("not tried yet", "that wait"),
    FAILED: ("no reason", "that failed"),
}


@dataclass(frozen=True, slots=True)
class MessageList:
    """The messages in a state."""

    state: str
    messages: list[StoredMessage]


@click.group(name="messages")
def messages_group() -> None:
    """Messages that wait, failed, or may or may not have arrived."""


@messages_group.command(name="list")
@click.option("--state", type=click.Choice(tuple(_STATES)), default=UNKNOWN, show_default=True, help="Which messages.")
@database_option
@format_option
def list_messages(state: str, database: str | None, form: str) -> None:
    """List messages with their reasons, oldest first: those whose answer was lost, those that wait, or that failed.

    Example: `journeys messages list --state failed`
    """
    from service.outreach.waiting import list_by_state

    with opened_process(database) as process:
        MESSAGES.write(MessageList(state, list_by_state(process, state)), form)


@messages_group.command()
@click.argument("message")
@database_option
def resend(message: str, database: str | None) -> None:
    """Send a message again whose answer was lost, if it may still go; the patient may get it twice.

    Example: `journeys messages resend 019abc…`
    """
    from service.outreach.settle import send_again

    with opened_process(database) as process:
        send_again(process, message)
    click.echo("It goes again, if the gate allows it.")


@messages_group.command(name="settle")
@click.argument("message")
@click.argument("status", type=click.Choice(("sent", "failed")))
@database_option
def settle_message(message: str, status: Literal["sent", "failed"], database: str | None) -> None:
    """Record what became of a message whose answer was lost, as its provider shows it.

    Example: `journeys messages settle 019abc… sent`
    """
    from service.outreach.settle import settle

    with opened_process(database) as process:
        settle(process, message, status)
    click.echo(f"The message counts as {status}.")


def _lines(listed: MessageList) -> Iterator[str]:
    without_reason, meaning = _STATES[listed.state]
    for message in listed.messages:
        yield f"{message.id}  due {time_text(message.due)}, {message.reason or without_reason}"
    yield f"{counted(len(listed.messages), 'message')} {meaning}."


def _json(listed: MessageList) -> Any:
    return [{"id": message.id, "due": time_text(message.due), "reason": message.reason} for message in listed.messages]


MESSAGES: Writers[MessageList] = Writers(as_text=_lines, as_json=_json)
COMMANDS = (messages_group,)
