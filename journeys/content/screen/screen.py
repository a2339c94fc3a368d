"""One screen as a value: all that a patient's app needs to draw it, and nothing beyond the told view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from journeys.content.catalogue import Catalogue
from journeys.content.screen.cards import Card, Marks, cards
from journeys.content.screen.coming import Coming, coming
from journeys.content.screen.questions import QuestionCard
from journeys.content.screen.reportable import Reportable
from journeys.content.screen.titles import is_silent, journey_title, title_of
from journeys.content.screen.topics import TopicCard, topic_cards
from journeys.definition.programmes import Values, contacts_of
from journeys.engine import State, Stay


@dataclass(frozen=True, slots=True)
class Where:
    """The current state in one track: the title of the innermost state, and its stay."""

    title: str
    stay: Stay


@dataclass(frozen=True, slots=True)
class Screen:
    """The contents of a screen; after the end of an enrollment only the last states.

    `where` has the states in which patients have something to read, by track. `questions` are those to ask now,
    `declined` those that the patient would rather not answer, and may still. `topics` are those that the patient may
    ask for or decline.
    """

    title: str
    locale: str
    where: Mapping[str, Where]
    next: tuple[Coming, ...] = ()
    cards: tuple[Card, ...] = ()
    can_report: tuple[Reportable, ...] = ()
    contacts: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    questions: tuple[QuestionCard, ...] = ()
    declined: tuple[QuestionCard, ...] = ()
    topics: tuple[TopicCard, ...] = ()


def draw(
    catalogue: Catalogue,
    view: State | None,
    at: datetime,
    locale: str,
    *,
    marks: Marks,
    can_report: Sequence[Reportable] | None,
    values: Values,
) -> Screen:
    """The screen of a told view.

    Args:
        catalogue: the release and the pieces in force for it, as they read in the patient's programme.
        view: the told view; None if the enrollment no longer exists.
        at: the instant at which the view is read; for a frozen view, its own.
        locale: a declared locale.
        marks: the patient's marks on pieces (seen, dismissed, helpful) up to now.
        can_report: what the patient can report in this view (`reportable`); None after the end of the enrollment.
        values: the values of the patient's programme.
    """
    plan = catalogue.plan
    title = journey_title(plan, locale)
    if view is None:
        return Screen(title, locale, {}, contacts=contacts_of(plan.journey, values, locale))
    open_states = {f"{track}.{stay.state}" for track, stays in view.tracks.items() for stay in stays}
    contacts = contacts_of(plan.journey, values, locale, open_states)
    where = {
        track.name: Where(title_of(plan, track.name, stays[-1].state, locale), stays[-1])
        for track in plan.tracks.values()
        if (stays := view.tracks.get(track.name)) and not is_silent(track.declared, stays[-1].state)
    }
    if can_report is None:
        return Screen(title, locale, where, contacts=contacts)
    accepted = {None, *(trigger.type for trigger in can_report)}
    return Screen(
        title,
        locale,
        where,
        tuple(coming(catalogue, view, at, locale)),
        tuple(
            card.without_action() if card.reports not in accepted else card
            for card in cards(catalogue, view, at, locale, marks, values)
        ),
        tuple(can_report),
        contacts,
        topics=topic_cards(catalogue, view, at, locale),
    )
