"""The view of one reader on an enrollment: the true state for staff, the told view for everybody else. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from journeys.content.catalogue import Selected
from journeys.content.screen import title_of, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.engine import News, State, Stay
from journeys.engine.state import Ended
from journeys.permission.caregivers import CaregiverGrants
from journeys.primitives.canonical import derived_id, time_text
from journeys.primitives.computed import computed
from service.effects.store.tasks import Task
from service.enrollments.content import ContentOptions, DescribedPiece, choose, describe, locale_for
from service.enrollments.store.enrollments import StoredEnrollment
from service.platform.database.payload import seal
from service.publishing.servable import ServableContent


@dataclass(frozen=True)
class View:
    """An enrollment as one reader may see it: the truth, or the told view. `at` is now.

    `grants` is what of the told view a caregiver sees; None: the reader sees all of it.
    """

    stored: StoredEnrollment
    truth: bool
    at: datetime
    grants: CaregiverGrants | None = None

    @computed
    def shown(self) -> State | None:
        """The state that the reader sees; None where there is no enrollment any more."""
        return self.stored.enrollment.state if self.truth else self.stored.enrollment.view

    @property
    def release(self) -> str:
        """The id of the release that the reader sees the enrollment in."""
        return self.shown.release if self.shown is not None else self.stored.enrollment.release

    @property
    def ended(self) -> Ended | None:
        """How the enrollment ended, or None."""
        return self.shown.ended if self.shown is not None else None

    @property
    def sees_course(self) -> bool:
        """Whether the reader sees the states."""
        return self.grants is None or self.grants.sees_course

    @property
    def tag(self) -> str:
        """The name of this view: it changes exactly when a part of the state that the reader sees changes."""
        return derived_id("view", self.stored.id, seal(self._seen()).decode())

    def _seen(self) -> Any:
        if self.shown is None:
            return None
        if self.truth:
            return [self.stored.enrollment.revision, time_text(self.shown.folded_to)]
        stored = self.shown.to_stored()
        names = (
            ("facts", "tracks", "visits", "ended", "topics") if self.grants is None else ("tracks", "visits", "ended")
        )
        seen = {name: stored[name] for name in names if name in stored and (name == "ended" or self.sees_course)}
        return seen | {"locale": self.stored.locale, "programme": self.stored.programme}


@dataclass(frozen=True, slots=True)
class ChosenContent:
    """The content of a view, chosen for one answer."""

    locale: str
    options: ContentOptions
    pieces: Sequence[Selected]


def choose_content(view: View, servable: ServableContent, options: ContentOptions) -> ChosenContent:
    """The pieces that a view shows; none after the end of the enrollment."""
    locale = locale_for(servable, options.locale or view.stored.locale)
    if view.shown is None or view.ended is not None or not options.content:
        return ChosenContent(locale, options, ())
    return ChosenContent(locale, options, choose(servable, view.shown, view.at, channel=options.channel, locale=locale))


@dataclass(frozen=True, slots=True)
class TrackState:
    """The innermost state of one track: its title in the reader's locale, and the stay in it."""

    title: str
    stay: Stay


@dataclass(frozen=True, slots=True)
class EnrollmentEnd:
    """How an enrollment ended; `at` is a day or a time, as text."""

    type: str
    title: str
    at: str


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event that waits for facts in a track since it arrived."""

    event: str
    type: str
    track: str
    missing: Sequence[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class PendingTimer:
    """A timer that will fire."""

    track: str
    state: str
    name: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentState:
    """An enrollment at the moment of reading.

    `revised` says whether a later event changed what a decision says (None: no decision is answered). `held`,
    `waiting`, `timers` and `tasks` are for staff, and None for others.
    """

    state: Mapping[str, TrackState]
    ended: EnrollmentEnd | None
    content: Sequence[DescribedPiece]
    locale: str
    revised: bool | None = None
    held: Sequence[News] | None = None
    waiting: Sequence[WaitingEvent] | None = None
    timers: Sequence[PendingTimer] | None = None
    tasks: Sequence[Task] | None = None


def current_state(
    view: View, servable: ServableContent, chosen: ChosenContent, *, revised: bool | None = None
) -> CurrentState:
    """The current state as the reader of a view may see it, without what only staff see."""
    plan = servable.catalogue.plan
    return CurrentState(
        state=states_of(view, plan, chosen.locale),
        ended=end_of(view, plan, chosen.locale),
        content=content_of(view, servable, chosen),
        locale=chosen.locale,
        revised=revised,
    )


def with_staff_details(current: CurrentState, view: View, tasks: Sequence[Task]) -> CurrentState:
    """The current state with what only staff see: what is held and waits, the timers, the open tasks."""
    state = view.shown
    if state is None:
        return replace(current, held=(), waiting=(), timers=(), tasks=())
    news = view.stored.enrollment.told.open if state.ended is None else ()
    return replace(current, held=news, waiting=_waiting_events(state), timers=_pending_timers(state), tasks=tasks)


def content_of(view: View, servable: ServableContent, chosen: ChosenContent) -> list[DescribedPiece]:
    """The chosen pieces, described in their locale."""
    shown = view.shown
    if shown is None:
        return []
    return [
        describe(servable, piece, shown, view.at, locale=chosen.locale, options=chosen.options)
        for piece in chosen.pieces
    ]


def states_of(view: View, plan: ReleasePlan, locale: str) -> dict[str, TrackState]:
    """The innermost state of each track, in the order in which the journey declares the tracks."""
    if view.shown is None or not view.sees_course:
        return {}
    return {
        track: TrackState(title_of(plan, track, stays[-1].state, locale), stays[-1])
        for track in plan.tracks
        if (stays := view.shown.tracks.get(track))
    }


def end_of(view: View, plan: ReleasePlan, locale: str) -> EnrollmentEnd | None:
    """How the enrollment ended, or None."""
    ended = view.ended
    if ended is None:
        return None
    return EnrollmentEnd(ended.trigger, trigger_title(plan, ended.trigger, locale), ended.at)


def _waiting_events(state: State) -> list[WaitingEvent]:
    return [
        WaitingEvent(waiting.event, waiting.type, waiting.track, sorted(waiting.missing), waiting.key[0])
        for waiting in state.waiting
    ]


def _pending_timers(state: State) -> list[PendingTimer]:
    """The timers by deadline; none after the end."""
    if state.ended is not None:
        return []
    timers = [
        PendingTimer(track, stay.state, name, armed.due)
        for track, stays in state.tracks.items()
        for stay in stays
        for name, armed in stay.timers.items()
    ]
    return sorted(timers, key=lambda timer: (time_text(timer.due), timer.track, timer.state, timer.name))
