"""A year of messages to a person: whenever a message is due or its wait ends, the gate is asked."""

import heapq
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from journeys.definition.message_limits import Cap
from journeys.outreach.cadence import Attempt, ProgrammeLimits
from journeys.outreach.gate import SendNow, Wait, decide
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Message, Recipient, Situation
from journeys.outreach.preferences import Preferences
from journeys.permission import INTERRUPTING, PermissionEntry
from tests.outreach.gate_oracle import day_of, is_quiet, week_of

pytestmark = pytest.mark.long

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CALM = frozenset({"education", "adherence"})
LIMITS = ProgrammeLimits(
    caps=(Cap(purposes=CALM, day=2, week=5), Cap(purposes=frozenset({"adherence"}), week=3)), apart=2 * HOUR
)
OWN = QuietHours(time(7), time(10))
GRANT = PermissionEntry(id="g", kind="grant", by="patient", method="app", occurred_at=BEGIN - DAY)


@dataclass
class Year:
    """What happened to every message."""

    sent: list = field(default_factory=list)
    finals: dict = field(default_factory=dict)
    waits: Counter = field(default_factory=Counter)


def stream(rng):
    """Return a year of messages, often several on a day."""
    for number in range(700):
        due = BEGIN + rng.randrange(365 * 24 * 12) * timedelta(minutes=5)
        yield Message(
            id=f"{number:03}",
            journey=rng.choice(("lung", "diabetes")),
            piece=f"piece {rng.randrange(30)}",
            purpose=rng.choice(("education", "adherence", "treatment")),
            channels=tuple(rng.sample(("sms", "push", "email"), rng.randrange(1, 4))),
            due=due,
            useful_until=due + rng.choice((2 * HOUR, 8 * HOUR, DAY, 3 * DAY)),
            is_critical=rng.random() < 0.05,
        )


def live(zone, messages):
    """Ask the gate at every instant at which a message is due or its wait ends."""
    year, attempts = Year(), []
    open_messages = {message.id: message for message in messages}
    agenda = [(message.due, message.id) for message in messages]
    heapq.heapify(agenda)
    while agenda:
        now, id = heapq.heappop(agenda)
        message = open_messages[id]
        recent = tuple(attempt for attempt in attempts[-80:] if attempt.at > now - 9 * DAY)
        recipient = Recipient(
            zone=zone,
            reachable=frozenset({"sms", "push", "email"}),
            permissions=(GRANT,),
            attempts=recent,
            preferences=Preferences(quiet=OWN),
        )
        others = [Situation(message=other, limits=LIMITS) for other in open_messages.values()]
        decision = decide(Situation(message=message, limits=LIMITS), recipient, others, now)
        if isinstance(decision, Wait):
            year.waits[decision.reason] += 1
            heapq.heappush(agenda, (decision.until, id))
            continue
        del open_messages[id]
        if isinstance(decision, SendNow):
            attempts.append(Attempt(id, message.journey, message.piece, message.purpose, now))
            year.sent.append((now, message, decision.channel))
        else:
            year.finals[id] = decision
    return year


@pytest.fixture(scope="module", params=["Europe/Madrid", "Australia/Lord_Howe", "Antarctica/Troll", None])
def lived(request):
    zone = ZoneInfo(request.param) if request.param else None
    return zone, live(zone, list(stream(random.Random(str(request.param)))))


def test_every_message_is_sent_or_final_and_none_is_asked_without_end(lived):
    _, year = lived
    assert len(year.sent) + len(year.finals) == 700
    assert len(year.sent) > 200
    assert {"day_cap", "week_cap", "apart"} <= set(year.waits)
    assert sum(year.waits.values()) < 10 * 700


def test_no_message_interrupts_in_quiet_hours_or_goes_when_it_is_useless(lived):
    zone, year = lived
    interrupting = [now for now, _, channel in year.sent if channel in INTERRUPTING]
    assert all(zone and not is_quiet(now, zone, [LIMITS.quiet, OWN]) for now in interrupting)
    assert len(interrupting) > 50 or zone is None
    assert all(message.due <= now < message.useful_until for now, message, _ in year.sent)


def test_no_cap_is_exceeded_but_by_critical_messages(lived):
    zone, year = lived
    for cap in LIMITS.caps:
        days, weeks = Counter(), Counter()
        for now, message, _ in year.sent:
            if message.purpose not in cap.purposes:
                continue
            day, week = (label(now, zone or UTC) for label in (day_of, week_of))
            days[day] += 1
            weeks[week] += 1
            if not message.is_critical:
                assert cap.day is None or days[day] <= cap.day
                assert weeks[week] <= cap.week


def test_messages_keep_apart_and_no_piece_comes_again_within_its_week(lived):
    _, year = lived
    for number, (now, message, _) in enumerate(year.sent):
        if message.is_critical or not number:
            continue
        earlier = year.sent[:number]
        assert now - earlier[-1][0] >= LIMITS.apart
        same = [
            before for before, other, _ in earlier if (other.journey, other.piece) == (message.journey, message.piece)
        ]
        assert all(now - before >= message.not_again for before in same)
