"""SQL of the counters of where people leave. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from service.platform.database.tables import registration_counts as counts


@dataclass(frozen=True, slots=True)
class CountedForm:
    """What is counted together: a form of a programme, in a style and a locale, on a day (`YYYY-MM-DD`, UTC)."""

    journey: str
    programme: str
    form: str
    style: str
    locale: str
    day: str


@dataclass(frozen=True, slots=True)
class Count:
    """A counter: how often something of a kind happened to a question."""

    of: CountedForm
    question: str
    kind: str
    number: int


_KEY = [column.name for column in counts.primary_key]
_MORE = {"count": counts.c.count + 1}
_RAISE = {
    "sqlite": sqlite.insert(counts).on_conflict_do_update(index_elements=_KEY, set_=_MORE),
    "postgresql": postgresql.insert(counts).on_conflict_do_update(index_elements=_KEY, set_=_MORE),
}
_LIST = (
    select(*counts.primary_key, counts.c.count.label("number"))
    .where(counts.c.journey == bindparam("of_journey"), counts.c.day >= bindparam("since"))
    .order_by(*counts.primary_key)
)


def raise_counts(connection: Connection, form: CountedForm, happened: Iterable[tuple[str, str]]) -> None:
    """Adds one to the counter of each question and kind; in one order, so that two transactions cannot lock up."""
    statement = _RAISE[connection.dialect.name]
    for question, kind in sorted(happened):
        values = {
            "journey": form.journey,
            "programme": form.programme,
            "form": form.form,
            "style": form.style,
            "locale": form.locale,
            "day": form.day,
            "question": question,
            "kind": kind,
            "count": 1,
        }
        connection.execute(statement, values)


def list_counts(connection: Connection, journey: str, since: str) -> list[Count]:
    """The counters of a journey since a day, by their keys."""
    rows = connection.execute(_LIST, {"of_journey": journey, "since": since})
    return [
        Count(
            CountedForm(row.journey, row.programme, row.form, row.style, row.locale, row.day),
            row.question,
            row.kind,
            row.number,
        )
        for row in rows
    ]
