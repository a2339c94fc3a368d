"""The limits that a programme declares hold for every message to its patients, in a story as in the service."""

from datetime import datetime, timedelta

import pytest

from journeys.authoring.stories import Stage, play, read_story
from service.cli.files import Files
from service.demo.reviewers import publish_signed
from tests.service.outreach.people_reached import Reaching

JOURNEY = """
journey: {journey}
title: {{en: Day by day}}
locales: [en]
ends:
  left: {{by: [patient, staff], title: {{en: Left}}}}
entry:
  begin: {{title: {{en: Begin}}, state: course.going_on}}
tracks:
  course:
    initial: going_on
    states:
      going_on:
        title: {{en: Going on}}
        no_content: only reminders
        after: [{{delay: PT1H, remind: {first}}}, {{delay: PT2H, remind: {second}}}]
"""
PROGRAMMES = """
programmes:
  free: {title: {en: Free}}
  slow: {title: {en: Slow}, messages: {apart: PT4H}}
  capped: {title: {en: Capped}, messages: {caps: [{purposes: adherence, day: 1}]}}
  other: {title: {en: Other}, messages: {caps: [{purposes: education, day: 1}]}}
  quiet: {title: {en: Quiet}, messages: {quiet: ["19:00", "13:00"]}}
"""
TEXT = "---\ntitle: A reminder\nsummary: Please do it.\ntext: Please do it.\n---\nPlease do it **today**.\n"
START = datetime.fromisoformat("2026-07-01T09:00:00+00:00")
#: 11:00 in Madrid.
STORY = """\
story: Two reminders
journey: daily
person: {zone: Europe/Madrid, channels: [sms]}
steps:
  - on: 2026-07-01T09:00:00Z
    enroll: {entry: begin}
  - wait: PT30H
"""
HOURS = {
    "free": [1, 2],
    "slow": [1, 5],
    "capped": [1, 21],  # the next day is allowed from 08:00 on, when quiet hours end
    "other": [1, 2],
    "quiet": [2, 2],
}


def write_journey(folder, journey, *reminders):
    """Writes a journey with its own two reminders, an hour and two hours after it begins."""
    first, second = reminders
    definition = JOURNEY.format(journey=journey, first=first, second=second)
    (folder / f"definitions/{journey}.yaml").write_text(definition)
    (folder / f"definitions/{journey}.programmes.yaml").write_text(PROGRAMMES)
    for name in reminders:
        piece = folder / f"content/{journey}/course/going_on" / name
        piece.mkdir(parents=True)
        (piece / "piece.yaml").write_text("purpose: adherence\nreminder: true\nuseful_for: P3D\nchannels: [sms]\n")
        (piece / "en.md").write_text(TEXT)


@pytest.fixture
def files(tmp_path) -> Files:
    (tmp_path / "definitions").mkdir()
    write_journey(tmp_path, "daily", "first", "second")
    return Files(tmp_path / "definitions", tmp_path / "content")


def reachable(clinic, files) -> Reaching:
    """The clinic with the journeys published, and text messages that go where e-mails go."""
    done = publish_signed(clinic.service, files.definitions, files.content)
    assert done.is_done, [str(problem) for problem in done.problems]
    reaching = Reaching(clinic)
    reaching.outbox.channels["sms"] = reaching.outbox.channels["email"]
    return reaching


def hours_of_messages(reaching, *joinings):
    """The hours after START at which messages leave to a patient who joins journeys, each in a programme."""
    clinic = reaching.clinic
    clinic.clock.set(START.isoformat())
    for number, (journey, programme, joined_at) in enumerate(joinings):
        at = {"entry": "begin", "occurred_at": joined_at.isoformat()}
        enrollment = clinic.enroll(key=f"enrollment-{number}", journey=journey, programme=programme, facts={}, at=at)
    own = clinic.token_of_patient("p1")
    assert clinic.post("/v1/me/contacts", own, {"channel": "sms", "address": "+15055550143"}).status == 200
    reaching.record(enrollment, "grant")
    sent = []
    for hour in range(30):
        before = len(reaching.mail.got)
        for _ in range(2):  # of two messages, the second leaves a second later
            reaching.work()
            clinic.clock.pass_by(seconds=1)
        sent += [hour] * (len(reaching.mail.got) - before)
        clinic.clock.set((START + timedelta(hours=hour + 1)).isoformat())
    return sent


@pytest.mark.parametrize(("programme", "hours"), HOURS.items())
def test_the_limits_of_its_programme_hold_a_message_back(files, clinic, programme, hours):
    assert hours_of_messages(reachable(clinic, files), ("daily", programme, START)) == hours


@pytest.mark.parametrize(
    ("earlier", "later", "hours"),
    [
        ("free", "free", [1, 1, 2, 2]),
        ("free", "capped", [1, 2, 21]),
        ("capped", "capped", [1, 21]),
        ("other", "capped", [1, 2, 21]),
        ("free", "slow", [1, 2, 6, 21]),
        ("slow", "slow", [1, 5, 9, 21]),
    ],
)
def test_the_limits_count_the_messages_of_every_journey_of_a_person(files, clinic, earlier, later, hours):
    """A patient is in two journeys; `evening` began half an hour before `daily`."""
    write_journey(files.definitions.parent, "evening", "third", "fourth")
    joinings = [("evening", earlier, START - timedelta(minutes=30)), ("daily", later, START)]
    assert hours_of_messages(reachable(clinic, files), *joinings) == hours


@pytest.mark.parametrize(("journey", "hours"), [("evening", [1, 1, 2, 2]), ("daily", [1, 2])])
def test_a_piece_is_sent_again_too_soon_only_by_another_journey(files, clinic, journey, hours):
    """A patient joins twice; the reminders of `evening` and `daily` have the same keys."""
    write_journey(files.definitions.parent, "evening", "first", "second")
    joinings = [(journey, "free", START - timedelta(minutes=30)), ("daily", "free", START)]
    assert hours_of_messages(reachable(clinic, files), *joinings) == hours


@pytest.mark.parametrize(("programme", "hours"), HOURS.items())
def test_a_story_plays_messages_under_the_limits_of_its_programme(files, programme, hours):
    story, problems = read_story(STORY.encode(), "story.yaml")
    assert problems == []
    result = play(story, Stage(*files.load("daily", programme)))
    assert result.problems == ()
    assert [(message.at - START) / timedelta(hours=1) for message in result.messages] == hours
    assert {message.status for message in result.messages} == {"sent"}
