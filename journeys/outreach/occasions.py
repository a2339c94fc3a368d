"""The occasions on which pieces are sent by themselves (`send`), by the told view. It sends nothing and reads no clock.

An occasion counts from the entry into a state that shows the piece, or from the sending of another piece. A late event
may rename a stay, move its entry or repeat it: what a message was settled for during a stay as it is told now is the
same occasion, and nothing is sent twice. An entry after that is another occasion, to which `not_again` applies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from journeys.content.catalogue import DEFAULT_USEFUL_FOR, Catalogue, Piece, Send, find
from journeys.engine import State, Stay
from journeys.outreach.local_time import first_at
from journeys.outreach.message import Lapse
from journeys.primitives.canonical import derived_id, time_text

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMessage:
    """A message of an enrollment, of a piece that sends itself or of a reminder.

    Attributes:
        occasion: the id of its occasion, or of its reminder.
        piece: the key of its piece.
        due: when it fell due, UTC.
        sent_at: when it first was handed over and may have arrived, UTC; None: it was not.
        is_settled: whether it was handed over, or is final though its occasion had not gone (`expired`, `suppressed`,
            or `cleared` for another reason than `left`).
    """

    occasion: str
    piece: str
    due: datetime
    sent_at: datetime | None = None
    is_settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldJourney:
    """What decides about the messages that pieces send to the patient of an enrollment.

    Attributes:
        enrollment: the id of the enrollment.
        joined_at: the instant of its `enrolled` event, UTC: what the patient entered before sends nothing.
        view: the told view, folded to now.
        catalogue: the pieces in force, as they read in the patient's programme, with its limits of messages.
        zone: the time zone of the person; None: unknown. Then a message falls due without regard to `at`, as channels
            that need no zone may go at any hour.
        messages: the messages of the enrollment so far, in any order.
    """

    enrollment: str
    joined_at: datetime
    view: State
    catalogue: Catalogue
    zone: tzinfo | None = None
    messages: tuple[EarlierMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """An occasion on which a piece is sent by itself; `due` and `useful_until` are UTC.

    `state` is the full path of the open state that shows the piece.
    """

    id: str
    piece: str
    state: str
    due: datetime
    useful_until: datetime


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry into a state that shows a piece; `is_day`: its day alone is known."""

    state: str
    at: datetime
    is_day: bool = False

    def begin(self, zone: tzinfo | None) -> datetime:
        """Its instant; of a day the first where the person lives."""
        return first_at(self.at.date(), time(), zone) if self.is_day and zone is not None else self.at

    def is_before(self, joined_at: datetime) -> bool:
        """Whether it was before the patient joined; by the days where its day alone is known."""
        return self.at.date() < joined_at.astimezone(UTC).date() if self.is_day else self.at < joined_at


def occasions_of(told: ToldJourney) -> list[Occasion]:
    """All occasions that the told view justifies: past and coming, with and without a message; the soonest due first.

    - `on: entry` counts from the first entry among the open states that show the piece: from then on the patient sees
      it. A piece of a whole track counts from joining. Conditions do not move it: they are asked when it is due.
    - `after` counts from each sending of the other piece, as long as an open state shows this one.
    - The delay is added to that instant, and then comes the first instant not before it at which the person's clock
      reaches `at`.
    """
    if told.view.ended is not None:
        return []
    sending = (piece for piece in told.catalogue.pieces.values() if piece.send is not None)
    occasions = [occasion for piece in sending for occasion in _occasions_of_piece(told, piece)]
    return sorted(occasions, key=lambda occasion: (occasion.due, occasion.piece, occasion.id))


def new_occasions(told: ToldJourney, now: datetime) -> list[Occasion]:
    """The occasions of which no message was made yet, and of which one is still of use or will be."""
    made = {message.occasion for message in told.messages}
    return [occasion for occasion in occasions_of(told) if occasion.id not in made and now < occasion.useful_until]


