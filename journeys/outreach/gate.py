"""The gate before every send: may this message go now, by which channel, or when, or never, and why. Pure.

It is an ordered list of checks (`CHECKS`). Each check answers with a decision, or with the channels that are left; the
first decision is the gate's. A message that passes every check goes by the first channel that is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from journeys.outreach.cadence import PaceReason, first_allowed, first_paced
from journeys.outreach.message import Lapse, Recipient, Situation
from journeys.permission import INTERRUPTING, Request, is_allowed

_SOON = timedelta(seconds=1)

WaitReason = Literal["not_due", "paused", "not_approved", "quiet_hours", PaceReason, "outranked"]
ClearedReason = Literal["erased", "ended", Lapse]
SuppressedReason = Literal[
    "repeated", "no_permission", "topic_off", "paused", "no_contact", "zone_unknown", "quiet_hours"
]
FinalReason = Literal[ClearedReason, "too_late", SuppressedReason]
FinalState = Literal["cleared", "expired", "suppressed"]


@dataclass(frozen=True, slots=True)
class SendNow:
    """It may go now, by this channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It may not go now; the gate is asked again at `until` (UTC), which is after now and not after `useful_until`.

    It may be asked earlier, and is where the reason may have passed: after an approval, or a change of preferences.
    """

    until: datetime
    reason: WaitReason


@dataclass(frozen=True, slots=True)
class Final:
    """It never goes. `opens_task`: a person on the staff can mend the reason for later messages."""

    state: FinalState
    reason: FinalReason
    opens_task: bool = False


GateDecision = SendNow | Wait | Final


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: whether a message may go, the person's other messages that are due, and the instant."""

    situation: Situation
    recipient: Recipient
    others: tuple[Situation, ...]
    now: datetime

    def wait(self, until: datetime, reason: WaitReason) -> Wait:
        """Wait no longer than the message is useful: at its end it is asked again, and expires."""
        return Wait(min(until, self.situation.message.useful_until), reason)


Channels = tuple[str, ...]
Check = Callable[[_Question, Channels], GateDecision | Channels]


def decide(situation: Situation, recipient: Recipient, others: Iterable[Situation], now: datetime) -> GateDecision:
    """Whether a message may go now, and by which channel. The first of these that applies decides:

    1. the person was erased, 2. the enrollment ended, 3. the told view no longer justifies it: cleared;
    4. it is of no use any more: expired;
    5. it is not due yet: waits;
    6. another message attempted the same piece of the same journey within `not_again`: suppressed, unless critical;
    7. no channel of the message is permitted; 8. its topic is switched off: suppressed;
    9. the person paused everything: waits; suppressed where the pause lasts until the message is of no use;
    10. no permitted channel has a good contact: suppressed, with a task;
    11. it is not approved in the language of the person: waits;
    12. the zone of the person is unknown: only channels that do not interrupt; suppressed with a task without any;
    13. quiet hours of the programme or the person: waits; where they last until the message is of no use, only channels
        that do not interrupt, and suppressed without any;
    14. a cap is full or the last attempt too recent: waits, unless critical;
    15. a message of the same person that ranks before it could go now: waits.

    Of an answer to what the person has just asked, 1, 4, 6, 10 and 11 alone are asked.

    Text messages and push interrupt. E-mail, post and webhooks may go at any hour and in any zone. A pause holds on all
    channels: like quiet hours it is the person's wish, so critical messages do not pass it.

    Args:
        situation: the message and its enrollment.
        recipient: the person.
        others: the person's other messages that a worker might send now.
            A message that waits for its provider (a retry, an open circuit) is left out, or it would stop the others.
        now: the instant (UTC).
    """
    question = _Question(situation, recipient, tuple(others), now)
    return _answer(ANSWER_CHECKS if situation.message.is_answer else CHECKS, question)


def decide_again(situation: Situation, recipient: Recipient, channel: str, now: datetime) -> GateDecision:
    """Whether a message that was handed over, but has not left yet (a letter that is not printed), may still leave.

    Only the checks of `LASTING` apply, as hours, limits and other messages counted when it was handed over.

    Args:
        situation: the message and its enrollment, now.
        recipient: the person, now; `reachable` says whether the contact to which it is addressed is still good.
        channel: the channel by which it goes.
        now: the instant (UTC).
    """
    by_channel = replace(situation, message=replace(situation.message, channels=(channel,)))
    return _answer(LASTING, _Question(by_channel, recipient, (), now))


def _answer(checks: Iterable[Check], question: _Question) -> GateDecision:
    channels = _in_order(question.situation.message.channels, question.recipient.preferences.channels)
    for check in checks:
        result = check(question, channels)
        if not isinstance(result, tuple):
            return result
        channels = result
    return SendNow(channels[0])


def _in_order(channels: Channels, preferred: Channels) -> Channels:
    """The channels of a piece: those that the person put in order, then the others."""
    wanted = [channel for channel in preferred if channel in channels]
    return tuple(dict.fromkeys([*wanted, *channels]))


