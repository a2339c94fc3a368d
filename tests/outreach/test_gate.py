"""The rules of the gate by example, and their order: of two rules that apply, the earlier decides."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from journeys.definition.message_limits import Cap
from journeys.outreach.cadence import Attempt, ProgrammeLimits
from journeys.outreach.gate import Final, FinalReason, SendNow, Wait, WaitReason, decide
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Message, Recipient, Situation
from journeys.outreach.preferences import Preferences
from journeys.outreach.wording import GATE_REASONS
from journeys.permission import PermissionEntry

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)  # a Monday, noon in Madrid
MADRID = ZoneInfo("Europe/Madrid")
TEXT = Message(
    id="m",
    journey="lung",
    piece="scan",
    purpose="treatment",
    channels=("sms",),
    topic="scans",
    due=NOW - HOUR,
    useful_until=NOW + 3 * DAY,
)
RIVAL = replace(TEXT, id="rival", piece="visit", useful_until=NOW + HOUR)
GRANT = PermissionEntry(id="g", kind="grant", by="patient", method="app", occurred_at=NOW - 90 * DAY)
ANA = Recipient(zone=MADRID, reachable=frozenset({"sms", "email", "push", "post"}), permissions=(GRANT,))
NOON = QuietHours(time(11), time(14))


def at(day, hour, minute=0):
    """Return an instant of May 2026 by the clock of Madrid."""
    return datetime(2026, 5, day, hour, minute, tzinfo=MADRID).astimezone(UTC)


def ask(message=TEXT, recipient=ANA, others=(), now=NOW, **situation):
    return decide(Situation(message=message, **situation), recipient, others, now)


def ask_with(message=None, recipient=None, preferences=None, others=(), now=NOW, **situation):
    """Ask with some values changed."""
    wishes = Preferences(**(preferences or {}))
    person = replace(ANA, **{"preferences": wishes} | (recipient or {}))
    return ask(replace(TEXT, **(message or {})), person, others, now, **situation)


def attempt(ago, piece="other", purpose="treatment", message="earlier", journey="lung"):
    return Attempt(message, journey, piece, purpose, NOW - ago)


ONE_A_DAY = ProgrammeLimits(caps=(Cap(purposes=frozenset({"treatment", "adherence"}), day=1),))

# In the order of the rules: what makes a rule apply, and what it decides.
RULES = {
    "erased": ({"recipient": {"is_erased": True}}, Final("cleared", "erased")),
    "ended": ({"has_ended": True}, Final("cleared", "ended")),
    "lapsed": ({"lapse": "recalled"}, Final("cleared", "recalled")),
    "expired": ({"message": {"useful_until": NOW}}, Final("expired", "too_late")),
    "repeated": ({"recipient": {"attempts": (attempt(DAY, "scan"),)}}, Final("suppressed", "repeated")),
    "permission": ({"recipient": {"permissions": ()}}, Final("suppressed", "no_permission")),
    "topic": ({"preferences": {"topics_off": frozenset({"scans"})}}, Final("suppressed", "topic_off")),
    "pause": ({"preferences": {"paused_until": NOW + DAY}}, Wait(NOW + DAY, "paused")),
    "contact": (
        {"recipient": {"reachable": frozenset({"post"})}},
        Final("suppressed", "no_contact", opens_task=True),
    ),
    "approval": ({"is_approved": False}, Wait(NOW + 3 * DAY, "not_approved")),
    "zone": ({"recipient": {"zone": None}}, Final("suppressed", "zone_unknown", opens_task=True)),
    "quiet hours": ({"preferences": {"quiet": NOON}}, Wait(at(4, 14), "quiet_hours")),
    "cap": ({"limits": ONE_A_DAY, "recipient": {"attempts": (attempt(HOUR),)}}, Wait(at(5, 0), "day_cap")),
    "rank": ({"others": (Situation(message=RIVAL),)}, Wait(NOW + SECOND, "outranked")),
}


def both(first, second):
    """Return the changes of two rules together."""
    merged = dict(first)
    for name, change in second.items():
        if isinstance(change, dict) and name in merged:
            attempts = (*merged[name].get("attempts", ()), *change.get("attempts", ()))
            merged[name] = merged[name] | change | ({"attempts": attempts} if attempts else {})
        else:
            merged[name] = change
    return merged


def test_a_message_that_no_rule_stops_goes():
    assert ask() == SendNow("sms")


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_decides_alone(rule):
    changes, decision = RULES[rule]
    assert ask_with(**changes) == decision


@pytest.mark.parametrize(("earlier", "later"), list(combinations(RULES, 2)))
def test_the_earlier_of_two_rules_decides(earlier, later):
    changes, decision = RULES[earlier]
    assert ask_with(**both(changes, RULES[later][0])) == decision


@pytest.mark.parametrize(
    "lapse", ["left", "retracted", "migrated", "recalled", "condition", "declined", "arrived", "not_shared"]
)
def test_what_is_no_longer_justified_is_cleared_with_the_reason(lapse):
    assert ask(lapse=lapse) == Final("cleared", lapse)


# --- the channel -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("piece", "person", "channel"),
    [
        (("sms", "email"), (), "sms"),
        (("sms", "email"), ("email",), "email"),
        (("sms", "email"), ("push", "email", "sms"), "email"),
        (("post", "sms", "email"), ("email",), "email"),
        (("webhook", "sms", "email"), ("webhook",), "sms"),  # no good contact
    ],
)
def test_the_first_channel_of_the_person_then_of_the_piece(piece, person, channel):
    assert ask_with(message={"channels": piece}, preferences={"channels": person}) == SendNow(channel)


def test_a_channel_that_was_revoked_is_passed_over():
    stop = replace(GRANT, id="r", kind="revoke", by="carrier", channel="sms", occurred_at=NOW)
    changes = {"message": {"channels": ("sms", "email")}, "recipient": {"permissions": (GRANT, stop)}}
    assert ask_with(**changes) == SendNow("email")
    assert ask_with(**changes, now=NOW - SECOND) == SendNow("sms")


def test_without_a_zone_only_channels_that_do_not_interrupt():
    changes = {"message": {"channels": ("push", "sms", "email")}, "recipient": {"zone": None}}
    assert ask_with(**changes) == SendNow("email")
    assert ask_with(**changes, now=at(4, 23)) == SendNow("email")


# --- critical --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["repeated", "cap", "rank"])
def test_critical_passes_repetition_caps_and_what_is_not_critical(rule):
    assert ask_with(**both(RULES[rule][0], {"message": {"is_critical": True}})) == SendNow("sms")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in ("repeated", "cap", "rank")])
def test_critical_passes_no_other_rule(rule):
    changes, decision = RULES[rule]
    assert ask_with(**both(changes, {"message": {"is_critical": True}})) == decision


def test_a_critical_message_behind_another_is_asked_again_at_once():
    first = Situation(message=replace(RIVAL, is_critical=True))
    decision = ask_with(message={"is_critical": True}, others=(first,), limits=ProgrammeLimits(apart=HOUR))
    assert decision == Wait(NOW + SECOND, "outranked")


# --- repetition ------------------------------------------------------------------------------------------------


def test_not_again_ends_to_the_instant():
    changes = {"recipient": {"attempts": (attempt(7 * DAY, "scan"),)}}
    assert ask_with(**changes) == SendNow("sms")
    assert ask_with(**changes, now=NOW - SECOND) == Final("suppressed", "repeated")


def test_an_own_attempt_or_another_piece_is_no_repetition():
    own, other = attempt(HOUR, "scan", message="m"), attempt(HOUR, "visit")
    of_other_journey = attempt(HOUR, "scan", journey="diabetes")
    assert ask_with(recipient={"attempts": (own, other, of_other_journey)}) == SendNow("sms")


# --- pause and quiet hours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_pause_holds_on_every_channel_and_suppresses_what_is_useless_after_it(channel):
    paused = {"message": {"channels": (channel,)}, "preferences": {"paused_until": NOW + DAY}}
    assert ask_with(**paused) == Wait(NOW + DAY, "paused")
    assert ask_with(**paused, now=NOW + DAY) == SendNow(channel)
    too_long = both(paused, {"message": {"useful_until": NOW + DAY}})
    assert ask_with(**too_long) == Final("suppressed", "paused")


@pytest.mark.parametrize(
    ("now", "decision"),
    [
        (at(4, 20, 59), SendNow("sms")),
        (at(4, 21), Wait(at(5, 8), "quiet_hours")),
        (at(5, 7, 59), Wait(at(5, 8), "quiet_hours")),
        (at(5, 8), SendNow("sms")),
    ],
)
def test_unless_set_a_programme_is_quiet_from_nine_to_eight(now, decision):
    assert ask(now=now) == decision


def test_quiet_hours_of_programme_and_person_add_up():
    preferences = {"quiet": QuietHours(time(7), time(10))}
    assert ask_with(preferences=preferences, now=at(4, 22)) == Wait(at(5, 10), "quiet_hours")
    narrower = {"quiet": QuietHours(time(23), time(6))}
    assert ask_with(preferences=narrower, now=at(4, 22)) == Wait(at(5, 8), "quiet_hours")


def test_quiet_hours_that_never_end_together_leave_what_does_not_interrupt():
    always = {"preferences": {"quiet": QuietHours(time(8), time(21))}, "message": {"useful_until": NOW + 900 * DAY}}
    assert ask_with(**always) == Final("suppressed", "quiet_hours")
    assert ask_with(**both(always, {"message": {"channels": ("sms", "push", "email")}})) == SendNow("email")


def test_where_quiet_hours_end_too_late_the_next_channel_goes():
    night = {"message": {"useful_until": at(5, 8), "channels": ("sms", "email")}, "now": at(4, 22)}
    assert ask_with(**night) == SendNow("email")
    assert ask_with(**both(night, {"message": {"channels": ("sms",)}})) == Final("suppressed", "quiet_hours")
    a_second_longer = both(night, {"message": {"useful_until": at(5, 8) + SECOND}})
    assert ask_with(**a_second_longer) == Wait(at(5, 8), "quiet_hours")


def test_a_channel_that_does_not_interrupt_goes_at_night():
    assert ask_with(message={"channels": ("email", "sms")}, now=at(4, 22)) == SendNow("email")


def test_the_person_chose_the_channel_that_waits():
    """E-mail could go at once, but the person wants text messages first."""
    changes = {"message": {"channels": ("email", "sms")}, "preferences": {"channels": ("sms",)}}
    assert ask_with(**changes, now=at(4, 22)) == Wait(at(5, 8), "quiet_hours")


# --- caps and gaps ---------------------------------------------------------------------------------------------


def test_a_cap_counts_its_purposes_only():
    assert ask_with(limits=ONE_A_DAY, recipient={"attempts": (attempt(HOUR, purpose="education"),)}) == SendNow("sms")
    adherence = {"attempts": (attempt(HOUR, purpose="adherence"),)}
    assert ask_with(limits=ONE_A_DAY, recipient=adherence) == Wait(at(5, 0), "day_cap")
    assert ask_with({"purpose": "education"}, limits=ONE_A_DAY, recipient=adherence) == SendNow("sms")


def test_a_week_goes_from_monday_to_sunday():
    limits = ProgrammeLimits(caps=(Cap(purposes=frozenset({"treatment"}), week=2),))
    useful = {"useful_until": NOW + 30 * DAY}
    this_week = (attempt(HOUR), attempt(2 * HOUR))
    assert ask_with(useful, {"attempts": this_week}, limits=limits) == Wait(at(11, 0), "week_cap")
    assert ask_with(useful, {"attempts": (attempt(HOUR), attempt(13 * HOUR))}, limits=limits) == SendNow("sms")


def test_a_gap_and_a_cap_end_with_the_later():
    limits = replace(ONE_A_DAY, apart=30 * HOUR)
    assert ask_with(limits=limits, recipient={"attempts": (attempt(HOUR),)}) == Wait(NOW + 29 * HOUR, "day_cap")
    gap = ProgrammeLimits(apart=2 * HOUR)
    assert ask_with(limits=gap, recipient={"attempts": (attempt(HOUR),)}) == Wait(NOW + HOUR, "apart")
    assert ask_with(limits=gap, recipient={"attempts": (attempt(2 * HOUR),)}) == SendNow("sms")


def test_a_wait_for_a_cap_ends_when_the_message_is_useless():
    changes = {"message": {"useful_until": NOW + HOUR}, "recipient": {"attempts": (attempt(HOUR),)}}
    assert ask_with(**changes, limits=ONE_A_DAY) == Wait(NOW + HOUR, "day_cap")
    assert ask_with(**changes, limits=ONE_A_DAY, now=NOW + HOUR) == Final("expired", "too_late")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_cap_lasts_as_long_as_the_day(day, hours):
    midnight = datetime.fromisoformat(day).replace(tzinfo=MADRID).astimezone(UTC)
    sent = Attempt("earlier", "lung", "other", "treatment", midnight)
    message = {"channels": ("email",), "due": midnight, "useful_until": midnight + 3 * DAY}
    decision = ask_with(message, {"attempts": (sent,)}, limits=ONE_A_DAY, now=midnight + HOUR)
    assert decision == Wait(midnight + hours * HOUR, "day_cap")


def test_after_a_move_from_tokyo_to_honolulu_attempts_count_by_the_calendar_of_honolulu():
    """What was sent on Tuesday morning in Tokyo was sent on Monday in Honolulu."""
    tokyo, honolulu = ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Honolulu")
    sent = Attempt("earlier", "lung", "other", "treatment", datetime(2026, 5, 5, 9, tzinfo=tokyo).astimezone(UTC))
    now = datetime(2026, 5, 6, 8, tzinfo=tokyo).astimezone(UTC)  # 13:00 on Tuesday in Honolulu
    limits = ProgrammeLimits(caps=(Cap(purposes=frozenset({"treatment"}), day=1),))
    assert ask_with(recipient={"zone": tokyo, "attempts": (sent,)}, now=now, limits=limits) == SendNow("sms")
    assert ask_with(recipient={"zone": honolulu, "attempts": (sent,)}, now=now, limits=limits) == SendNow("sms")
    soon = sent.at + 9 * HOUR  # 18:00 on Tuesday in Tokyo, 23:00 on Monday in Honolulu
    mail = {"channels": ("email",)}
    for zone, day in ((tokyo, 6), (honolulu, 5)):
        decision = ask_with(mail, {"zone": zone, "attempts": (sent,)}, now=soon, limits=limits)
        assert decision == Wait(datetime(2026, 5, day, tzinfo=zone).astimezone(UTC), "day_cap")


def test_without_a_zone_days_are_those_of_utc():
    recipient = {"zone": None, "attempts": (attempt(HOUR),)}
    decision = ask_with({"channels": ("email",)}, recipient, limits=ONE_A_DAY)
    assert decision == Wait(datetime(2026, 5, 5, tzinfo=UTC), "day_cap")


# --- the order among messages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "goes_first"),
    [
        ({"is_critical": True, "useful_until": NOW + 9 * DAY}, True),
        ({"useful_until": TEXT.useful_until - SECOND, "due": NOW}, True),
        ({"useful_until": TEXT.useful_until + SECOND, "due": NOW - DAY}, False),
        ({"due": TEXT.due - SECOND, "order": 5}, True),
        ({"due": TEXT.due + SECOND, "order": -5}, False),
        ({"order": -1, "id": "z"}, True),
        ({"order": 1, "id": "a"}, False),
        ({"piece": "a", "id": "z"}, True),
        ({"piece": "z", "id": "a"}, False),
        ({"id": "a"}, True),
        ({"id": "z"}, False),
    ],
)
def test_critical_then_soonest_useless_then_soonest_due_then_order_then_piece_then_id(change, goes_first):
    other = Situation(message=replace(TEXT, **{"id": "other"} | change))
    assert ask(others=(other,)) == (Wait(NOW + SECOND, "outranked") if goes_first else SendNow("sms"))


@pytest.mark.parametrize(
    "rival",
    [
        Situation(message=replace(RIVAL, due=NOW + SECOND)),
        Situation(message=RIVAL, is_approved=False),
        Situation(message=RIVAL, limits=ProgrammeLimits(quiet=NOON)),
        Situation(message=replace(RIVAL, purpose="marketing")),
    ],
    ids=["not due", "not approved", "quiet hours of its programme", "not permitted"],
)
def test_a_message_that_cannot_go_now_stops_no_other(rival):
    assert ask(others=(rival,)) == SendNow("sms")


def test_behind_another_message_it_waits_until_the_gap_after_that_is_over():
    limits = ProgrammeLimits(apart=2 * HOUR)
    assert ask(others=(Situation(message=RIVAL),), limits=limits) == Wait(NOW + 2 * HOUR, "outranked")


# --- values that are refused -----------------------------------------------------------------------------------


def test_a_message_without_channels_and_a_cap_below_one_are_refused():
    with pytest.raises(ValueError, match="at least one channel"):
        replace(TEXT, channels=())
    with pytest.raises(ValueError, match="1 or more"):
        Cap(purposes=frozenset({"treatment"}), week=0)


def test_every_reason_has_words():
    reasons = {reason for union in (WaitReason, FinalReason) for part in get_args(union) for reason in literals(part)}
    assert set(GATE_REASONS) == reasons


def literals(part):
    return [part] if isinstance(part, str) else [text for each in get_args(part) for text in literals(each)]
