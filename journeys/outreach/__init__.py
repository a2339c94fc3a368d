"""When a message may leave for a person: local time, quiet hours, and the gate before every send. Pure.

It sends nothing and reads no clock: instants and zones are handed in.
"""

from journeys.outreach.cadence import Attempt, Cap, ProgrammeLimits
from journeys.outreach.gate import (
    Final,
    FinalReason,
    GateDecision,
    SendNow,
    Wait,
    WaitReason,
    decide,
)
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Lapse, Message, Recipient, Situation
from journeys.outreach.preferences import Preferences

__all__ = [
    "Attempt",
    "Cap",
    "Final",
    "FinalReason",
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
]
