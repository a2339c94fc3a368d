"""What one reader may see of an enrollment: the truth for staff, what the patient was told for everybody else. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.content.catalogue import Selected
from journeys.content.screen import title_of, trigger_title
from journeys.definition.compiler import ReleasePlan
from journeys.engine import Snapshot, State
from journeys.engine.state import Ended
from journeys.primitives.canonical import derived_id, time_text
from service.effects.store.work import Task
from service.effects.tasks import task_of
from service.enrollments.content import Asked, choose, describe, locale_for
from service.enrollments.store.enrollments import Stored
from service.platform.database.payload import seal
from service.publishing.library import ServableContent


@dataclass(frozen=True, slots=True)
class View:
    """An enrollment as one reader may see it.

    `at` is the instant at which content and conditions read it, `revision` how far its history goes, `held` whether
    the reader sees an older view than the truth.
    """

    stored: Stored
    truth: bool
    shown: State | Snapshot | None
    at: datetime
    release: str
    ended: Ended | None
    revision: int
    held: bool

    @property
    def tag(self) -> str:
        """What names this very view: it changes when, and only when, something the reader sees of the state does."""
        return derived_id("view", self.stored.id, seal(self._seen()).decode())

    def _seen(self) -> Any:
        if self.shown is None:
            return None
        if self.truth and isinstance(self.shown, State):
            return [self.revision, time_text(self.shown.folded_to)]
        seen = self.shown.to_stored()
        return {name: seen[name] for name in ("facts", "tracks", "visits")} | {
            "ended": self.ended.to_stored() if self.ended else None
        }


def view_of(stored: Stored, now: datetime, *, truth: bool) -> View:
    """The view of an enrollment that was folded to now."""
    enrollment = stored.enrollment
    state, told = enrollment.state, enrollment.told
    ended = state.ended if state is not None else None
    release = state.release if state is not None else enrollment.release
    if truth or told is None:
        return View(stored, truth, state, now, release, ended, enrollment.revision, False)
    shown = told.view
    return View(
        stored, truth, shown, shown.at, stored.told.release if stored.told else release, ended, told.revision, True
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The content of a view, chosen for one answer."""

    locale: str
    asked: Asked
    pieces: Sequence[Selected]


def choose_content(view: View, shelf: ServableContent, asked: Asked) -> Chosen:
    """The pieces that a view shows: none after the end."""
    locale = locale_for(shelf, asked.locale or view.stored.locale)
    if view.shown is None or view.ended is not None or not asked.content:
        return Chosen(locale, asked, ())
    return Chosen(locale, asked, choose(shelf, view.shown, view.at, channel=asked.channel, locale=locale))


def content_of(view: View, shelf: ServableContent, chosen: Chosen) -> list[dict[str, Any]]:
    """The chosen pieces for an answer."""
    if view.shown is None:
        return []
    return [
        describe(shelf, one, view.shown, view.at, locale=chosen.locale, asked=chosen.asked) for one in chosen.pieces
    ]


def now_of(view: View, shelf: ServableContent, chosen: Chosen, *, revised: bool | None = None) -> dict[str, Any]:
    """What is so at the moment of asking, for an answer."""
    plan = shelf.catalogue.plan
    answer: dict[str, Any] = {
        "state": states_of(view, plan, chosen.locale),
        "ended": ended_of(view, plan, chosen.locale),
        "content": content_of(view, shelf, chosen),
        "locale": chosen.locale,
    }
    if revised is not None:
        answer["revised"] = revised
    return answer


def truth_of(view: View, tasks: Sequence[Task]) -> dict[str, Any]:
    """What only staff see beside it: what is held and waits, the timers, the open tasks."""
    state = view.shown
    if not isinstance(state, State):
        return {"held": [], "waiting": [], "timers": [], "tasks": []}
    has_ended = state.ended is not None
    return {
        "held": [
            {"kind": held.kind, "name": held.name, "until": held.until, "since": held.since} for held in state.holds
        ],
        "waiting": [
            {
                "event": waiting.event,
                "type": waiting.type,
                "track": waiting.track,
                "for": sorted(waiting.missing),
                "since": time_text(waiting.key[0]),
            }
            for waiting in state.waiting
        ],
        "timers": []
        if has_ended
        else sorted(
            (
                {"track": track, "state": stay.state, "name": name, "due": time_text(armed.due)}
                for track, stays in state.tracks.items()
                for stay in stays
                for name, armed in stay.timers.items()
            ),
            key=lambda timer: (timer["due"], timer["track"], timer["state"], timer["name"]),
        ),
        "tasks": [task_of(task) for task in tasks],
    }


def states_of(view: View, plan: ReleasePlan, locale: str) -> dict[str, Any]:
    """By track, the innermost state, its title, and since when."""
    if view.shown is None:
        return {}
    return {
        track: {
            "state": stays[-1].state,
            "title": title_of(plan, track, stays[-1].state, locale),
            "since": time_text(stays[-1].since, stays[-1].day),
        }
        for track in plan.tracks  # in the order of the definition, whatever was stored
        if (stays := view.shown.tracks.get(track))
    }


def ended_of(view: View, plan: ReleasePlan, locale: str) -> dict[str, Any] | None:
    """How the enrollment ended, or None."""
    if view.ended is None:
        return None
    return {
        "type": view.ended.trigger,
        "title": trigger_title(plan, view.ended.trigger, locale),
        "at": view.ended.at,
    }
