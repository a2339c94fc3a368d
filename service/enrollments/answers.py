"""From an enrollment to the parts of an answer, and the note of what was given out; used inside a transaction."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from journeys.content.rendering import served_locale
from journeys.content.screen import Screen, draw
from journeys.primitives.canonical import time_text
from service.access.caller import Caller
from service.effects.store import work
from service.effects.store.work import Shown
from service.enrollments.content import Asked, locale_for
from service.enrollments.store.enrollments import Stored
from service.enrollments.views import Chosen, View, choose_content, ended_of, now_of, truth_of, view_of
from service.publishing.library import ServableContent
from service.publishing.service import Service


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a report: the stored decision, byte for byte, what is so now, and the screen if asked for."""

    decision: bytes
    now: Mapping[str, Any]
    tag: str
    is_replay: bool
    view: Viewed | None = None


@dataclass(frozen=True, slots=True)
class EnrollmentAnswer:
    """An enrollment as its reader may see it; `tag` names what they see of its state."""

    body: Mapping[str, Any]
    tag: str
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A view with the content chosen for it."""

    view: View
    shelf: ServableContent
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Viewed:
    """A screen, the told view it is drawn from, and the pieces that it gives out."""

    screen: Screen
    seen: Seen

    @property
    def ended(self) -> Mapping[str, Any] | None:
        """How the enrollment ended, or None."""
        return ended_of(self.seen.view, self.seen.shelf.catalogue.plan, self.screen.locale)


def see(service: Service, connection: Connection, caller: Caller, stored: Stored, asked: Asked, now: datetime) -> Seen:
    """What a caller sees of an enrollment that was folded to now."""
    caller.disclose(stored)
    view = view_of(stored, now, truth=caller.sees_truth)
    shelf = _shelf_of(service, connection, view, asked.locale, now)
    return Seen(view, shelf, choose_content(view, shelf, asked))


def told(
    service: Service, connection: Connection, caller: Caller, stored: Stored, locale: str | None, now: datetime
) -> Seen:
    """What the patient was told, whoever asks; no content is chosen yet."""
    caller.disclose(stored)
    view = view_of(stored, now, truth=False)
    shelf = _shelf_of(service, connection, view, locale, now)
    return Seen(view, shelf, Chosen(locale_for(shelf, locale or stored.locale), Asked(locale), ()))


def look(
    service: Service, connection: Connection, caller: Caller, stored: Stored, locale: str | None, now: datetime
) -> Viewed:
    """The screen of an enrollment that was folded to now.

    What the patient said of pieces counts as it is now, also while something is held: it is their own doing.
    """
    seen = told(service, connection, caller, stored, locale, now)
    view, chosen = seen.view, seen.chosen
    state = stored.enrollment.state
    screen = draw(
        seen.shelf.catalogue,
        None if seen.shelf.is_silent else view.shown,
        view.at,
        chosen.locale,
        marks=state.marks if state is not None else {},
        has_ended=view.ended is not None,
        values=seen.shelf.values,
    )
    given = Chosen(chosen.locale, chosen.asked, [card.selected for card in screen.cards])
    return Viewed(screen, Seen(view, seen.shelf, given))


def now_part(connection: Connection, caller: Caller, seen: Seen, *, revised: bool | None = None) -> dict[str, Any]:
    """The `now` of an answer; for staff with what is held, waits and must be done."""
    answer = now_of(seen.view, seen.shelf, seen.chosen, revised=revised)
    if caller.sees_truth:
        tasks = work.open_tasks(connection, seen.view.stored.id)
        answer |= truth_of(seen.view, tasks)
    return answer


def enrollment_part(seen: Seen, now: Mapping[str, Any]) -> dict[str, Any]:
    """An enrollment for an answer."""
    stored = seen.view.stored
    return {
        "id": stored.id,
        "key": stored.key,
        "journey": stored.journey,
        "programme": stored.programme,
        "patient": {"ref": stored.patient_ref, "locale": stored.locale, "time_zone": stored.time_zone},
        "release": seen.view.release,
        "created_at": time_text(stored.created_at),
        "now": now,
    }


def unnoted(service: Service, caller: Caller, seen: Seen, now: datetime) -> list[Shown]:
    """What this answer gives to the patient and was not noted before; what staff look at is not given out."""
    if caller.sees_truth or not seen.chosen.pieces:
        return []
    stored = seen.view.stored
    keys: dict[Hashable, Shown] = {}
    for one in seen.chosen.pieces:
        given = Shown(one.piece.key, one.piece.version, one.stay.id, seen.chosen.locale, seen.chosen.asked.channel, now)
        keys[_remembered(stored.id, given)] = given
    missing = service.shown.missing(keys)
    return [given for key, given in keys.items() if key in missing]


def remember(service: Service, enrollment: str, given: list[Shown]) -> None:
    """Remembers what is noted for good."""
    service.shown.add(_remembered(enrollment, one) for one in given)


def note_shown(service: Service, enrollment: str, given: list[Shown]) -> None:
    """Notes what a read gives out, in a transaction of its own, before it is given."""
    if given:
        with service.database.writing() as connection:
            work.log_shown(connection, enrollment, given)
        remember(service, enrollment, given)


def _shelf_of(
    service: Service, connection: Connection, view: View, locale: str | None, now: datetime
) -> ServableContent:
    """What may be given out for a view in a locale (None: the enrollment's), as it reads in its programme."""
    release = service.library.releases(connection)[view.release]
    stored = view.stored
    served = served_locale(locale or stored.locale, release.plan.journey.locales)
    return service.library.servable_content(
        connection, release, stored.standing, stored.programme, locale=served, now=now
    )


def _remembered(enrollment: str, given: Shown) -> Hashable:
    return enrollment, given.piece, given.version, given.stay, given.locale, given.channel
