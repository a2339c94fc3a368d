"""Plays the gate over a told view that changes, with a clock that jumps: which messages leave, when, and why not. Pure.

It sends nothing. Permissions, contacts and preferences of the recipient stay as they are for the whole simulation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal

from journeys.content.catalogue import Catalogue, Piece, find, frame_of, framed
from journeys.content.rendering import own_text
from journeys.engine import State
from journeys.engine.effects import dates_of_reminders, reminders_of
from journeys.outreach.cadence import Attempt
from journeys.outreach.gate import Final, FinalReason, FinalState, GateDecision, Wait, WaitReason, decide
from journeys.outreach.message import Lapse, Message, Recipient, Situation
from journeys.outreach.preferences import Preferences
from journeys.outreach.reminder import QUICKEST_FIRST, channels_of, useful_until
from journeys.permission import PermissionEntry
from journeys.primitives.locales import served_locale

SIMULATED_CHANNELS = ("push", "sms", "email")
UNREAD_PURPOSE = "treatment"
NO_PREFERENCES = Preferences()


@dataclass(frozen=True, slots=True)
class ToldView:
    """The told view of an enrollment from an instant (UTC) on, and the pieces in force."""

    at: datetime
    state: State
    catalogue: Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMessage:
    """A message of a simulation, and what became of it.

    Attributes:
        id: the id of the reminder that it follows from.
        piece: the key of what it says.
        due: when it fell due, UTC.
        status: `sent` or the state in which it ended; `waiting` as long as the gate lets it wait.
        at: when it was sent or ended, UTC; while it waits, when the gate is asked next.
        local: the same instant by the clock of the recipient, in UTC where the zone is unknown.
        reason: why it waits or did not leave; None: it left.
        channel: the channel by which it left, or None.
        frame: the key of the message frame around it, if the channel has any.
        line: what the recipient reads of it on a locked screen: its text, or the subject of an e-mail.
    """

    id: str
    piece: str
    due: datetime
    status: Literal["waiting", "sent", FinalState]
    at: datetime
    local: datetime
    reason: WaitReason | FinalReason | None = None
    channel: str | None = None
    frame: str | None = None
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The messages to one recipient up to an instant.

    Attributes:
        recipient: the recipient, with the attempts so far.
        locale: the language of the recipient.
        told: the told view now; None before the first.
        waiting: the messages that the gate lets wait, in the order in which they fell due.
        decided: the messages that left or ended, in that order.
    """

    recipient: Recipient
    locale: str
    told: ToldView | None = None
    waiting: tuple[SimulatedMessage, ...] = ()
    decided: tuple[SimulatedMessage, ...] = ()

    def before(self, end: datetime) -> Simulation:
        """The simulation after every decision of the gate at an instant before `end`."""
        simulation = self
        while (at := min((message.at for message in simulation.waiting), default=end)) < end:
            simulation = simulation._ask({message.id for message in simulation.waiting if message.at <= at}, at)
        return simulation

    def showing(self, told: ToldView) -> Simulation:
        """The simulation at the instant of a told view: new reminders are messages, and the gate is asked about all."""
        before = self.before(told.at)
        ids = {message.id for message in (*before.waiting, *before.decided)}
        calendar = self.recipient.calendar
        fallen_due = tuple(
            SimulatedMessage(
                id=reminder.id,
                piece=reminder.piece,
                due=reminder.due or told.at,
                status="waiting",
                at=told.at,
                local=told.at.astimezone(calendar),
            )
            for reminder in reminders_of(told.state, told.catalogue.plan)
            if reminder.id not in ids
        )
        simulation = replace(before, told=told, waiting=(*before.waiting, *fallen_due))
        return simulation._ask({message.id for message in simulation.waiting}, told.at)

    def _ask(self, ids: set[str], now: datetime) -> Simulation:
        """The simulation after the gate was asked about some messages, the best-ranked first."""
        assert self.told is not None
        asked = [message for message in self.waiting if message.id in ids]
        situations = {message.id: _situation(self.told, self.locale, message, now) for message in asked}
        simulation = self
        for message in sorted(asked, key=lambda message: _rank(message, situations[message.id])):
            situation = situations.pop(message.id)
            rivals = [rival for rival in situations.values() if rival is not None]
            decision: GateDecision = Final("suppressed", "no_contact")  # it has no text to send
            if situation is not None:
                decision = decide(situation, simulation.recipient, rivals, now)
            simulation = simulation._with(message, decision, now)
        return simulation

    def _with(self, message: SimulatedMessage, decision: GateDecision, now: datetime) -> Simulation:
        """The simulation after a decision about a message that waits."""
        if isinstance(decision, Wait):
            again = replace(message, at=decision.until, local=self._local(decision.until), reason=decision.reason)
            return replace(self, waiting=tuple(again if other is message else other for other in self.waiting))
        recipient = self.recipient
        done = replace(message, at=now, local=self._local(now), reason=None)
        if isinstance(decision, Final):
            done = replace(done, status=decision.state, reason=decision.reason)
        else:
            assert self.told is not None
            done = replace(_written(done, self.told.catalogue, decision.channel, self.locale), status="sent")
            purpose = self.told.catalogue.pieces[message.piece].purpose
            attempt = Attempt(message.id, message.piece, purpose, now)
            recipient = replace(recipient, attempts=(*recipient.attempts, attempt))
        waiting = tuple(other for other in self.waiting if other is not message)
        return replace(self, recipient=recipient, waiting=waiting, decided=(*self.decided, done))

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.recipient.calendar)


