"""The decision on what arrived, as it is stored and answered for ever. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from journeys.engine import Enrollment, Event, Move, Releases, Retraction, State, Step, effects_of
from service.effects.store.disclosures import PieceDisclosure


@dataclass(frozen=True, slots=True)
class ReportDecision:
    """What was decided on an event or a retraction.

    `cleared` names the effects that are no longer needed; `shown` are the pieces that the patient was given because of
    an event that was retracted or replaced (None: nothing was).
    """

    event: str
    outcome: str
    by_track: Mapping[str, str]
    transitions: Sequence[Move] = ()
    waiting_for: Sequence[str] = ()
    cleared: Sequence[str] = ()
    shown: Sequence[PieceDisclosure] | None = None

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
                {"piece": piece.piece, "version": piece.version, "locale": piece.locale, "channel": piece.channel}
                for piece in self.shown
            ]
        return stored


def decide_event(
    before: Enrollment, step: Step, event: Event, releases: Releases, *, is_masked: bool
) -> ReportDecision:
    """The decision on an event.

    `is_masked`: for a reader of the told view while something is held. Then the decision only says whether the patient
    left the journey.
    """
    result = step.results[event.uid]
    if not is_masked:
        return ReportDecision(
            result.key, result.outcome, dict(result.by_track), result.transitions, result.waiting_for, step.cleared
        )
    is_leaving = event.type in releases[before.release].plan.ends and result.outcome == "advanced"
    outcome = "advanced" if is_leaving else "stayed"
    return ReportDecision(event.uid, outcome, dict.fromkeys(dict(result.by_track), outcome))


def decide_retraction(before: Enrollment, step: Step, retraction: Retraction, *, is_masked: bool) -> ReportDecision:
    """The decision on a retraction: which tracks are in another state without the event."""
    old, new = before.state, step.enrollment.state
    tracks = sorted({*(old.tracks if old else ()), *(new.tracks if new else ())})
    leaves = [] if is_masked else [(track, _leaf(old, track), _leaf(new, track)) for track in tracks]
    moves = [Move(track, start, end, "retracted") for track, start, end in leaves if start != end]
    moved_tracks = {move.track for move in moves}
    return ReportDecision(
        retraction.uid,
        "advanced" if moves else "stayed",
        {track: "advanced" if track in moved_tracks else "stayed" for track in tracks},
        moves,
        cleared=() if is_masked else step.cleared,
    )


def cleared_reminders(before: Enrollment, step: Step, releases: Releases) -> list[str]:
    """The names of the reminders among the effects that a step cleared: all that a patient may know of."""
    if before.state is None or not step.cleared:
        return []
    effects = effects_of(before.state, releases[before.state.release].plan)
    reminder_ids = {effect.id for effect in effects if effect.kind == "reminder"}
    return [effect.name for effect in step.effects if effect.action == "clear" and effect.id in reminder_ids]


def _leaf(state: State | None, track: str) -> str | None:
    stays = state.tracks.get(track, ()) if state is not None and state.ended is None else ()
    return stays[-1].state if stays else None
