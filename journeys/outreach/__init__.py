"""When a message may leave for a person: local time, quiet hours, the occasions of pieces that send themselves, the
gate before every send, and its simulation. Pure.

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
from journeys.outreach.justification import Justification, justify_occasion, justify_reminder, situation_of
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Lapse, Message, Recipient, Situation
from journeys.outreach.occasions import (
    EarlierMessage,
    Occasion,
    ToldJourney,
    advanced_occasions,
    lapse_of,
    new_occasions,
    occasions_of,
)
from journeys.outreach.preferences import Preferences
from journeys.outreach.reminder import QUICKEST_FIRST, channels_of
from journeys.outreach.simulate import (
    SIMULATED_CHANNELS,
    SimulatedMessage,
    Simulation,
    simulate,
    simulated_recipient,
    visible_line,
)
from journeys.outreach.wording import CHANNEL_NAMES, GATE_REASONS

__all__ = [
    "CHANNEL_NAMES",
    "DEFAULT_QUIET_HOURS",
    "GATE_REASONS",
    "QUICKEST_FIRST",
    "SIMULATED_CHANNELS",
    "Attempt",
    "Cap",
    "EarlierMessage",
    "Final",
    "FinalReason",
    "GateDecision",
    "Justification",
    "Lapse",
    "Message",
    "Occasion",
    "Preferences",
    "ProgrammeLimits",
    "QuietHours",
    "Recipient",
    "SendNow",
    "SimulatedMessage",
    "Simulation",
    "Situation",
    "ToldJourney",
    "Wait",
    "WaitReason",
    "advanced_occasions",
    "channels_of",
    "decide",
    "decide_again",
    "justify_occasion",
    "justify_reminder",
    "lapse_of",
    "new_occasions",
    "occasions_of",
    "simulate",
    "simulated_recipient",
    "situation_of",
    "visible_line",
]