def simulated_recipient(
    zone: tzinfo | None = UTC,
    allows: Iterable[str] = SIMULATED_CHANNELS,
    preferences: Preferences = NO_PREFERENCES,
) -> Recipient:
    """A recipient with an address for each channel, who has always allowed some of them for all but marketing."""
    since = datetime.min.replace(tzinfo=UTC)
    grants = (
        PermissionEntry(id=channel, kind="grant", by="patient", method="simulated", occurred_at=since, channel=channel)
        for channel in allows
    )
    return Recipient(
        zone=zone, reachable=frozenset(SIMULATED_CHANNELS), permissions=tuple(grants), preferences=preferences
    )


def simulate(
    views: Iterable[ToldView], recipient: Recipient, locale: str, until: datetime
) -> tuple[SimulatedMessage, ...]:
    """Every message that follows from told views in order of time: those that left or ended, then those that wait.

    Args:
        views: the told views, each from an instant on; several of one instant follow one another.
        recipient: to whom the messages go.
        locale: the language of the recipient; the nearest language of the journey is used.
        until: the last instant (UTC) at which the gate is asked.
    """
    simulation = Simulation(recipient=recipient, locale=locale)
    for told in views:
        simulation = simulation.showing(told)
    simulation = simulation.before(until)
    if simulation.told is not None:
        simulation = simulation.showing(replace(simulation.told, at=until))
    return (*simulation.decided, *simulation.waiting)


def _rank(message: SimulatedMessage, situation: Situation | None) -> tuple[object, ...]:
    return situation.message.rank if situation is not None else ()


def _situation(told: ToldView, locale: str, message: SimulatedMessage, now: datetime) -> Situation | None:
    """What the gate is asked about a message; None where its piece has no text for any channel."""
    catalogue, view = told.catalogue, told.state
    piece = catalogue.pieces.get(message.piece)
    dates = dates_of_reminders(view, catalogue.plan)
    date = dates.get(message.id)
    if piece is None:
        return Situation(message=_unread(message, date), is_approved=False)
    channels = channels_of(piece, served_locale(locale, catalogue.plan.journey.locales))
    if not channels:
        return None
    lapse: Lapse | None = None
    if message.id not in dates:
        lapse = "left"
    elif find(catalogue, view, now, piece.key) is None:
        lapse = "condition"
    return Situation(
        message=Message(
            id=message.id,
            piece=piece.key,
            purpose=piece.purpose,
            channels=channels,
            due=message.due,
            useful_until=useful_until(piece, message.due, date),
            not_again=piece.not_again.after(now) - now,
            order=piece.order,
            is_critical=piece.is_critical,
        ),
        has_ended=view.ended is not None,
        lapse=lapse,
    )


def _unread(message: SimulatedMessage, date: datetime | None) -> Message:
    """The message of a piece that is not in force: it waits for an approval."""
    until = useful_until(None, message.due, date)
    return Message(
        id=message.id,
        piece=message.piece,
        purpose=UNREAD_PURPOSE,
        channels=QUICKEST_FIRST,
        due=message.due,
        useful_until=until,
    )


def _written(message: SimulatedMessage, catalogue: Catalogue, channel: str, locale: str) -> SimulatedMessage:
    """The message as it leaves by a channel, in the frame of that channel."""
    piece, frame = catalogue.pieces[message.piece], frame_of(catalogue, channel)
    framed_piece = piece if frame is None else framed(piece, frame)
    line = visible_line(framed_piece, channel, served_locale(locale, catalogue.plan.journey.locales))
    return replace(message, channel=channel, frame=frame.key if frame is not None else None, line=line)


def visible_line(piece: Piece, channel: str, locale: str) -> str:
    """What a locked screen shows of a message: its text, or the subject of an e-mail, and never the title."""
    text = piece.texts[locale]
    short = {"sms": text.text, "push": text.push}.get(channel, text.subject)
    return short or own_text(locale, "subject")
