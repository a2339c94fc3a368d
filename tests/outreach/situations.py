"""Random situations of a message, in whole minutes: mostly around changes of the clock, with up to three troubles."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journeys.definition.message_limits import Cap
from journeys.outreach.cadence import Attempt, ProgrammeLimits
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Message, Recipient, Situation
from journeys.outreach.preferences import Preferences
from journeys.permission import CHANNELS, PermissionEntry
from tests.outreach.zones import ZONES, changes

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JOURNEYS = ("lung", "lung", "diabetes")
PURPOSES = ("treatment", "adherence", "education", "marketing")
TOPICS = (None, None, "scans", "mood")
HOURS = (
    QuietHours(time(21), time(8)),
    QuietHours(time(8), time(20)),
    QuietHours(time(19), time(9)),
    QuietHours(time(0), time(2, 30)),
    QuietHours(time(2), time(3)),
    QuietHours(time(12), time(11, 45)),
)
LAPSES = ("left", "retracted", "migrated", "recalled", "condition", "declined", "arrived", "not_shared")


@dataclass(frozen=True)
class Asked:
    """What the gate is asked."""

    situation: Situation
    recipient: Recipient
    others: tuple[Situation, ...]
    now: datetime


def draw(rng):
    """Return a random question; `rng` is a `random.Random`."""
    zone = rng.choice(ZONES)
    now = datetime(2026, 5, 1, 12, tzinfo=UTC) if rng.random() < 0.3 else rng.choice(changes(zone))
    now += rng.randrange(-160, 160) * QUARTER
    asked = Asked(
        draw_situation(rng, "m", now),
        draw_recipient(rng, ZoneInfo(zone), now),
        tuple(draw_situation(rng, name, now) for name in ("a", "z")[: rng.randrange(3)]),
        now,
    )
    for trouble in rng.sample(TROUBLES, rng.choice((0, 0, 0, 1, 1, 2, 3))):
        asked = trouble(rng, asked)
    return asked


def draw_situation(rng, name, now):
    message = Message(
        id=name,
        journey=rng.choice(JOURNEYS),
        piece=rng.choice(("hello", "scan", "survey")),
        purpose=rng.choice(PURPOSES),
        channels=tuple(rng.sample(CHANNELS, rng.choice((1, 2, 2, 3)))),
        topic=rng.choice(TOPICS),
        due=now + rng.choice((-4, -4, -1, 0, 1)) * HOUR,
        useful_until=now + rng.choice((QUARTER, HOUR, 5 * HOUR, 10 * HOUR, DAY, 3 * DAY, 8 * DAY)),
        not_again=rng.choice((HOUR, DAY, 7 * DAY)),
        order=rng.randrange(2),
        is_critical=rng.random() < 0.25,
        is_answer=rng.random() < 0.1,
    )
    return Situation(message=message, limits=draw_limits(rng), is_approved=rng.random() < 0.95)


def draw_limits(rng):
    groups = (frozenset(PURPOSES), frozenset({"education", "marketing"}), frozenset({"adherence"}))
    caps = tuple(
        Cap(purposes=rng.choice(groups), day=rng.choice((None, 1, 2)), week=rng.choice((None, 2, 4)))
        for _ in range(rng.randrange(3))
    )
    quiet = {"quiet": rng.choice(HOURS)} if rng.random() < 0.4 else {}
    return ProgrammeLimits(**quiet, caps=caps, apart=rng.choice((timedelta(), QUARTER, 4 * HOUR, 30 * HOUR)))


def draw_recipient(rng, zone, now):
    preferences = Preferences(
        channels=tuple(rng.sample(CHANNELS, rng.randrange(4))),
        quiet=rng.choice((None, None, rng.choice(HOURS))),
        paused_until=rng.choice((None, None, now, now - HOUR)),
    )
    return Recipient(
        zone=zone,
        reachable=frozenset(rng.sample(CHANNELS, rng.choice((4, 5, 5)))),
        permissions=draw_ledger(rng, now),
        attempts=tuple(draw_attempt(rng, now) for _ in range(rng.choice((0, 0, 1, 3, 6)))),
        preferences=preferences,
    )


def draw_attempt(rng, now):
    """Return an attempt of the last nine days, never in the future."""
    ago = rng.choice((0, rng.randrange(8), rng.randrange(96), rng.randrange(96 * 9)))
    message = rng.choice(("m", "earlier", "earlier"))
    journey, piece = rng.choice(JOURNEYS), rng.choice(("scan", "survey", "other"))
    return Attempt(message, journey, piece, rng.choice(PURPOSES), now - ago * QUARTER)


def draw_ledger(rng, now):
    """Return grants of everything, and up to three words that may take something back."""
    return (
        entry("all", "grant", now - 9 * DAY),
        entry("ads", "grant", now - 9 * DAY, "marketing"),
        *(draw_entry(rng, str(number), now) for number in range(rng.choice((0, 0, 1, 3)))),
    )


def draw_entry(rng, id, now):
    kind = rng.choice(("grant", "revoke"))
    at = now + rng.choice((-9 * 24, -5, -5, -1, 0, 1)) * HOUR
    until = rng.choice((None, None, now, now + HOUR)) if kind == "grant" and at < now else None
    purpose, channel = rng.choice((None, *PURPOSES)), rng.choice((None, *CHANNELS, *CHANNELS))
    return replace(entry(id, kind, at, purpose), channel=channel, topic=rng.choice(TOPICS), until=until)


def entry(id, kind, at, purpose=None):
    return PermissionEntry(id=id, kind=kind, by="patient", method="app", occurred_at=at, purpose=purpose)


# --- troubles: each makes one rule likely to apply -------------------------------------------------------------


def of_situation(change):
    return lambda rng, asked: replace(asked, situation=replace(asked.situation, **change(rng, asked)))


def of_message(change):
    return of_situation(lambda rng, asked: {"message": replace(asked.situation.message, **change(rng, asked))})


def of_recipient(change):
    return lambda rng, asked: replace(asked, recipient=replace(asked.recipient, **change(rng, asked)))


def of_preferences(change):
    return of_recipient(lambda rng, asked: {"preferences": replace(asked.recipient.preferences, **change(rng, asked))})


def attempted_now(rng, asked):
    attempts = (Attempt("earlier", "lung", "other", purpose, asked.now) for purpose in PURPOSES)
    return {"attempts": (*asked.recipient.attempts, *attempts)}


without_zone = of_recipient(lambda rng, asked: {"zone": None})
interrupting = of_message(lambda rng, asked: {"channels": ("sms", "push")[: rng.randrange(1, 3)]})

TROUBLES = (
    of_recipient(lambda rng, asked: {"is_erased": True}),
    of_situation(lambda rng, asked: {"has_ended": True}),
    of_situation(lambda rng, asked: {"lapse": rng.choice(LAPSES)}),
    of_message(lambda rng, asked: {"useful_until": asked.now - rng.randrange(2) * QUARTER}),
    of_message(lambda rng, asked: {"piece": "scan", "not_again": 7 * DAY}),
    of_recipient(lambda rng, asked: {"permissions": asked.recipient.permissions[3:]}),
    of_message(lambda rng, asked: {"topic": "mood"}),
    of_preferences(lambda rng, asked: {"topics_off": frozenset({"mood", "scans"})}),
    of_preferences(lambda rng, asked: {"paused_until": asked.now + rng.choice((QUARTER, 9 * HOUR, 9 * DAY))}),
    of_recipient(lambda rng, asked: {"reachable": frozenset(rng.sample(CHANNELS, rng.randrange(2)))}),
    of_situation(lambda rng, asked: {"is_approved": False}),
    without_zone,
    lambda rng, asked: interrupting(rng, without_zone(rng, asked)),
    interrupting,
    of_message(lambda rng, asked: {"is_critical": True}),
    of_recipient(attempted_now),
)
