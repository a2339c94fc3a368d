"""The limits that a programme declares hold for every message to its patients, in a story as in the service."""

from datetime import datetime, timedelta

import pytest

from journeys.authoring.stories import Stage, play, read_story
from service.cli.files import Files
from service.demo.reviewers import publish_signed
from tests.service.outreach.people_reached import Reaching

JOURNEY = """
journey: daily
title: {en: Day by day}
locales: [en]
ends:
  left: {by: [patient, staff], title: {en: Left}}
entry:
  begin: {title: {en: Begin}, state: course.going_on}
tracks:
  course:
    initial: going_on
    states:
      going_on:
        title: {en: Going on}
        no_content: only reminders
        after: [{delay: PT1H, remind: first}, {delay: PT2H, remind: second}]
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


@pytest.fixture
def files(tmp_path) -> Files:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions/daily.yaml").write_text(JOURNEY)
    (tmp_path / "definitions/daily.programmes.yaml").write_text(PROGRAMMES)
    for name in ("first", "second"):
        folder = tmp_path / "content/daily/course/going_on" / name
        folder.mkdir(parents=True)
        (folder / "piece.yaml").write_text("purpose: adherence\nreminder: true\nuseful_for: P3D\nchannels: [sms]\n")
        (folder / "en.md").write_text(TEXT)
    return Files(tmp_path / "definitions", tmp_path / "content")


@pytest.fixture
def reaching(clinic, files) -> Reaching:
    done = publish_signed(clinic.service, files.definitions, files.content)
    assert done.is_done, [str(problem) for problem in done.problems]
    reaching = Reaching(clinic)
    reaching.outbox.channels["sms"] = reaching.outbox.channels["email"]
    return reaching


@pytest.mark.parametrize(("programme", "hours"), HOURS.items())
def test_the_limits_of_its_programme_hold_a_message_back(reaching, programme, hours):
    clinic = reaching.clinic
    clinic.clock.set(START.isoformat())
    enrollment = clinic.enroll(
        journey="daily", programme=programme, facts={}, at={"entry": "begin", "occurred_at": START.isoformat()}
    )
    own = clinic.token_of_patient("p1")
    assert clinic.post("/v1/me/contacts", own, {"channel": "sms", "address": "+15055550143"}).status == 200
    reaching.record(enrollment, "grant")
    sent = []
    for hour in range(30):
        before = len(reaching.mail.got)
        reaching.work()
        sent += [hour] * (len(reaching.mail.got) - before)
        clinic.clock.set((START + timedelta(hours=hour + 1)).isoformat())
    assert sent == hours


@pytest.mark.parametrize(("programme", "hours"), HOURS.items())
def test_a_story_plays_messages_under_the_limits_of_its_programme(files, programme, hours):
    story, problems = read_story(STORY.encode(), "story.yaml")
    assert problems == []
    result = play(story, Stage(*files.load("daily", programme)))
    assert result.problems == ()
    assert [(message.at - START) / timedelta(hours=1) for message in result.messages] == hours
    assert {message.status for message in result.messages} == {"sent"}
