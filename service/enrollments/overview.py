"""Reading all that a care team sees of one enrollment, folded once: true state, told view, tasks, timeline, forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from journeys.content.screen import Screen, fact_title, journey_title, title_of, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Fact
from journeys.engine import News
from journeys.primitives.state_path import StatePath
from service.access.caller import Caller
from service.enrollments.answers import current_state_for, draw_screen, view_for_caller
from service.enrollments.content import ContentOptions
from service.enrollments.read import load
from service.enrollments.staff_reports import StaffReport, reports_of_staff
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.store.log import read_changed_settings
from service.enrollments.timeline import TimelineEntry, timeline_of
from service.enrollments.trace import trace_of
from service.enrollments.views import CurrentState
from service.enrollments.words import OwnWords, words_in
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class HeldNews:
    """News that nobody has told the patient: its title, since when (a day or an instant, as text), what tells it."""

    title: str
    since: str
    until: str
    until_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """An enrollment as its care team sees it.

    Attributes:
        stored: the enrollment, folded to now.
        at: now, UTC.
        journey: the title of the journey.
        tag: names the true state; it changes when the state does.
        now: the true state, with waiting events and open tasks.
        held: what the patient has not been told.
        screen: what the patient sees, in the patient's language.
        timeline: what happened, the last first.
        reports: what staff may report now; nothing after the end.
        facts: the facts that the journey declares, by name, and their titles.
        pieces: the titles of its pieces by key.
        words: what the patient and caregivers wrote themselves in facts, in order of arrival.
    """

    stored: StoredEnrollment
    at: datetime
    journey: str
    tag: str
    now: CurrentState
    held: Sequence[HeldNews]
    screen: Screen
    timeline: Sequence[TimelineEntry]
    reports: Sequence[StaffReport]
    facts: Mapping[str, Fact]
    fact_titles: Mapping[str, str]
    pieces: Mapping[str, str]
    words: Sequence[OwnWords]


def read_overview(service: Service, caller: Caller, enrollment: str, locale: str) -> Overview:
    """An enrollment as its care team sees it, in the declared locale that serves `locale`; for staff only.

    Raises:
        NotFound: the enrollment does not exist.
    """
    options = ContentOptions(locale, content=False)
    with service.database.reading() as connection:
        stored, now = load(service, connection, caller, enrollment)
        seen = view_for_caller(service, connection, caller, stored, options, now)
        current = current_state_for(connection, caller, seen)
        trace = trace_of(service, connection, seen)
        settings = read_changed_settings(connection, enrollment)
        screen = draw_screen(service, connection, caller, stored, None, now).screen
    plan, served, state = seen.servable.catalogue.plan, seen.chosen.locale, seen.view.shown
    news = current.held or ()
    return Overview(
        stored=stored,
        at=now,
        journey=journey_title(plan, served),
        tag=seen.view.tag,
        now=current,
        held=[_held(each, plan, served) for each in news],
        screen=screen,
        timeline=timeline_of(trace, stored, settings, plan, served),
        reports=reports_of_staff(plan, state, news, served) if state is not None and state.ended is None else (),
        facts=plan.journey.facts,
        fact_titles={name: fact_title(plan, fact, served) for name, fact in plan.journey.facts.items()},
        pieces={key: piece.texts[served].title for key, piece in seen.servable.catalogue.pieces.items()},
        words=words_in(plan, [entry.arrival for entry in trace.log], served),
    )


def _held(news: News, plan: ReleasePlan, locale: str) -> HeldNews:
    until = trigger_title(plan, news.until, locale)
    if news.kind == "state":
        state = StatePath.parse(news.name)
        return HeldNews(title_of(plan, state.track, state.path, locale), news.since, news.until, until)
    fact = plan.journey.facts.get(news.name)
    title = fact_title(plan, fact, locale) if fact is not None else news.name.replace("_", " ")
    return HeldNews(title, news.since, news.until, until)
