"""Selects the pieces for the current view of a patient, and gives the reason for each other piece."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from journeys.content.catalogue.piece import Piece
from journeys.content.catalogue.text_kinds import NOUNS, PieceKind
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World
from journeys.definition.facts import wire_value
from journeys.definition.message_limits import MessageLimits
from journeys.definition.programmes import Values
from journeys.engine import State, Stay

Place = tuple[str, Stay]
#: A track, and the open stay in it in which a piece is shown.
Cause = Literal["shown", "ended", "elsewhere", "reminder", "thanks", "false", "unknown", "declined", "unasked"]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The pieces in force for a release, by key, and by the state or track in which they are shown.

    `limits` are those of messages in the programme; before `in_programme` there are none. `followed`: the keys of the
    pieces after which another is sent.
    """

    plan: ReleasePlan
    pieces: Mapping[str, Piece]
    limits: MessageLimits = field(default_factory=MessageLimits)
    by_place: Mapping[str, list[str]] = field(init=False, repr=False, compare=False)
    followed: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_place: dict[str, list[str]] = {}
        for key, piece in self.pieces.items():
            for state in piece.states:
                by_place.setdefault(state, []).append(key)
        object.__setattr__(self, "by_place", by_place)
        sent = (piece.send for piece in self.pieces.values() if piece.send is not None)
        object.__setattr__(self, "followed", frozenset(send.after for send in sent if send.after is not None))

    @property
    def pages(self) -> Mapping[str, Piece]:
        """The pieces that patients may be shown or reminded of, by key."""
        return {key: piece for key, piece in self.pieces.items() if piece.kind == "page"}

    def of_kind(self, kind: PieceKind) -> tuple[Piece, ...]:
        """The pieces of a kind, such as all consent texts, by key."""
        return tuple(piece for _, piece in sorted(self.pieces.items()) if piece.kind == kind)

    def in_programme(self, values: Values, limits: MessageLimits) -> Catalogue:
        """The catalogue as it reads in a programme, with the programme's limits of messages."""
        pieces = {key: piece.with_values(values) for key, piece in self.pieces.items()}
        return replace(self, pieces=pieces, limits=limits)


