"""Plays the gate over a told view that changes, with a clock that jumps: which messages leave, when, and why not. Pure.

It sends nothing. Permissions, contacts and preferences of the recipient stay as they are for the whole simulation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal

from journeys.content.catalogue import Catalogue, Piece, frame_of, in_frame_of
from journeys.content.rendering import own_text
from journeys.engine.effects import reminders_of
from journeys.outreach.cadence import Attempt
from journeys.outreach.gate import Final, FinalReason, FinalState, GateDecision, Wait, WaitReason, decide
from journeys.outreach.justification import justify_occasion, justify_reminder, situation_of
from journeys.outreach.message import Message, Recipient, Situation
from journeys.outreach.occasions import EarlierMessage, ToldJourney, new_occasions
from journeys.outreach.preferences import Preferences
from journeys.outreach.reminder import QUICKEST_FIRST, channels_of, useful_until
from journeys.permission import PermissionEntry
from journeys.primitives.locales import served_locale

SIMULATED_CHANNELS = ("push", "sms", "email")
UNREAD_PURPOSE = "treatment"
NO_PREFERENCES = Preferences()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMessage:
    """A message of a simulation, and what became of it.

    Attributes:
        id: the id of the reminder or of the occasion that it follows from.
        is_reminder: whether it follows from a reminder; else from the occasion of a piece that is sent by itself.
        piece: the key of what it says.
        due: when it fell due, UTC.
        status: `sent` or the state in which it ended; `waiting` as long as the gate lets it wait.
        at: when it was sent or ended, UTC; while it waits, when the gate is asked next.
        local: the same instant by the clock of the recipient, in UTC where the zone is unknown.
        reason: why it waits or did not leave; None: it left, or is not due yet.
        channel: the channel by which it left, or None.
        frame: the key of the message frame around it, if the channel has any.
        line: what the recipient reads of it on a locked screen: its text, or the subject of an e-mail.
    """

    id: str
    is_reminder: bool
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
        told: the told view now, without messages and zone; None before the first.
        waiting: the messages that the gate lets wait, and those that are not due yet.
        decided: the messages that left or ended, in that order.
    """

    recipient: Recipient
    locale: str
    told: ToldJourney | None = None
    waiting: tuple[SimulatedMessage, ...] = ()
    decided: tuple[SimulatedMessage, ...] = ()

    @property
    def messages(self) -> tuple[SimulatedMessage, ...]:
        """The messages that have fallen due: those that left or ended, in that order, then those that wait."""
        return (*self.decided, *(message for message in self.waiting if message.reason is not None))

    def before(self, end: datetime) -> Simulation:
        """The simulation after every decision of the gate at an instant before `end`."""
        simulation = self
        while (at := min((message.at for message in simulation.waiting), default=end)) < end:
            simulation = simulation._ask({message.id for message in simulation.waiting if message.at <= at}, at)
        return simulation

    def showing(self, told: ToldJourney, now: datetime) -> Simulation:
        """The simulation at the instant of a told view (UTC): the gate is asked about each message that is due."""
        simulation = replace(self.before(now), told=told)._with_new(now)
        return simulation._ask({message.id for message in simulation.waiting if message.due <= now}, now)

    @property
    def _journey(self) -> ToldJourney:
        """The told view with the zone of the recipient and the messages so far."""
        assert self.told is not None
        messages = tuple(_earlier(message) for message in (*self.decided, *self.waiting))
        return replace(self.told, zone=self.recipient.zone, messages=messages)

    def _with_new(self, now: datetime) -> Simulation:
        """The simulation with a message for each new reminder, and for each new occasion, due now or later."""
        journey = self._journey
        ids = {message.id for message in (*self.decided, *self.waiting)}
        reminders = reminders_of(journey.view, journey.catalogue.plan)
        new = [
            *((each.id, True, each.piece, each.due or now) for each in reminders if each.id not in ids),
            *((each.id, False, each.piece, each.due) for each in new_occasions(journey, now)),
        ]
        messages = tuple(
            SimulatedMessage(
                id=id,
                is_reminder=is_reminder,
                piece=piece,
                due=due,
                status="waiting",
                at=max(due, now),
                local=self._local(max(due, now)),
            )
            for id, is_reminder, piece, due in new
        )
        return replace(self, waiting=(*self.waiting, *messages))

    def _ask(self, ids: set[str], now: datetime) -> Simulation:
        """The simulation after the gate was asked about some messages, the best-ranked first."""
        journey = self._journey
        asked = [message for message in self.waiting if message.id in ids]
        situations = {message.id: _situation(journey, self.locale, message, now) for message in asked}
        simulation = self
        for message in sorted(asked, key=lambda message: _rank(message, situations[message.id])):
            situation = situations.pop(message.id)
            rivals = [rival for rival in situations.values() if rival is not None]
            decision: GateDecision = Final("suppressed", "no_contact")  # it has no text to send
            if situation is not None:
                decision = decide(situation, simulation.recipient, rivals, now)
            simulation = simulation._with(message, decision, now)
        return simulation._with_new(now) if simulation.decided != self.decided else simulation

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
            catalogue = self.told.catalogue
            done = replace(_written(done, catalogue, decision.channel, self.locale), status="sent")
            purpose = catalogue.pieces[message.piece].purpose
            attempt = Attempt(message.id, catalogue.plan.journey.key, message.piece, purpose, now)
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
    views: Iterable[tuple[datetime, ToldJourney]], recipient: Recipient, locale: str, until: datetime
) -> tuple[SimulatedMessage, ...]:
    """Every message that follows from told views in order of time: those that left or ended, then those that wait.

    Args:
        views: the told views, each with the instant (UTC) from which it holds; several of one instant follow one
            another.
        recipient: to whom the messages go.
        locale: the language of the recipient; the nearest language of the journey is used.
        until: the last instant (UTC) at which the gate is asked.
    """
    simulation = Simulation(recipient=recipient, locale=locale)
    for at, told in views:
        simulation = simulation.showing(told, at)
    simulation = simulation.before(until)
    if simulation.told is not None:
        simulation = simulation.showing(simulation.told, until)
    return simulation.messages


