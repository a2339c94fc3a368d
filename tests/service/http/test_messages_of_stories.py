"""The messages that a story plays are those that the service sends: the same instants, channels, states and reasons."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from journeys.authoring.stories import Stage, play, read_story
from journeys.outreach.preferences import Preferences
from service.outreach.explain import explained
from service.outreach.outbox import ChannelSetup
from tests.folders import ROOT
from tests.service.http.test_stories_over_http import Playing, hospital
from tests.service.outreach.people_reached import Provider, Reaching
from tests.stories.playing import SHIPPED, load

__all__ = ["hospital"]

PUSH = {"endpoint": "https://push.example.org/p1", "keys": {"p256dh": "a", "auth": "b"}}
MADRID = ZoneInfo("Europe/Madrid")  # where the patients of these tests live


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("nsclc/24-scan-overdue", None),
        ("diabetes/15-overdue-visit", 5),  # three reminders of one hour, of which the programme allows one a day
        ("nsclc/39-a-scan-in-treatment-is-not-clear", None),
        ("nsclc/57-death-at-home", None),
    ],
)
def test_a_story_and_the_service_send_the_same_messages(hospital, name, steps):
    path = ROOT / f"tests/stories/{name}.yaml"
    story, _ = read_story(path.read_bytes(), path.name)
    recipient = replace(story.recipient, zone=MADRID, reachable=frozenset({"push"}), preferences=Preferences())
    story = replace(story, recipient=recipient, steps=story.steps[:steps])
    result = play(story, Stage(*load(SHIPPED, story.journey)))
    assert result.problems == ()
    simulated = [
        (message.piece, message.status, message.reason, message.channel, message.at)
        for message in sorted(result.messages, key=lambda message: (message.due, message.piece))
    ]
    assert simulated != []

    reaching = Reaching(hospital)
    reaching.outbox = replace(reaching.outbox, channels={"push": ChannelSetup(Provider())})
    playing = Playing(hospital, story)
    instants = sorted({line.at for line in result.lines} | {message.at for message in result.messages})
    for number, step in enumerate(story.steps):
        before = hospital.clock.now
        playing.set_clock(step)
        target = hospital.clock.now
        for instant in (instant for instant in instants if playing.enrollment and before < instant < target):
            hospital.clock.now = instant
            reaching.work()
        hospital.clock.now = target
        reaching.work()
        if step.action:
            playing.do(number, step)
        if number == 0:
            hospital.post("/v1/me/contacts", hospital.token_of_patient("p1"), {"channel": "push", "address": PUSH})
            reaching.record(playing.enrollment, "grant")
        reaching.work()
    with hospital.service.database.reading() as connection:
        messages = explained(connection, playing.enrollment)
    patient = hospital.read(playing.enrollment, hospital.staff)["patient"]["person"]
    assert [
        (each.message.piece, each.message.status, each.message.reason, each.channel, each.at)
        for each in sorted(messages, key=lambda each: (each.message.due, each.message.piece))
        if each.message.person == patient  # and not of a caregiver, whom the story has too
    ] == simulated