def advanced_occasions(told: ToldJourney, now: datetime) -> list[Occasion]:
    """The occasions with a message that was to fall due after now (UTC), and falls due earlier than that by now.

    The message of a patient who moved east is an example.
    """
    due = {message.occasion: message.due for message in told.messages if message.due > now}
    return [occasion for occasion in occasions_of(told) if occasion.due < due.get(occasion.id, occasion.due)]


def lapse_of(told: ToldJourney, message: EarlierMessage, now: datetime) -> Lapse | None:
    """Why a message of a piece that sends itself is no longer justified at an instant (UTC); None: it is.

    `recalled`: the piece is not sent by itself any more; `left`: its occasion has gone; `declined`: the patient
    declined its topic; `condition`: its condition is not true, or a fact that it needs is unknown. A piece that is not
    in force says nothing: the gate asks whether it is approved.
    """
    piece = told.catalogue.pieces.get(message.piece)
    if piece is None:
        return None
    if piece.send is None:
        return "recalled"
    if all(occasion.id != message.occasion for occasion in occasions_of(told)):
        return "left"
    is_shown = find(told.catalogue, told.view, now, piece.key) is not None
    return None if is_shown else unmet(told.catalogue, told.view, piece)


def unmet(catalogue: Catalogue, view: State, piece: Piece) -> Lapse:
    """Why a told view does not show a piece of its states: the patient declined its topic, or its condition."""
    is_hidden = piece.may_be_declined and view.hides(piece.topic, catalogue.plan.journey.on_request)
    return "declined" if is_hidden else "condition"


def _occasions_of_piece(told: ToldJourney, piece: Piece) -> Iterator[Occasion]:
    entry, send = min(_entries(told, piece), key=lambda entry: entry.at, default=None), piece.send
    if entry is None or send is None:
        return
    for cause, begin in _beginnings(told, piece, send, entry):
        due = _due(send, begin, told.zone)
        id = _settled_during(told.messages, piece, entry) if send.after is None else None
        id = id or derived_id("occasion", told.enrollment, piece.key, cause)
        yield Occasion(id, piece.key, entry.state, due, (piece.useful_for or DEFAULT_USEFUL_FOR).after(due))


def _beginnings(told: ToldJourney, piece: Piece, send: Send, entry: _Entry) -> Iterator[tuple[str, datetime]]:
    """What the occasions of a piece count from: the cause, which names it for ever, and the instant."""
    if send.after is None:
        if not entry.is_before(told.joined_at):
            yield time_text(entry.at), entry.begin(told.zone)
        return
    for message in told.messages:
        if message.piece == send.after and message.sent_at is not None:
            yield message.occasion, message.sent_at


def _entries(told: ToldJourney, piece: Piece) -> Iterator[_Entry]:
    """The entries into the open states that show a piece, and joining where a whole track shows it."""
    for track, stays in told.view.tracks.items():
        if track in piece.states and stays:
            yield _Entry(_path(track, stays[0]), told.joined_at)
        for stay in stays:
            if _path(track, stay) in piece.states:
                yield _Entry(_path(track, stay), stay.since, stay.day)


def _path(track: str, stay: Stay) -> str:
    return f"{track}.{stay.state}"


def _settled_during(messages: Iterable[EarlierMessage], piece: Piece, entry: _Entry) -> str | None:
    """The occasion of the first message of a piece that was settled since an entry."""
    settled = (
        (message.sent_at or message.due, message.occasion)
        for message in messages
        if message.piece == piece.key and message.is_settled
    )
    return min((pair for pair in settled if entry.at <= pair[0]), default=(None, None))[1]


def _due(send: Send, begin: datetime, zone: tzinfo | None) -> datetime:
    earliest = send.delay.after(begin)
    if send.at is None or zone is None:
        return earliest
    day = earliest.astimezone(zone).date()
    while (due := first_at(day, send.at, zone)) < earliest:
        day += _DAY
    return due
