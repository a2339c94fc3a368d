"""Reading the facts of an enrollment, each with its reporter and its time, folded to now in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from journeys.content.catalogue import shared_facts
from journeys.content.screen import fact_title
from journeys.definition.compiler import ReleasePlan
from journeys.definition.facts import wire_value
from journeys.engine.state import FactTold
from journeys.primitives.canonical import stored_time
from service.access.caller import Caller
from service.enrollments.answers import CallerView
from service.enrollments.content import ContentOptions
from service.enrollments.read import view_now
from service.publishing.service import Service

Precision = Literal["day", "instant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFact:
    """A fact that was told or declined, with its title in the reader's locale.

    Attributes:
        value: JSON, or `{"declined": true}`.
        by: the reporter type.
        at: when it was so, UTC; of a day, its first instant.
        precision: whether `at` is known to the instant, or its day alone.
        event: the uid of the event that told it.
    """

    name: str
    title: str
    value: Any
    by: str
    at: datetime
    precision: Precision
    event: str


@dataclass(frozen=True, slots=True)
class FactsAnswer:
    """The known facts of an enrollment by name, as its caller may know them; `tag` names the caller's view."""

    items: Sequence[KnownFact]
    locale: str
    tag: str
    seen: CallerView


def read_facts(service: Service, caller: Caller, enrollment: str, locale: str | None) -> FactsAnswer:
    """The facts of an enrollment that its caller may know. A fact that nobody told is left out.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    options = ContentOptions(locale, content=False)
    with service.database.reading() as connection:
        seen = view_now(service, connection, caller, enrollment, options)
    shown, plan, served = seen.view.shown, seen.servable.catalogue.plan, seen.chosen.locale
    facts = sorted(shown.facts.items()) if shown is not None else []
    if caller.grants is not None:
        names = shared_facts(plan, caller.grants)
        facts = [(name, fact) for name, fact in facts if name in names]
    return FactsAnswer([_known(name, fact, plan, served) for name, fact in facts], served, seen.view.tag, seen)


def _known(name: str, fact: FactTold, plan: ReleasePlan, locale: str) -> KnownFact:
    at, is_day = stored_time(fact.at)
    return KnownFact(
        name=name,
        title=fact_title(plan, plan.journey.facts[name], locale),
        value=wire_value(fact.value),
        by=fact.by,
        at=at,
        precision="day" if is_day else "instant",
        event=fact.event,
    )