def erased(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing goes to a person who was erased."""
    return Final("cleared", "erased") if question.recipient.is_erased else channels


def ended(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing goes for an enrollment that ended."""
    return Final("cleared", "ended") if question.situation.has_ended else channels


def lapsed(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing goes that the told view no longer justifies."""
    lapse = question.situation.lapse
    return Final("cleared", lapse) if lapse else channels


def expired(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing goes from `useful_until` on."""
    return Final("expired", "too_late") if question.now >= question.situation.message.useful_until else channels


def due(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing goes before it is due: a late event, or another time zone, may have moved it."""
    at = question.situation.message.due
    return question.wait(at, "not_due") if at > question.now else channels


def repeated(question: _Question, channels: Channels) -> GateDecision | Channels:
    """A piece of a journey is not sent again within `not_again`; a retry or fallback of the message does not count."""
    message = question.situation.message
    repeats = any(
        (attempt.journey, attempt.piece) == (message.journey, message.piece)
        and attempt.message != message.id
        and question.now < attempt.at + message.not_again
        for attempt in question.recipient.attempts
    )
    return Final("suppressed", "repeated") if repeats and not message.is_critical else channels


def permitted(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Only channels that the person allowed for the purpose and topic."""
    message, ledger = question.situation.message, question.recipient.permissions
    allowed = tuple(
        channel
        for channel in channels
        if is_allowed(ledger, Request(message.purpose, channel, message.topic), question.now)
    )
    return allowed or Final("suppressed", "no_permission")


def topic(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing of a topic that the person switched off."""
    is_off = question.situation.message.topic in question.recipient.preferences.topics_off
    return Final("suppressed", "topic_off") if is_off else channels


def pause(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing while the person wants a pause."""
    end = question.recipient.preferences.paused_until
    if end is None or end <= question.now:
        return channels
    if end < question.situation.message.useful_until:
        return question.wait(end, "paused")
    return Final("suppressed", "paused")


def contact(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Only channels on which the person can be reached."""
    good = tuple(channel for channel in channels if channel in question.recipient.reachable)
    return good or Final("suppressed", "no_contact", opens_task=True)


def approval(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Only what is approved in the language of the person; asked again when something is approved."""
    if question.situation.is_approved:
        return channels
    return question.wait(question.situation.message.useful_until, "not_approved")


def zone(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing interrupts a person whose time of day is unknown."""
    if question.recipient.zone is not None:
        return channels
    return _discreet(channels) or Final("suppressed", "zone_unknown", opens_task=True)


def quiet_hours(question: _Question, channels: Channels) -> GateDecision | Channels:
    """Nothing interrupts in quiet hours."""
    if channels[0] not in INTERRUPTING:
        return channels
    own = question.recipient.preferences.quiet
    hours = [question.situation.limits.quiet, *([own] if own else [])]
    allowed = first_allowed(hours, question.now, question.recipient.calendar)
    if allowed == question.now:
        return channels
    if allowed is not None and allowed < question.situation.message.useful_until:
        return question.wait(allowed, "quiet_hours")
    return _discreet(channels) or Final("suppressed", "quiet_hours")


def cadence(question: _Question, channels: Channels) -> GateDecision | Channels:
    """No more attempts than the caps allow, and none too soon after the last."""
    message, recipient = question.situation.message, question.recipient
    if message.is_critical:
        return channels
    allowed, reason = first_paced(
        question.situation.limits, message.purpose, recipient.attempts, question.now, recipient.calendar
    )
    return question.wait(allowed, reason) if reason else channels


def outranked(question: _Question, channels: Channels) -> GateDecision | Channels:
    """The message with the lowest rank goes first, of those that could go now."""
    situation, now = question.situation, question.now
    alone = [check for check in CHECKS if check is not outranked]
    before = (
        _Question(other, question.recipient, (), now)
        for other in question.others
        if other.message.rank < situation.message.rank
    )
    if not any(isinstance(_answer(alone, other), SendNow) for other in before):
        return channels
    apart = timedelta() if situation.message.is_critical else situation.limits.apart
    return question.wait(now + max(apart, _SOON), "outranked")


CHECKS: tuple[Check, ...] = (
    erased,
    ended,
    lapsed,
    expired,
    due,
    repeated,
    permitted,
    topic,
    pause,
    contact,
    approval,
    zone,
    quiet_hours,
    cadence,
    outranked,
)
#: The checks of the gate in the order in which they apply.
ANSWER_CHECKS: tuple[Check, ...] = (erased, expired, repeated, contact, approval)
#: Those of an answer. The person asks for it at that moment, also to confirm that no more messages come
#: (47 CFR 64.1200(a)(12)), so neither permission nor quiet hours nor the end of an enrollment holds it back.
LASTING: tuple[Check, ...] = (erased, ended, lapsed, expired, permitted, topic, pause, contact, approval)
#: The checks that also end or hold back a message which was handed over and has not left yet.


def _discreet(channels: Channels) -> Channels:
    return tuple(channel for channel in channels if channel not in INTERRUPTING)
