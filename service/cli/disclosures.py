"""`journeys disclosures`: the accounting of disclosures about a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import rich_click as click

from journeys.primitives.canonical import parse_time, time_text
from journeys.primitives.problems import counted
from service.access.caller import Caller
from service.cli.options import database_option, format_option
from service.cli.output import Writers
from service.cli.startup import opened

if TYPE_CHECKING:
    from service.feed.disclosures import AccountedDisclosure

_STAFF = Caller(token="", name="disclosures", scopes=frozenset({"staff"}), by="staff")  # nosec B106 # it has none
_ALL = 1_000_000_000


@click.command()
@click.option("--person", metavar="ID", required=True, help="The `person` of the patient of an enrollment.")
@click.option("--since", metavar="DAY", help="From this day on (UTC), or from a time with its offset.")
@database_option
@format_option
def disclosures(person: str, since: str | None, database: str | None, form: str) -> None:
    """List what left about a person: when, to whom, what and why, oldest first; addresses are masked.

    Example: `journeys disclosures --person 019abc… --since 2020-11-29`
    """
    from service.feed.disclosures import account_disclosures

    first = _instant(since) if since is not None else None
    with opened(database) as service:
        answer = account_disclosures(service, _STAFF, person, since=first, after=0, count=_ALL)
    ACCOUNT.write(answer.page.items, form)


def _instant(text: str) -> datetime:
    try:
        return parse_time(text)[0]
    except ValueError as error:
        raise click.BadParameter(f"This must be a day such as 2026-01-15: {error}.", param_hint="--since") from None


def _lines(items: Sequence[AccountedDisclosure]) -> Iterator[str]:
    table = [
        [
            "when",
            "how",
            "channel",
            "recipient",
            "journey",
            "piece",
            "version",
            "locale",
            "event",
            "purpose",
            "caregiver",
        ]
    ]
    table += [["-" if value is None else str(value) for value in _values(item).values()] for item in items]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    yield f"{counted(len(items), 'disclosure')}."


def _values(item: AccountedDisclosure) -> dict[str, str | int | None]:
    return {
        "at": time_text(item.at),
        "kind": item.kind,
        "channel": item.channel,
        "recipient": item.recipient,
        "journey": item.journey,
        "piece": item.piece,
        "version": item.version,
        "locale": item.locale,
        "event": item.event,
        "purpose": item.purpose,
        "caregiver": item.caregiver,
    }


ACCOUNT: Writers[Sequence[AccountedDisclosure]] = Writers(
    as_text=_lines, as_json=lambda items: [*map(_values, items)], indent=1
)
COMMANDS = (disclosures,)
