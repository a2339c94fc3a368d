"""When a message may leave for a person: local time, quiet hours, and the gate before every send. Pure.

It sends nothing and reads no clock: instants and zones are handed in.
"""

from journeys.outreach.cadence import Attempt, Cap, ProgrammeLimits
from journeys.outreach.gate import (
    INTERRUPTING,
    Final,
    FinalReason,
    FinalState,
    GateDecision,
    SendNow,
    Wait,
    WaitReason,
    decide,
    decide_again,
)
from journeys.outreach.local_time import QuietHours, first_at, first_of_next_day, is_same_day, is_same_week
from journeys.outreach.message import Lapse, Message, Recipient, Situation
from journeys.outreach.preferences import Preferences

__all__ = [
    "INTERRUPTING",
    "Attempt",
    "Cap",
    "Final",
    "FinalReason",
    "FinalState",
    "GateDecision",
    "Lapse",
    "Message",
    "Preferences",
    "ProgrammeLimits",
    "QuietHours",
    "Recipient",
    "SendNow",
    "Situation",
    "Wait",
    "WaitReason",
    "decide",
    "decide_again",
    "first_at",
    "first_of_next_day",
    "is_same_day",
    "is_same_week",
]
