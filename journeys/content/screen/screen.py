"""One screen as a value: all that a patient's app needs to draw it, and nothing beyond the told view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from journeys.content.catalogue import Catalogue
from journeys.content.screen.cards import Card, Marks, cards
from journeys.content.screen.coming import Coming, coming
from journeys.content.screen.reportable import Reportable, reportable
from journeys.content.screen.titles import journey_title, title_of
from journeys.definition.programmes import Values, contacts_of
from journeys.engine import State, Stay


@dataclass(frozen=True, slots=True)
class Where:
    """The current state in one track: the title of the innermost state, and its stay."""

    title: str
    stay: Stay


@dataclass(frozen=True, slots=True)
class Screen:
    """The contents of a screen; after the end of an enrollment only the last states."""

    title: str
    locale: str
    where: Mapping[str, Where]
    next: tuple[Coming, ...] = ()
    cards: tuple[Card, ...] = ()
    can_report: tuple[Reportable, ...] = ()
    contacts: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)


def draw(
    catalogue: Catalogue,
    view: State | None,
    at: datetime,
    locale: str,
    *,
    marks: Marks,
    has_ended: bool,
    values: Values,
) -> Screen:
    """The screen of a told view.

    Args:
        catalogue: the release and the pieces in force for it, as they read in the patient's programme.
        view: the told view; None if the enrollment no longer exists.
        at: the instant at which the view is read; for a frozen view, its own.
        locale: a declared locale.
        marks: the patient's marks on pieces (seen, dismissed, helpful) up to now.
        has_ended: whether the enrollment has ended.
        values: the values of the patient's programme.
    """
    plan = catalogue.plan
    title = journey_title(plan, locale)
    contacts = contacts_of(plan.journey, values, locale)
    if view is None:
        return Screen(title, locale, {}, contacts=contacts)
    where = {
        track: Where(title_of(plan, track, stays[-1].state, locale), stays[-1])
        for track in plan.tracks
        if (stays := view.tracks.get(track))
    }
    if has_ended:
        return Screen(title, locale, where, contacts=contacts)
    can_report = tuple(reportable(catalogue, view, locale))
    return Screen(
        title,
        locale,
        where,
        tuple(coming(catalogue, view, at, locale)),
        tuple(
            card.without_action() if card.reports not in (None, *(trigger.type for trigger in can_report)) else card
            for card in cards(catalogue, view, at, locale, marks, values)
        ),
        can_report,
        contacts,
    )
