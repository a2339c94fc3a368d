"""When a message may leave for a person: local time, quiet hours, the occasions of pieces that send
themselves, and the gate before every send. Pure.

It sends nothing and reads no clock: instants and zones are handed in.
"""

from journeys.definition.message_limits import Cap
from journeys.outreach.cadence import DEFAULT_QUIET_HOURS, Attempt, ProgrammeLimits
from journeys.outreach.gate import (
    Final,
    FinalReason,
    GateDecision,
    SendNow,
    Wait,
    WaitReason,
    decide,
    decide_again,
)
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Lapse, Message, Recipient, Situation
from journeys.outreach.occasions import EarlierMessage, Occasion, ToldJourney, lapse_of, new_occasions, occasions_of
from journeys.outreach.preferences import Preferences

__all__ = [
    "DEFAULT_QUIET_HOURS",
    "Attempt",
    "Cap",
    "EarlierMessage",
    "Final",
    "FinalReason",
    "GateDecision",
    "Lapse",
    "Message",
    "Occasion",
    "Preferences",
    "ProgrammeLimits",
    "QuietHours",
    "Recipient",
    "SendNow",
    "Situation",
    "ToldJourney",
    "Wait",
    "WaitReason",
    "decide",
    "decide_again",
    "lapse_of",
    "new_occasions",
    "occasions_of",
]
