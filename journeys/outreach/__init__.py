"""When a message may leave for a person: local time, quiet hours, the gate before every send, and its simulation. Pure.

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
)
from journeys.outreach.local_time import QuietHours, first_at, first_of_next_day, is_same_day, is_same_week
from journeys.outreach.message import Lapse, Message, Recipient, Situation
from journeys.outreach.preferences import Preferences
from journeys.outreach.reminder import QUICKEST_FIRST, channels_of, useful_until
from journeys.outreach.simulate import (
    SIMULATED_CHANNELS,
    SimulatedMessage,
    Simulation,
    ToldView,
    simulate,
    simulated_recipient,
    visible_line,
)
from journeys.outreach.wording import CHANNEL_NAMES, GATE_REASONS

__all__ = [
    "CHANNEL_NAMES",
    "GATE_REASONS",
    "INTERRUPTING",
    "QUICKEST_FIRST",
    "SIMULATED_CHANNELS",
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
    "SimulatedMessage",
    "Simulation",
    "Situation",
    "ToldView",
    "Wait",
    "WaitReason",
    "channels_of",
    "decide",
    "first_at",
    "first_of_next_day",
    "is_same_day",
    "is_same_week",
    "simulate",
    "simulated_recipient",
    "useful_until",
    "visible_line",
]
