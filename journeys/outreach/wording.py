"""Why a message waits or does not leave, in plain English for authors and staff."""

from __future__ import annotations

from journeys.outreach.gate import FinalReason, WaitReason

GATE_REASONS: dict[WaitReason | FinalReason, str] = {
    "paused": "the patient paused all messages",
    "not_approved": "its text is not approved in the patient's language",
    "not_due": "it is not due yet",
    "quiet_hours": "quiet hours",
    "day_cap": "no more messages of this kind on this day",
    "week_cap": "no more messages of this kind in this week",
    "apart": "too soon after the last message",
    "outranked": "another message goes first",
    "erased": "the patient's data was erased",
    "ended": "the journey has ended",
    "left": "the patient is no longer in the state that calls for it",
    "retracted": "the event that called for it was taken back",
    "migrated": "the new release does not have it",
    "recalled": "its text was recalled",
    "condition": "its condition is not true",
    "declined": "the patient declined its topic",
    "arrived": "it has arrived by another channel",
    "not_shared": "the patient does not share it with this caregiver",
    "too_late": "it is of no use any more",
    "repeated": "the same text was sent not long ago",
    "no_permission": "the patient has not allowed it on any of its channels",
    "topic_off": "the patient switched its topic off",
    "no_contact": "no address of the patient fits its channels",
    "zone_unknown": "the patient's time zone is unknown",
}
#: The reasons of the gate, as the end of a sentence.

CHANNEL_NAMES = {"push": "push", "sms": "text message", "email": "e-mail", "post": "post", "webhook": "webhook"}
#: The channels, after "by".
