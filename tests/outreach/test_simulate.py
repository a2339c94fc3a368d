"""A simulation of messages: when the gate lets each leave, in which words, and why others do not."""

import pytest

from journeys.authoring.stories import Stage, play, read_story
from journeys.engine import Event
from journeys.outreach.occasions import ToldJourney
from journeys.outreach.simulate import simulate
from tests.stories.playing import SHIPPED, catalogue_of, load, played

STORY = """\
story: A scan that is due
journey: nsclc
{person}
steps:
  - on: 2026-01-15
    enroll: {{entry: in_follow_up, facts: {{treatment_ended_on: 2025-11-20, last_scan_on: 2026-01-10}}}}
{steps}  - on: {end}
"""
BOOKED = "  - on: 2026-07-24T05:00:00Z\n    report: scan_booked\n    facts: {scan_booked_for: 2026-09-02}\n"
LEFT = "  - on: 2026-07-24T05:00:00Z\n    report: left\n    by: patient\n"
CHICAGO = "zone: America/Chicago"


def messages(person="", steps="", end="2026-08-01"):
    """The messages of a patient whose scan is due since 10 July and not booked on 24 July, 00:00 UTC."""
    text = STORY.format(person=f"person: {{{person}}}" if person else "", steps=steps, end=end)
    story, problems = read_story(text.encode(), "story.yaml")
    assert problems == []
    result = play(story, Stage(*load(SHIPPED, "nsclc")))
    assert result.problems == ()
    return tuple(message for message in result.messages if message.piece == "scan-reminder")


@pytest.mark.parametrize(
    ("person", "channel", "local"),
    [
        ("", "push", "2026-07-24T08:00:00+00:00"),
        (CHICAGO, "push", "2026-07-23T19:00:00-05:00"),
        (f"{CHICAGO}, channels: [sms], quiet: '18:00-09:00'", "sms", "2026-07-24T09:00:00-05:00"),
        (f"{CHICAGO}, allows: email, quiet: '18:00-09:00'", "email", "2026-07-23T19:00:00-05:00"),
        ("zone: unknown", "email", "2026-07-24T00:00:00+00:00"),
    ],
)
def test_a_message_leaves_by_the_first_channel_at_the_first_hour_that_the_person_wants(person, channel, local):
    (message,) = messages(person)
    assert (message.piece, message.status, message.reason) == ("scan-reminder", "sent", None)
    assert (message.channel, message.local.isoformat()) == (channel, local)
    assert message.at == message.local


@pytest.mark.parametrize(
    ("person", "steps", "status", "reason"),
    [
        ("allows: []", "", "suppressed", "no_permission"),
        ("zone: unknown, allows: [sms, push]", "", "suppressed", "zone_unknown"),
        ("", BOOKED, "cleared", "left"),
        ("", LEFT, "cleared", "ended"),
    ],
)
def test_a_message_that_may_not_leave_says_why(person, steps, status, reason):
    (message,) = messages(person, steps)
    assert (message.status, message.reason) == (status, reason)
    assert (message.channel, message.frame, message.line) == (None, None, "")


def test_a_message_that_waits_at_the_end_says_until_when():
    (message,) = messages(end="2026-07-24T07:59:00Z")
    assert (message.status, message.reason, message.local.isoformat()) == (
        "waiting",
        "quiet_hours",
        "2026-07-24T08:00:00+00:00",
    )
    (message,) = messages(end="2026-07-24T08:00:00Z")
    assert message.status == "sent"


def test_a_person_who_joins_long_after_the_date_of_a_reminder_gets_none():
    late = STORY.replace("on: 2026-01-15", "on: 2026-08-05")
    story, _ = read_story(late.format(person="", steps="", end="2026-08-08").encode(), "story.yaml")
    result = play(story, Stage(*load(SHIPPED, "nsclc")))
    sent = [message.piece for message in result.messages if message.status == "sent"]
    assert "scan-reminder" not in sent


@pytest.mark.parametrize(
    ("channels", "frame", "line"),
    [
        ("push", None, "A short reminder is waiting for you"),
        (
            "sms",
            "frame-of-sms",
            "Care guide: A reminder from your care guide: there is one thing to do. Open your app to see it. "
            "Reply STOP to end.",
        ),
        ("email", "frame-of-email", "A short reminder from your care guide"),
    ],
)
def test_a_message_shows_what_a_locked_screen_shows_of_it(channels, frame, line):
    (message,) = messages(f"{CHICAGO}, channels: {channels}")
    assert (message.frame, message.line) == (frame, line)


@pytest.mark.parametrize(
    "name", ["nsclc/12-moved-to-the-next-release", "nsclc/24-scan-overdue", "diabetes/15-overdue-visit"]
)
def test_the_steps_of_a_story_change_nothing_in_its_messages(name):
    """A story that asks the gate step by step, and a simulation of its told views at once."""
    result = played(name)
    joined_at = next(entry.at for entry in result.log if isinstance(entry, Event))
    views = [
        (
            line.at,
            ToldJourney(
                enrollment=result.enrollment.id,
                joined_at=joined_at,
                view=line.view,
                catalogue=catalogue_of(name, line.view.release),
            ),
        )
        for line in result.lines
    ]
    last = result.lines[-1].at
    at_once = simulate(views, result.story.recipient, result.story.locale, last)
    decided = [message for message in result.messages if message.status != "waiting" and message.at <= last]
    assert decided == [message for message in at_once if message.status != "waiting"]