@dataclass(frozen=True, slots=True)
class Selected:
    """A piece that is shown now, and the innermost open stay in which it is shown."""

    piece: Piece
    track: str
    stay: Stay


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason why a piece is shown or hidden.

    `state` is the full path of the open state that it matches; `missing` are the unreported facts that its condition
    needs; `saw` the values (JSON, None for unknown) of all facts that the condition reads.
    """

    piece: Piece
    cause: Cause
    state: str | None
    missing: tuple[str, ...]
    saw: Mapping[str, Any]

    @property
    def is_shown(self) -> bool:
        """Whether the piece is shown."""
        return self.cause == "shown"

    @property
    def is_of_topic(self) -> bool:
        """Whether it would be shown if the patient asked for its topic."""
        return self.cause in ("declined", "unasked")

    @property
    def text(self) -> str:
        """The reason as a sentence."""
        when = self.piece.when.text if self.piece.when is not None else ""
        match self.cause:
            case "shown":
                return f"In {self.state}, and {when}." if when else f"In {self.state}."
            case "ended":
                return "The journey has ended."
            case "elsewhere" if self.piece.kind != "page":
                return f"{NOUNS[self.piece.kind].capitalize()}: never listed."
            case "elsewhere":
                return f"Shown in {', '.join(self.piece.states)} only."
            case "reminder":
                return "A reminder: sent by a timer, never listed."
            case "thanks":
                return "Shown to those who have finished a survey."
            case "false":
                return f"Its condition is not true: {when}."
            case "unknown":
                return f"Its condition waits for {', '.join(self.missing)}: {when}."
            case "declined":
                return f"The patient declined its topic '{self.piece.topic}'."
            case "unasked":
                return f"Its topic '{self.piece.topic}' is on request, and the patient did not ask for it."


def select(catalogue: Catalogue, view: State, now: datetime) -> list[Selected]:
    """The pieces to show, by their order, then key.

    Args:
        catalogue: the pieces in force.
        view: the truth, or the told view.
        now: the instant at which conditions are evaluated.
    """
    asking = _Asking(catalogue.plan, view, now)
    if asking.has_ended:
        return []
    selected = [
        Selected(piece, track, stay)
        for piece, (track, stay) in asking.with_place(catalogue)
        if not piece.is_reminder and asking.meets(piece, stay) and asking.hidden_as(piece) is None
    ]
    selected.sort(key=lambda selection: selection.piece.rank)
    return selected


def find(catalogue: Catalogue, view: State, now: datetime, key: str) -> Selected | None:
    """One piece if it is shown, or was sent as a reminder in a stay that is still open; else None."""
    piece = catalogue.pieces.get(key)
    if piece is None:
        return None
    was_sent = piece.is_reminder and key in _sent(catalogue.plan, view)
    reason, location = _Asking(catalogue.plan, view, now).consider(piece, as_reminder=was_sent)
    return Selected(piece, location[0], location[1]) if reason.is_shown and location is not None else None


def _sent(plan: ReleasePlan, view: State) -> set[str]:
    """The reminders that timers of the open stays have sent."""
    return {
        timer.remind
        for track in plan.tracks.values()
        for stay in view.tracks.get(track.name, ())
        for timer in track.states[stay.state].timers
        for fired in stay.fired
        if timer.remind is not None and fired.name == timer.name and fired.took
    }


def explain(catalogue: Catalogue, view: State, now: datetime) -> list[Reason]:
    """For every page, by its order, then key, the reason why it is shown or hidden."""
    asking = _Asking(catalogue.plan, view, now)
    pieces = sorted(catalogue.pages.values(), key=lambda piece: piece.rank)
    return [asking.consider(piece)[0] for piece in pieces]


def consider(plan: ReleasePlan, piece: Piece, view: State, now: datetime, *, as_reminder: bool = False) -> Reason:
    """Whether one piece may be shown now; `as_reminder`: the piece is to be sent by a timer."""
    return _Asking(plan, view, now).consider(piece, as_reminder=as_reminder)[0]


def open_topics(catalogue: Catalogue, view: State, now: datetime) -> list[str]:
    """The topics that a patient may ask for or decline now, in the order in which the journey declares them.

    They are those that the patient asked for or declined before, and those of which a piece is shown or sent in the
    open states, or would be if the patient asked.
    """
    declared, asking = catalogue.plan.journey.topics, _Asking(catalogue.plan, view, now)
    if asking.has_ended or not declared:
        return []
    topics: set[str | None] = set(view.topics)
    for piece, (_, stay) in asking.with_place(catalogue):
        if piece.may_be_declined and piece.topic not in topics and asking.meets(piece, stay):
            topics.add(piece.topic)
    return [name for name in declared if name in topics]


def world_of(view: State, now: datetime, stay: Stay | None = None) -> World:
    """The world that conditions read in a view; `days_in_state` counts from the beginning of the stay."""
    places = {f"{track}.{stay.state}" for track, stays in view.tracks.items() for stay in stays}
    values = {name: fact.value for name, fact in view.facts.items()}
    return World(values, places, view.visits, now, stay.since if stay is not None else None)


class _Asking:
    """Evaluates the conditions of pieces in one view at one instant."""

    def __init__(self, plan: ReleasePlan, view: State, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a time needs a time zone")
        self.plan = plan
        self.tracks = {name: view.tracks[name] for name in plan.tracks if name in view.tracks}
        self.has_ended = view.ended is not None
        self.view, self.on_request = view, plan.journey.on_request
        self.world = world_of(view, now)
        finished = {key for key, status in view.surveyed.items() if not status.is_declined}
        self.not_earned = {piece for piece, surveys in plan.thanked.items() if finished.isdisjoint(surveys)}

    def consider(self, piece: Piece, *, as_reminder: bool = False) -> tuple[Reason, Place | None]:
        """The reason why a piece is shown or hidden, and the place that shows it where one is open."""
        location = self.innermost_stay(piece)
        state = f"{location[0]}.{location[1].state}" if location else None
        if self.has_ended or location is None:
            return Reason(piece, "ended" if self.has_ended else "elsewhere", state, (), {}), None
        if piece.is_reminder and not as_reminder:
            return Reason(piece, "reminder", state, (), {}), location
        if piece.key in self.not_earned:
            return Reason(piece, "thanks", state, (), {}), location
        truth = self.meets(piece, location[1])
        causes: dict[bool | None, Cause] = {True: "shown", False: "false", None: "unknown"}
        missing: tuple[str, ...] = ()
        saw: dict[str, Any] = {}
        if piece.when is not None:
            missing = tuple(sorted(piece.when.missing(self.world))) if truth is None else ()
            saw = {name: self.saw(name) for name in sorted(piece.when.facts)}
        cause = causes[truth]
        if truth and (hidden := self.hidden_as(piece)) is not None:
            cause = hidden
        return Reason(piece, cause, state, missing, saw), location

    def meets(self, piece: Piece, stay: Stay) -> bool | None:
        """Whether the condition of a piece is true in a stay; None: a fact that it needs is unknown.

        That of thanks is false before a survey was finished.
        """
        self.world.since = stay.since
        return piece.key not in self.not_earned and (piece.when is None or piece.when.ask(self.world))

    def hidden_as(self, piece: Piece) -> Cause | None:
        """Why the topic of a piece hides it; None where it does not. What keeps a patient safe is never hidden."""
        if not piece.may_be_declined or not self.view.hides(piece.topic, self.on_request):
            return None
        return "declined" if piece.topic in self.view.topics else "unasked"

    def with_place(self, catalogue: Catalogue) -> Iterable[tuple[Piece, Place]]:
        """The pieces that an open state or track shows, each once with its place; the others are hidden."""
        locations: dict[str, tuple[int, Place]] = {}
        for track, stays in self.tracks.items():
            for depth, stay in enumerate(stays, start=1):
                names = (track, f"{track}.{stay.state}") if depth == 1 else (f"{track}.{stay.state}",)
                for name in names:
                    for key in catalogue.by_place.get(name, ()):
                        if key not in locations or depth > locations[key][0]:
                            locations[key] = depth, (track, stay)
        return [(catalogue.pieces[key], location) for key, (_, location) in locations.items()]

    def saw(self, name: str) -> Any:
        return wire_value(self.world.values[name]) if name in self.world.values else None

    def innermost_stay(self, piece: Piece) -> Place | None:
        """The innermost open stay in which the piece is shown; for a piece of a whole track, the outermost stay."""
        best: tuple[int, str, Stay] | None = None
        for track, stays in self.tracks.items():
            for depth, stay in enumerate(stays, start=1):
                matches = f"{track}.{stay.state}" in piece.states or (depth == 1 and track in piece.states)
                if matches and (best is None or depth > best[0]):
                    best = depth, track, stay
        return (best[1], best[2]) if best else None
