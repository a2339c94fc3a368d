"""Rewriting expectations: what differs is set to what happened, and not one other byte changes."""

import re

import pytest

from journeys.authoring.stories import Stage, play, read_story, updated
from tests.stories.playing import SAMPLE, STORIES, load

HEAD = """\
# About this story.
story: A scan   # with a comment
journey: follow_up
steps:
  - on: 2026-01-20
    enroll: {entry: in_follow_up, facts: {last_scan_on: '2026-01-15'}}
"""


def rewritten(*lines):
    """The lines after the enrolling, rewritten; a second time changes nothing more."""
    data = (HEAD + "".join(f"{line}\n" for line in lines)).encode()
    once = again(data)
    assert again(once) == once
    text = once.decode()
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD).splitlines()


def again(data):
    story, problems = read_story(data, "story.yaml")
    assert problems == []
    played = play(story, Stage(*load(SAMPLE, "follow_up")))
    assert played.problems == ()
    return updated(data, played)


def test_what_agrees_stays_as_it_was_written():
    lines = (
        "    expect:",
        "      # The patient joined after a scan.",
        "      sees: [ where-to-ask,   follow-up-plan ]   # in any order",
        "      state: {disease: 'surveillance.next_scan_later'}",
        "      held: false",
        "  # Nothing follows.",
    )
    assert rewritten(*lines) == list(lines)


def test_what_differs_is_set_and_the_comments_stay():
    assert rewritten(
        "    expect: {state: {disease: recurrence}, held: true}   # too early",
        "  # Half a year later:",
        "  - on: 2026-07-15",
        "    expect:",
        "      held: true # no",
        "      # what they see",
        "      sees:",
        "        - nothing",
        "      tasks: []",
        "  # The end.",
    ) == [
        "    expect: {state: {disease: surveillance.next_scan_later}, held: false}   # too early",
        "  # Half a year later:",
        "  - on: 2026-07-15",
        "    expect:",
        "      held: false # no",
        "      # what they see",
        "      sees: [scan-due, follow-up-plan, where-to-ask]",
        "      tasks: []",
        "  # The end.",
    ]


@pytest.mark.parametrize("empty", ["", " {}"])
def test_an_empty_expectation_gets_the_usual(empty):
    assert rewritten(f"    expect:{empty}", "  # The end.") == [
        "    expect:",
        "      state: {disease: surveillance.next_scan_later, support: managing}",
        "      sees: [follow-up-plan, where-to-ask]",
        "      outcome: advanced",
        "  # The end.",
    ]


def test_an_empty_expectation_gets_whatever_there_is_to_say():
    text = rewritten(
        "  - on: 2026-07-16",
        "    report: scan_done",
        "    by: patient",
        "    facts: {last_scan_on: 2026-07-16}",
        "  - on: 2026-07-20",
        "    report: scan_result_reported",
        "    facts: {scan_result: suspicious}",
        "    expect:",
        "  - on: 2026-07-21",
        "    report: left",
        "    by: patient",
        "    expect:",
    )
    assert [line for line in text[6:] if line.startswith("      ")] == [
        "      state: {disease: recurrence, support: managing}",
        "      sees: [while-you-wait, follow-up-plan, where-to-ask]",
        "      outcome: advanced",
        "      held: true",
        "      patient_state: {disease: surveillance.waiting_for_result, support: managing}",
        "      tasks: [tell]",
        "      state: {disease: recurrence, support: managing}",
        "      sees: []",
        "      outcome: advanced",
        "      held: true",
        "      patient_state: {disease: surveillance.waiting_for_result, support: managing}",
        "      ended: left",
    ]


def test_a_state_keeps_to_the_tracks_that_it_names():
    assert rewritten("    expect: {state: {support: needs_help}}") == ["    expect: {state: {support: managing}}"]


def test_a_state_that_names_none_gets_all():
    assert rewritten("    expect: {state: {}}") == [
        "    expect: {state: {disease: surveillance.next_scan_later, support: managing}}"
    ]


def test_what_is_long_goes_on_in_the_next_line():
    text = rewritten(
        "    expect: {sees: [], state: {}, patient_state: {}, held: true, tasks: [none], reminders: [none]}",
    )
    assert text[0] == "    expect:"
    assert "      held: false" in text
    assert max(map(len, text)) <= 120


def test_texts_that_yaml_would_misread_are_quoted():
    assert rewritten('    expect: {outcome: "", ended: left}') == ['    expect: {outcome: advanced, ended: ""}']


SENT = '{piece: scan-reminder, channel: email, at: "%s"}'


def test_messages_that_differ_are_set():
    step = ("  - on: 2026-07-29", "    expect: {sends: [], suppressed: {scan-reminder: left}}")
    assert rewritten(*step)[-1] == f"    expect: {{sends: [{SENT % '2026-07-29T00:00'}], suppressed: {{}}}}"


def test_messages_that_agree_stay_as_they_were_written():
    step = ("  - on: 2026-07-29", "    expect:", "      sends: [scan-reminder] # once")
    assert rewritten(*step) == list(step)


def test_of_several_messages_each_has_a_line():
    path, files = STORIES["diabetes/15-overdue-visit"]
    written = path.read_text()
    without = re.sub(r"sends:\n( +- \{.*\n)+", "sends: []\n", written).encode()
    story, _ = read_story(without, "story.yaml")
    assert without != written.encode()
    assert updated(without, play(story, Stage(*load(files, "diabetes")))).decode() == written
