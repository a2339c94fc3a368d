"""The decision on what arrived, as it is stored and answered for ever. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeys.engine import Enrollment, Event, Move, Releases, Result, Retraction, State, Step, reminders_of
from service.effects.store.disclosures import PieceDisclosure
from service.platform.database.payload import unseal


@dataclass(frozen=True, slots=True)
class ReportDecision:
    """What was decided on an event or a retraction.

    `cleared` names the effects that are no longer needed; `shown` are the pieces that the patient was given because of
    an event that was retracted or replaced (None: nothing was). `changed` says what an answer to a question changed on
    the patient's screen, as JSON (None: it was reported as an event).
    """

    event: str
    outcome: str
    by_track: Mapping[str, str]
    transitions: Sequence[Move] = ()
    waiting_for: Sequence[str] = ()
    cleared: Sequence[str] = ()
    shown: Sequence[PieceDisclosure] | None = None
    changed: Mapping[str, Any] | None = None

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        stored: dict[str, Any] = {
            "event": self.event,
            "outcome": self.outcome,
            "by_track": dict(self.by_track),
            "transitions": [move.to_stored() for move in self.transitions],
            "waiting_for": list(self.waiting_for),
            "cleared": list(self.cleared),
        }
        if self.shown is not None:
            stored["shown"] = [
                {
                    "piece": piece.piece,
                    "version_digest": piece.version,
                    "locale": piece.locale,
                    "channel": piece.channel,
                }
                for piece in self.shown
            ]
        if self.changed is not None:
            stored["changed"] = self.changed
        return stored


def decide_event(before: Enrollment, step: Step, event: Event, releases: Releases, *, truth: bool) -> ReportDecision:
    """The decision on an event: by the truth, or by the told view for those who may not know the truth.

    A withheld event of somebody else than the patient or the family has no result in the told view; its decision says
    nothing.
    """
    if truth:
        result, cleared = step.results[event.uid], list(step.cleared)
    elif event.uid in step.view_results:
        result, cleared = step.view_results[event.uid], cleared_reminders(before, step, releases)
    else:
        view = step.enrollment.view
        return ReportDecision(event.uid, "stayed", dict.fromkeys(view.tracks if view is not None else (), "stayed"))
    by_track = dict(result.by_track)
    return ReportDecision(result.key, result.outcome, by_track, result.transitions, result.waiting_for, cleared)


def decide_retraction(
    before: Enrollment, step: Step, retraction: Retraction, releases: Releases, *, truth: bool
) -> ReportDecision:
    """The decision on a retraction: which tracks are in another state without the event, in the truth or told view."""
    old, new = (enrollment.state if truth else enrollment.view for enrollment in (before, step.enrollment))
    tracks = sorted({*(old.tracks if old else ()), *(new.tracks if new else ())})
    leaves = [(track, _leaf(old, track), _leaf(new, track)) for track in tracks]
    moves = [Move(track, start, end, "retracted") for track, start, end in leaves if start != end]
    moved_tracks = {move.track for move in moves}
    return ReportDecision(
        retraction.uid,
        "advanced" if moves else "stayed",
        {track: "advanced" if track in moved_tracks else "stayed" for track in tracks},
        moves,
        cleared=step.cleared if truth else cleared_reminders(before, step, releases),
    )


def is_revised(decision: bytes, result: Result | None, *, names_states: bool = True) -> bool:
    """Whether the result of an event is no longer what was decided (None: the event is no longer part of the fold).

    `names_states`: whether the decision names states; that of a caregiver who does not see them does not.
    """
    if result is None:
        return True
    decided, current = unseal(decision), result.to_stored()
    names = ("outcome", "waiting_for", *(("by_track", "transitions") if names_states else ()))
    return any(decided[name] != current[name] for name in names)


def cleared_reminders(before: Enrollment, step: Step, releases: Releases) -> list[str]:
    """The names of the reminders among the effects that a step cleared: all that a patient may know of."""
    if before.view is None or not step.cleared:
        return []
    reminder_ids = {effect.id for effect in reminders_of(before.view, releases[before.view.release].plan)}
    return [effect.name for effect in step.effects if effect.action == "clear" and effect.id in reminder_ids]


def _leaf(state: State | None, track: str) -> str | None:
    stays = state.tracks.get(track, ()) if state is not None and state.ended is None else ()
    return stays[-1].state if stays else None
