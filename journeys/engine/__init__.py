"""The engine: advancing an enrollment is a pure function of the releases, the log, and the time to fold to."""

from journeys.engine.admission import (
    MAX_AHEAD,
    Joining,
    Placement,
    Report,
    admit,
    admit_entry,
    admit_placement,
    last_begun_day,
)
from journeys.engine.advance import advance, read
from journeys.engine.effects import Effect, Following, reminders_of, tasks_of
from journeys.engine.enrollment import Enrollment, Step
from journeys.engine.events import Arrival, Event, Retraction, active_events
from journeys.engine.fold import Fold, refold
from journeys.engine.order import Releases
from journeys.engine.results import Move, Result
from journeys.engine.state import FactTold, News, State, Stay, Waiting
from journeys.engine.told import NOTHING_HELD, Told
from journeys.engine.verification import Difference, verify

__all__ = [
    "MAX_AHEAD",
    "NOTHING_HELD",
    "Arrival",
    "Difference",
    "Effect",
    "Enrollment",
    "Event",
    "FactTold",
    "Fold",
    "Following",
    "Joining",
    "Move",
    "News",
    "Placement",
    "Releases",
    "Report",
    "Result",
    "Retraction",
    "State",
    "Stay",
    "Step",
    "Told",
    "Waiting",
    "active_events",
    "admit",
    "admit_entry",
    "admit_placement",
    "advance",
    "last_begun_day",
    "read",
    "refold",
    "reminders_of",
    "tasks_of",
    "verify",
]
