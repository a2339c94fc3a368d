"""Pieces that are sent by themselves: on which occasion, when, and that no late event sends them twice."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.engine.state import Ended
from journeys.outreach.occasions import EarlierMessage, ToldJourney, lapse_of, new_occasions, occasions_of
from tests.engine.conftest import bench_of, day
from tests.outreach.zones import MINUTE, ZONES, changes
from tests.samples.sample import made_piece, plan, view

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JOINED = datetime(2026, 1, 1, 8, tzinfo=UTC)
MADRID = ZoneInfo("Europe/Madrid")
NEW_YORK = ZoneInfo("America/New_York")
ON_ENTRY = "{on: entry}"


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def piece(send=ON_ENTRY, *, key="made-up", states="care.follow_up.waiting", more=""):
    shared = f"purpose: education\nsend: {send}\nshow_in: [{states}]\n{more}"
    return replace(made_piece("Text.\n", shared=shared), key=key)


def told(seen, *pieces, **parts):
    catalogue = Catalogue(plan(), {piece.key: piece for piece in pieces})
    return ToldJourney(**{"enrollment": "e", "joined_at": JOINED, "view": seen, "catalogue": catalogue, **parts})


def dues(*args, **parts):
    return [occasion.due for occasion in occasions_of(told(*args, **parts))]


def message_of(occasion, **parts):
    return EarlierMessage(occasion=occasion.id, piece=occasion.piece, due=occasion.due, **parts)


@pytest.mark.parametrize(
    ("send", "zone", "entered", "due"),
    [
        ("{on: entry}", MADRID, "2026-01-10T07:30", "2026-01-10T07:30"),
        ("{on: entry, delay: P1D}", MADRID, "2026-01-10T07:30", "2026-01-11T07:30"),
        ('{on: entry, at: "09:00"}', MADRID, "2026-01-10T07:59", "2026-01-10T08:00"),
        ('{on: entry, at: "09:00"}', MADRID, "2026-01-10T08:00", "2026-01-10T08:00"),
        ('{on: entry, at: "09:00"}', MADRID, "2026-01-10T08:01", "2026-01-11T08:00"),
        ('{on: entry, delay: PT20H, at: "09:00"}', MADRID, "2026-01-10T14:00", "2026-01-12T08:00"),
        ('{on: entry, at: "09:00"}', None, "2026-01-10T07:30", "2026-01-10T07:30"),
        ('{on: entry, at: "02:30"}', NEW_YORK, "2026-03-08T05:00", "2026-03-08T07:00"),  # the clock skips 02:30
        ('{on: entry, at: "01:30"}', NEW_YORK, "2026-11-01T04:00", "2026-11-01T05:30"),  # 01:30 comes twice
        ('{on: entry, at: "01:30"}', NEW_YORK, "2026-11-01T05:31", "2026-11-02T06:30"),
    ],
)
def test_the_delay_is_added_and_then_comes_the_time_of_day(send, zone, entered, due):
    assert dues(view(since=utc(entered)), piece(send), zone=zone) == [utc(due)]


def minute_hand(start, zone):
    """Return each minute of nine days with what a clock on the wall shows."""
    minutes = (start + number * MINUTE for number in range(9 * 24 * 60))
    return [(minute, minute.astimezone(zone).replace(tzinfo=None)) for minute in minutes]


def reached(at, of_day, clock):
    """Return the first minute, not before an instant, at which a clock reaches a time of day; minute by minute."""
    day = next(wall for minute, wall in clock if minute == at).date()
    while True:
        target = datetime.combine(day, of_day)
        minute = next(minute for minute, wall in clock if wall >= target)
        if minute >= at:
            return minute
        day += DAY


@pytest.mark.parametrize("zone", ZONES)
def test_the_time_of_day_is_reached_as_by_a_minute_hand(zone):
    zone_info = ZoneInfo(zone)
    for change in changes(zone):
        clock = minute_hand(change - 4 * DAY, zone_info)
        for hours, text in [(0, "00:00"), (-9, "01:30"), (-2, "02:15"), (5, "09:00"), (-16, "23:45")]:
            entered = change + hours * HOUR + 11 * MINUTE
            found = dues(
                view(since=entered), piece(f'{{on: entry, at: "{text}"}}'), zone=zone_info, joined_at=utc("2010-01-01")
            )
            assert found == [reached(entered, time.fromisoformat(text), clock)], (change, text)


def test_it_is_useful_for_three_days_unless_the_piece_says_otherwise():
    (default,) = occasions_of(told(view(), piece()))
    (short,) = occasions_of(told(view(), piece(more="useful_for: PT6H\n")))
    assert default.useful_until - default.due == 3 * DAY
    assert short.useful_until - short.due == 6 * HOUR


def with_stay(seen, path, **parts):
    stays = [stay._replace(**parts) if stay.state == path else stay for stay in seen.tracks["care"]]
    return replace(seen, tracks={**seen.tracks, "care": tuple(stays)})


@pytest.mark.parametrize(
    ("zone", "due"),
    [(None, "2026-01-10"), (NEW_YORK, "2026-01-10T05:00"), (ZoneInfo("Pacific/Kiritimati"), "2026-01-09T10:00")],
)
def test_an_entry_known_by_its_day_begins_with_that_day_where_the_person_lives(zone, due):
    assert dues(with_stay(view(), "follow_up.waiting", day=True), piece(), zone=zone) == [utc(due)]


@pytest.mark.parametrize(
    ("entered", "is_day", "sends"),
    [
        (JOINED, False, True),
        (JOINED - MINUTE, False, False),
        (utc("2026-01-01"), True, True),
        (utc("2025-12-31"), True, False),
    ],
)
def test_what_was_entered_before_joining_sends_nothing(entered, is_day, sends):
    seen = with_stay(view(), "follow_up.waiting", since=entered, day=is_day)
    assert bool(occasions_of(told(seen, piece()))) is sends


def test_it_counts_from_the_first_entry_among_the_states_that_show_it():
    seen = with_stay(view(), "follow_up", since=utc("2026-01-05"))
    both = piece(states="care.follow_up, care.follow_up.waiting")
    (occasion,) = occasions_of(told(seen, both))
    assert (occasion.due, occasion.state) == (utc("2026-01-05"), "care.follow_up")
    assert dues(view(), both) == []  # shown since before joining


def test_a_piece_of_a_whole_track_counts_from_joining():
    assert dues(view(), piece(states="support")) == [JOINED]


def test_after_another_piece_it_counts_from_each_sending():
    first, second = utc("2026-01-11T10:00"), utc("2026-02-11T10:00")
    messages = tuple(
        EarlierMessage(occasion=id, piece=key, due=JOINED, sent_at=sent_at, is_settled=True)
        for id, key, sent_at in [
            ("1", "plan", first),
            ("2", "plan", None),
            ("3", "other", first),
            ("4", "plan", second),
        ]
    )
    pieces = piece(key="plan"), piece("{after: plan, delay: P2D}")
    found = [
        occasion for occasion in occasions_of(told(view(), *pieces, messages=messages)) if occasion.piece != "plan"
    ]
    assert [occasion.due for occasion in found] == [first + 2 * DAY, second + 2 * DAY]
    assert len({occasion.id for occasion in found}) == 2


@pytest.mark.parametrize(
    "seen",
    [view("follow_up.due"), replace(view(), ended=Ended("left", "2026-01-11", "event"))],
    ids=["no state shows it", "the enrollment ended"],
)
def test_nothing_is_sent_that_is_not_shown(seen):
    assert occasions_of(told(seen, piece(), piece("{after: plan}", key="other"))) == []


def test_a_message_is_made_once_and_never_of_what_is_of_no_use_any_more():
    last_minute = utc("2026-01-13") - MINUTE
    (occasion,) = new_occasions(told(view(), piece()), last_minute)
    assert new_occasions(told(view(), piece(), messages=(message_of(occasion),)), last_minute) == []
    assert new_occasions(told(view(), piece()), occasion.useful_until) == []


@pytest.mark.parametrize(
    ("seen", "now_sends", "lapse"),
    [
        (view(operable=True), piece(more="when: operable\n"), None),
        (view(operable=False), piece(more="when: operable\n"), "condition"),
        (view(), piece(more="when: operable\n"), "condition"),
        (view("follow_up.due", operable=True), piece(more="when: operable\n"), "left"),
        (view(since=utc("2026-01-12"), operable=True), piece(more="when: operable\n"), "left"),
        (view(), replace(piece(), send=None), "recalled"),
    ],
)
def test_a_message_lapses_with_its_occasion_its_condition_and_its_piece(seen, now_sends, lapse):
    (occasion,) = occasions_of(told(view(), piece()))
    assert lapse_of(told(seen, now_sends), message_of(occasion), utc("2026-01-20")) == lapse


def test_a_message_of_a_piece_that_is_not_in_force_waits_for_its_approval():
    (occasion,) = occasions_of(told(view(), piece()))
    assert lapse_of(told(view()), message_of(occasion), utc("2026-01-20")) is None


@pytest.mark.parametrize("moved", ["2026-01-09", "2026-01-10", "2026-01-12T12:00"])
@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "suppressed"])
def test_a_late_event_that_moves_the_entry_sends_nothing_again(moved, is_sent):
    sent_at = utc("2026-01-12T12:00")
    (occasion,) = occasions_of(told(view(), piece('{on: entry, delay: P2D, at: "12:00"}'), zone=UTC))
    message = message_of(occasion, sent_at=sent_at if is_sent else None, is_settled=True)
    later = told(view(since=utc(moved)), piece('{on: entry, delay: P2D, at: "12:00"}'), zone=UTC, messages=(message,))
    assert [occasion.id for occasion in occasions_of(later)] == [message.occasion]
    assert new_occasions(later, sent_at) == []


def test_who_enters_again_afterwards_has_another_occasion():
    (occasion,) = occasions_of(told(view(), piece()))
    sent = message_of(occasion, sent_at=occasion.due, is_settled=True)
    again = told(view(since=occasion.due + MINUTE), piece(), messages=(sent,))
    assert [occasion.id for occasion in new_occasions(again, utc("2026-01-11"))] != [sent.occasion]


# --- with the engine ------------------------------------------------------------------------------------------

TRACKS = """
triggers:
  began: {{title: {{en: Began}}, by: [staff]}}
  discussed: {{title: {{en: Discussed}}, by: [staff]}}