def _earlier(message: SimulatedMessage) -> EarlierMessage:
    is_sent, has_gone = message.status == "sent", (message.status, message.reason) == ("cleared", "left")
    return EarlierMessage(
        occasion=message.id,
        piece=message.piece,
        due=message.due,
        sent_at=message.at if is_sent else None,
        is_settled=message.status != "waiting" and not has_gone,
    )


def _rank(message: SimulatedMessage, situation: Situation | None) -> tuple[object, ...]:
    return situation.message.rank if situation is not None else ()


def _situation(told: ToldJourney, locale: str, message: SimulatedMessage, now: datetime) -> Situation | None:
    """What the gate is asked about a message; None where its piece has no text for any channel."""
    earlier, catalogue = _earlier(message), told.catalogue
    if message.is_reminder:
        justification = justify_reminder(catalogue, told.view, earlier, now)
    else:
        end = useful_until(catalogue.pieces.get(message.piece), message.due, None)
        justification = justify_occasion(told, earlier, end, now)
    channels: tuple[str, ...] = QUICKEST_FIRST
    if justification.piece is not None:
        channels = channels_of(justification.piece, served_locale(locale, catalogue.plan.journey.locales))
    if not channels:
        return None
    made = Message(
        id=message.id,
        journey=catalogue.plan.journey.key,
        piece=message.piece,
        purpose=UNREAD_PURPOSE,
        topic=justification.piece.topic if justification.piece is not None else None,
        channels=channels,
        due=justification.due,
        useful_until=justification.useful_until,
    )
    return situation_of(made, justification, told.view, catalogue.limits)


def _written(message: SimulatedMessage, catalogue: Catalogue, channel: str, locale: str) -> SimulatedMessage:
    """The message as it leaves by a channel, in the frame of that channel."""
    frame = frame_of(catalogue, channel)
    piece = in_frame_of(catalogue, catalogue.pieces[message.piece], channel)
    line = visible_line(piece, channel, served_locale(locale, catalogue.plan.journey.locales))
    return replace(message, channel=channel, frame=frame.key if frame is not None else None, line=line)


def visible_line(piece: Piece, channel: str, locale: str) -> str:
    """What a locked screen shows of a message: its text, or the subject of an e-mail, and never the title."""
    text = piece.texts[locale]
    short = {"sms": text.text, "push": text.push}.get(channel, text.subject)
    return short or own_text(locale, "subject")
