"""`journeys webhooks`: the systems to which the feed is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.canonical import time_text
from journeys.primitives.problems import counted
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened_process

if TYPE_CHECKING:
    from service.feed.store.endpoints import FeedEndpoint


@click.group(name="webhooks")
def webhooks_group() -> None:
    """Systems to which the feed is delivered, for patients who allowed sharing with them."""


@webhooks_group.command()
@click.argument("url")
@click.option("--recipient", required=True, metavar="NAME", help="Patients allow sharing with it as share:NAME.")
@click.option("--journey", metavar="KEY", help="Deliver only what is about this journey.")
@database_option
def add(url: str, recipient: str, journey: str | None, database: str | None) -> None:
    """Add a system, which gets what is published from now on; prints its id, and the secret that signs each request.

    The address is https, or that of a subject of NATS JetStream: nats://host:4222/subject.

    Example: `journeys webhooks add https://hooks.acme.example/journeys --recipient acme`
    """
    from service.feed.declare import EndpointRefused, add_endpoint

    with opened_process(database) as process:
        try:
            endpoint = add_endpoint(process, url, recipient, journey)
        except EndpointRefused as error:
            raise click.UsageError(str(error)) from None
    click.echo("\n".join((endpoint.id, *endpoint.secrets)))


@webhooks_group.command(name="list")
@database_option
@format_option
def list_webhooks(database: str | None, form: str) -> None:
    """List the systems, without their addresses and secrets."""
    from service.feed import endpoints

    with opened_process(database) as process:
        WEBHOOKS.write(endpoints.list_endpoints(process), form)


@webhooks_group.command()
@click.argument("endpoint")
@database_option
def disable(endpoint: str, database: str | None) -> None:
    """Deliver nothing more to a system, by its id; its place in the feed is kept."""
    from service.feed import endpoints

    with opened_process(database) as process:
        endpoints.disable_endpoint(process, endpoint)


@webhooks_group.command()
@click.argument("endpoint")
@database_option
def enable(endpoint: str, database: str | None) -> None:
    """Deliver to a system again, by its id, from where it stopped."""
    from service.feed import endpoints

    with opened_process(database) as process:
        endpoints.enable_endpoint(process, endpoint)


@webhooks_group.command()
@click.argument("endpoint")
@click.option("--after", metavar="ID", help="The id of the event after which to begin; by default with the first.")
@database_option
def replay(endpoint: str, after: str | None, database: str | None) -> None:
    """Deliver events again to a system, by its id, in order and under the same ids.

    Example: `journeys webhooks replay 019abc… --after 5d41402abc4b2a76b9719d911017c592`
    """
    from service.feed import endpoints

    with opened_process(database) as process:
        endpoints.replay(process, endpoint, after)


def _lines(listed: list[FeedEndpoint]) -> Iterator[str]:
    for endpoint in listed:
        journey = f"  {endpoint.journey}" if endpoint.journey is not None else ""
        since = endpoint.failing_since
        failing = f"  fails since {time_text(since)}, {counted(endpoint.tries, 'time')}" if since is not None else ""
        yield f"{endpoint.id}  {endpoint.recipient}  {endpoint.status}{journey}{failing}"
    yield f"{counted(len(listed), 'system')}."


def _json(listed: list[FeedEndpoint]) -> Any:
    return [
        {
            "id": endpoint.id,
            "recipient": endpoint.recipient,
            "journey": endpoint.journey,
            "status": endpoint.status,
            "tries": endpoint.tries,
            "failing_since": time_text(endpoint.failing_since) if endpoint.failing_since is not None else None,
        }
        for endpoint in listed
    ]


WEBHOOKS: Writers[list[FeedEndpoint]] = Writers(as_text=_lines, as_json=_json)
COMMANDS = (webhooks_group,)