tracks:
  care:
    initial: before
    states:
      before:
        title: {{en: Before}}
        on: {{began: treatment}}
      treatment:
        title: {{en: Treatment}}
        {}
"""


def told_by(bench, *states, messages=()):
    source = PieceSource(
        "news",
        "/".join(states[0].split(".")) + "/news",
        {
            "piece.yaml": f"purpose: education\nsend: {{on: entry}}\nshow_in: [{', '.join(states)}]\n".encode(),
            "en.md": b"---\ntitle: A title\nsummary: A summary.\n---\nText.\n",
        },
    )
    news, problems = read_piece(source, bench.release.plan)
    assert problems == []
    return ToldJourney(
        enrollment=bench.enrollment.id,
        joined_at=bench.log[0].at,
        view=bench.enrollment.view,
        catalogue=Catalogue(bench.release.plan, {"news": news}),
        messages=messages,
    )


def test_a_late_event_that_renames_the_stay_keeps_the_occasion():
    bench = bench_of(TRACKS.format(""))
    bench.enroll("2026-01-01", entry=None)
    bench.report("began", "2026-01-10")
    (occasion,) = occasions_of(told_by(bench, "care.treatment"))
    stay = bench.enrollment.view.tracks["care"][-1]
    sent = message_of(occasion, sent_at=day("2026-01-10T12:00"), is_settled=True)
    bench.report("began", "2026-01-09", arrives="2026-01-11")
    renamed = bench.enrollment.view.tracks["care"][-1]
    assert (renamed.id != stay.id, renamed.since) == (True, day("2026-01-09"))
    assert [occasion.id for occasion in occasions_of(told_by(bench, "care.treatment", messages=(sent,)))] == [
        sent.occasion
    ]


def test_what_is_held_sends_nothing_before_the_telling_and_nothing_old_after_it():
    bench = bench_of(TRACKS.format("hold_until: discussed"))
    bench.enroll("2026-01-01", entry=None)
    bench.report("began", "2026-01-05")
    assert bench.states["care"] == "treatment"
    assert occasions_of(told_by(bench, "care.treatment")) == []
    bench.report("discussed", "2026-02-16")
    (occasion,) = occasions_of(told_by(bench, "care.treatment"))
    assert occasion.due == day("2026-01-05")
    assert new_occasions(told_by(bench, "care.treatment"), day("2026-02-16")) == []


# --- random told views ----------------------------------------------------------------------------------------

DELAY, USEFUL, TICKS = 4, 6, 80
RUNS = st.lists(st.tuples(st.integers(1, 12), st.none() | st.integers(0, 20)), min_size=1, max_size=12)
#: For so many hours the patient is told to be in the state since so many hours before, or not to be in it (None).
SENT = piece(f"{{on: entry, delay: PT{DELAY}H}}", more=f"useful_for: PT{USEFUL}H\nwhen: operable\n")


def hour(number):
    return JOINED + number * HOUR


def entries_of(runs):
    """Return, by hour, since when the patient is told to be in the state; None: the patient is not in it."""
    entries = []
    for length, back in runs:
        entries += [None if back is None else len(entries) - back] * length
    return entries[:TICKS]


def play(entries, is_operable, may_go):
    """Return the hours of the sendings: each hour messages are made, and those that are due are asked for."""
    messages, sent = {}, []
    for now, since in enumerate(entries):
        seen = view("follow_up.due") if since is None else view(since=hour(since), operable=is_operable(now))
        journey = told(seen, SENT, messages=tuple(message for message, _ in messages.values()))
        for occasion in new_occasions(journey, hour(now)):
            assert occasion.id not in messages
            messages[occasion.id] = message_of(occasion), occasion.useful_until
        for id, (message, useful_until) in list(messages.items()):
            if message.is_settled or message.due > hour(now) or useful_until is None:
                continue
            journey = replace(journey, messages=tuple(message for message, _ in messages.values()))
            lapse = lapse_of(journey, message, hour(now))
            if lapse == "left":
                messages[id] = message, None
            elif lapse is not None or hour(now) >= useful_until:
                messages[id] = replace(message, is_settled=True), None
            elif may_go(now):
                messages[id] = replace(message, is_settled=True, sent_at=hour(now)), None
                sent.append(now)
    return sent


def expected_of(entries):
    """Return the hours of the sendings where nothing holds a message back."""
    sent = []
    for now, since in enumerate(entries):
        is_first_hour = since is not None and (now == 0 or entries[now - 1] != since or now == since + DELAY)
        if is_first_hour and since >= 0 and since + DELAY <= now < since + DELAY + USEFUL:
            sent += [now] if all(earlier < since for earlier in sent) else []
    return sent


@given(RUNS)
def test_each_entry_sends_once_while_it_is_of_use(runs):
    entries = entries_of(runs)
    runs_of_entry = [since for now, since in enumerate(entries) if now == 0 or entries[now - 1] != since]
    for since in {since for since in runs_of_entry if since is not None and runs_of_entry.count(since) > 1}:
        entries = [None if entry == since else entry for entry in entries]  # who is back as before has no new occasion
    assert play(entries, lambda now: True, lambda now: True) == expected_of(entries)


@given(RUNS, st.sets(st.integers(0, TICKS)), st.sets(st.integers(0, TICKS)))
def test_nothing_is_sent_twice_in_a_stay_and_nothing_that_is_not_justified(runs, false, waits):
    entries = entries_of(runs)
    sent = play(entries, lambda now: now not in false, lambda now: now not in waits)
    for now in sent:
        since = entries[now]
        assert since is not None
        assert since >= 0
        assert now not in false | waits
        assert since + DELAY <= now < since + DELAY + USEFUL
        assert not [earlier for earlier in sent if since <= earlier < now]
