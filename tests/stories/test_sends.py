"""Stories show the messages that pieces send by themselves: due, still justified, and once."""

from dataclasses import replace

import pytest

from journeys.authoring.stories import Stage, play, read_story, transcript
from journeys.content.catalogue import Catalogue, Send
from journeys.definition.model import Titles
from journeys.primitives.durations import parse_duration
from tests.stories.playing import SAMPLE, load

HEAD = """\
story: Messages
journey: follow_up
steps:
  - on: 2026-01-20
    enroll: {entry: in_follow_up, facts: {last_scan_on: 2026-01-15}}
"""
SCANNED = "  - on: 2026-07-20\n    report: scan_done\n    facts: {last_scan_on: 2026-07-20}\n"
RESULT = "  - on: 2026-07-%s\n    report: scan_result_reported\n    facts: {scan_result: %s}\n"


def sent(steps, **sends):
    """Return the pieces that each step sent, and the story; `sends` has by piece its delay and what it follows."""
    release, catalogue = load(SAMPLE, "follow_up")
    pieces = dict(catalogue.pieces)
    for name, (delay, after) in sends.items():
        key = name.replace("_", "-")
        pieces[key] = replace(pieces[key], send=Send(parse_duration(delay), after))
    story, problems = read_story((HEAD + steps).encode(), "story.yaml")
    assert problems == []
    result = play(story, Stage(release, Catalogue(release.plan, pieces)))
    assert result.problems == ()
    return [[message["piece"] for message in actual["sends"]] for actual in result.actual], result


def test_a_piece_is_sent_when_it_is_due():
    sends, result = sent("  - on: 2026-01-22\n  - on: 2026-03-01\n", follow_up_plan=("P3D", None))
    assert sends == [[], [], ["follow-up-plan"]]
    assert '2026-01-23  message at 00:00: "' in transcript(result, load(SAMPLE, "follow_up")[1])


def test_a_piece_follows_a_reminder():
    sends, _ = sent("  - on: 2026-07-29\n  - on: 2026-08-02\n", scan_due=("P2D", "scan-reminder"))
    assert sends == [[], ["scan-reminder"], ["scan-due"]]


def test_a_state_that_was_left_before_sends_nothing():
    sends, _ = sent(SCANNED + RESULT % (22, "clear") + "  - on: 2026-08-20\n", while_you_wait=("P3D", None))
    assert sends == [[], [], [], []]


def test_what_is_held_sends_nothing_before_the_telling():
    told = "  - on: 2026-07-23\n    report: recurrence_discussed\n"
    steps = SCANNED + RESULT % (22, "suspicious") + told
    assert sent(steps, what_recurrence_is=("P0D", None))[0] == [[], [], [], ["what-recurrence-is"]]


@pytest.mark.parametrize(("day", "sends"), [("2026-07-25", []), ("2026-08-01", ["while-you-wait"])])
def test_the_same_piece_is_not_sent_again_within_a_week(day, sends):
    again = f"  - on: {day}\n    report: scan_done\n    facts: {{last_scan_on: {day}}}\n"
    steps = SCANNED + RESULT % (22, "clear") + again
    assert sent(steps, while_you_wait=("P0D", None))[0] == [[], ["while-you-wait"], [], sends]


@pytest.mark.parametrize(("topic", "sends"), [("scans", []), ("mood", ["follow-up-plan"])])
def test_a_topic_that_the_person_switched_off_is_not_sent(topic, sends):
    release, catalogue = load(SAMPLE, "follow_up")
    names = {"scans": Titles({"en": "Tests"}), "mood": Titles({"en": "Mood"})}
    plan = replace(release.plan, journey=replace(release.plan.journey, topics=names))
    piece = replace(catalogue.pieces["follow-up-plan"], send=Send(parse_duration("P3D")), topic="scans")
    text = HEAD.replace("steps:", f"person: {{topics_off: {topic}}}\nsteps:") + "  - on: 2026-01-25\n"
    story, problems = read_story(text.encode(), "story.yaml")
    assert problems == []
    stage = Stage(replace(release, plan=plan), Catalogue(plan, {**catalogue.pieces, piece.key: piece}))
    result = play(story, stage)
    assert [message["piece"] for message in result.actual[-1]["sends"]] == sends
    assert ("the patient switched its topic off" in transcript(result, stage.catalogue)) is (not sends)


def test_a_topic_that_the_journey_does_not_declare_cannot_be_switched_off():
    release, catalogue = load(SAMPLE, "follow_up")
    story, _ = read_story(HEAD.replace("steps:", "person: {topics_off: scans}\nsteps:").encode(), "story.yaml")
    (problem,) = play(story, Stage(release, catalogue)).problems
    assert problem.message == "Unknown topic 'scans' in 'topics_off' of the person. None is declared."
