"""Reading the questions of an enrollment, and comparing the screens before and after an answer. It stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from journeys.content.screen import QuestionCard, changes, texts_in
from journeys.content.screen.changes import TextOf
from journeys.surveys.thanks import thanks_given, thanks_in_words
from service.access.caller import Caller
from service.enrollments.answers import CallerView, DrawnScreen, draw_screen
from service.enrollments.content import marked
from service.enrollments.read import load
from service.enrollments.store.enrollments import StoredEnrollment
from service.enrollments.views import View
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class QuestionsAnswer:
    """The questions to ask now, and those that the patient declined; `tag` names the caller's view of the state.

    `seen` is the view that they follow from; None where they also follow from what the person allows.
    """

    enrollment: str
    items: Sequence[QuestionCard]
    declined: Sequence[QuestionCard]
    locale: str
    tag: str
    seen: CallerView | None


def read_questions(service: Service, caller: Caller, enrollment: str, locale: str | None) -> QuestionsAnswer:
    """The questions of an enrollment: those of its screen; a caregiver gets those that they may answer.

    Raises:
        NotFound: the enrollment does not exist, or is not the caller's.
    """
    with service.database.reading() as connection:
        stored, now = load(service, connection, caller, enrollment)
        drawn = draw_screen(service, connection, caller, stored, locale, now)
    screen, tag = drawn.screen, View(stored, caller.sees_truth, now, caller.grants).tag
    return QuestionsAnswer(enrollment, screen.questions, screen.declined, screen.locale, tag, drawn.follows_from)


def screen_comparison(
    service: Service, connection: Connection, caller: Caller, locale: str | None, now: datetime
) -> Callable[[StoredEnrollment, StoredEnrollment], Mapping[str, Any]]:
    """A function that returns what is different on the second of two screens of an enrollment, as JSON."""

    def compare(before: StoredEnrollment, after: StoredEnrollment) -> Mapping[str, Any]:
        old, new = (draw_screen(service, connection, caller, stored, locale, now) for stored in (before, after))
        difference = changes(old.screen, new.screen, _texts_of(old), _texts_of(new))
        stored = difference.to_stored(lambda title: marked(new.seen.servable, new.screen.locale, title))
        thanks = _thanks(old, new)
        return {**stored, "thanks": thanks} if thanks else stored

    return compare


def _thanks(old: DrawnScreen, new: DrawnScreen) -> list[dict[str, str | None]]:
    servable, before, after = new.seen.servable, old.seen.view.shown, new.seen.view.shown
    if after is None:
        return []
    given = thanks_given(servable.catalogue.plan, before.surveyed if before is not None else {}, after.surveyed)
    return [thanks_in_words(servable.catalogue.plan, survey, servable.values, new.screen.locale) for survey in given]


def _texts_of(drawn: DrawnScreen) -> TextOf:
    servable, view = drawn.seen.servable, drawn.seen.view
    if view.shown is None:  # the enrollment was retracted, and its screen has no cards
        return lambda card: card.text.title
    return texts_in(servable.renderer, servable.catalogue.plan, view.shown, view.at, drawn.screen.locale)
