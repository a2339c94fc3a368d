"""Every story: it happens as written, in whatever order it arrives, and a patient learns nothing before the telling."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from journeys.authoring.stories import transcript, updated
from journeys.engine import NOTHING_HELD, Enrollment, advance, verify
from journeys.primitives.canonical import canonical
from service.cli.stories import mismatches_in_words
from tests.stories.playing import (
    ROOT,
    STORIES,
    Replay,
    delivered,
    folded_to_the_end,
    load,
    played,
)
from tests.withheld import is_freed

TRANSCRIPTS = ROOT / "tests/stories/transcripts"
DAYS = timedelta(days=5)

every_story = pytest.mark.parametrize("name", STORIES)
every_third_story = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if number % 3 else ()) for number, name in enumerate(STORIES)]
)


@every_story
def test_what_happens_is_what_is_expected(name, update_stories):
    result = played(name)
    assert result.problems == ()
    if update_stories:
        path, _ = STORIES[name]
        path.write_bytes(updated(path.read_bytes(), result))
        return
    assert mismatches_in_words(result) == []


@every_story
def test_what_is_stored_is_what_the_log_gives(name):
    """At the end, and five days later by the clock."""
    result = played(name)
    assert verify(result.releases, result.enrollment, result.log) == []
    later = advance(
        result.releases, result.enrollment, lambda: list(result.log), [], result.lines[-1].at + DAYS
    ).enrollment
    assert verify(result.releases, later, result.log) == []


def tampered(stored):
    """Copies of an enrollment's stored form, each with one thing changed, and the part that this must be found in."""
    state = stored["state"]
    track = next(iter(state["tracks"]))
    stay = {**state["tracks"][track][0], "since": "2001-01-01"}
    tracks = {**state["tracks"], track: [stay, *state["tracks"][track][1:]]}
    visited = next(iter(state["visits"]))
    yield "since", "state", {**stored, "state": {**state, "tracks": tracks}}
    yield "visits", "state", {**stored, "state": {**state, "visits": {**state["visits"], visited: 99}}}
    yield "folded_to", "state", {**stored, "state": {**state, "folded_to": "2001-01-01T00:00:00Z"}}
    if state["facts"]:
        fact = next(iter(state["facts"]))
        facts = {**state["facts"], fact: {**state["facts"][fact], "value": "tampered"}}
        yield "fact", "state", {**stored, "state": {**state, "facts": facts}}
    yield "told", "told", {**stored, "told": {**stored["told"], "told": {"made up": "made up"}}}
    if stored["told"]["news"]:
        yield "untold", "told", {**stored, "told": NOTHING_HELD.to_stored()}


@every_story
def test_what_is_tampered_with_is_found(name):
    result = played(name)
    for tampering, part, stored in tampered(result.enrollment.to_stored()):
        faults = verify(result.releases, Enrollment.from_stored(stored), result.log)
        assert part in {fault.part for fault in faults}, tampering


@every_story
def test_a_told_view_that_is_tampered_with_is_found(name):
    """While something is held: at each line that leaves a hold open."""
    result = played(name)
    for line in result.lines:
        if not line.news or line.state.ended is not None:
            continue
        log = [arrival for arrival in result.log if arrival.arrived_at <= line.at]
        enrollment = Enrollment(result.enrollment.id, result.enrollment.release)
        for index, arrival in enumerate(log):
            earlier = log[:index]
            enrollment = advance(
                result.releases, enrollment, lambda log=earlier: log, [arrival], arrival.arrived_at
            ).enrollment
        enrollment = advance(result.releases, enrollment, lambda log=log: log, [], line.at).enrollment
        assert verify(result.releases, enrollment, log) == []
        if enrollment.told.state is None:
            continue  # told in the same instant
        view = replace(enrollment.told.state, visits={**enrollment.told.state.visits, "disease.recurrence": 99})
        wrong = replace(enrollment, told=replace(enrollment.told, state=view))
        assert [fault.part for fault in verify(result.releases, wrong, log)] == ["told"]


@every_story
@pytest.mark.parametrize("order", ["soon", "late", "backwards"])
def test_the_order_of_arrival_decides_nothing(name, order):
    enrollment, log = delivered(name, order)
    expected = folded_to_the_end(name)
    assert canonical(enrollment.state.to_stored()) == canonical(expected.state.to_stored())
    assert verify(played(name).releases, enrollment, log) == []


def test_an_enrolling_that_arrives_last_decides_nothing_either():
    """What was reported before it was ignored for want of an enrollment, and counts once there is one."""
    name = "nsclc/19-history-before-joining"
    enrollment, log = delivered(name, "backwards", enrolled_first=False)
    assert enrollment.state == folded_to_the_end(name).state
    assert verify(played(name).releases, enrollment, log) == []


@every_third_story
def test_the_patient_learns_nothing_before_the_telling(name):
    """Byte for byte what a twin sees of whom nothing was reported that is withheld."""
    patient = Replay(name)
    twin = patient.twin()
    for arrival in played(name).log:
        told = patient.enrollment.told
        patient.advance([arrival], arrival.arrived_at)
        now = patient.enrollment.told
        if now.told != told.told or is_freed(now, told):
            twin = patient.twin()
        twin.advance([] if now.withholds(arrival) or arrival in twin.log else [arrival], arrival.arrived_at)
        assert patient.sees(arrival.arrived_at) == twin.sees(arrival.arrived_at), arrival


def test_the_stories_hold_enough_back():
    """The test above is worth something: so many things are held, some of them by the clock, some told one by one."""
    lines = [line for name in STORIES for line in played(name).lines]
    opened = [line for line in lines if line.news and not line.news_before]
    assert len(opened) >= 20
    assert any(line.step is None for line in opened)
    assert any(len(line.news_before) > len(line.news) > 0 for line in lines if line.step)


@pytest.mark.parametrize(
    "name", ["nsclc/01-stage-one-to-hospice", "nsclc/14-two-things-to-tell", "diabetes/15-overdue-visit"]
)
def test_the_transcript_reads_well(name, update_stories):
    """The complete transcript is compared, so that every change of a wording shows in it."""
    result = played(name)
    release, catalogue = load(STORIES[name][1], result.story.journey)
    text = re.sub(rf"release {release.id[:8]}", "release …", transcript(result, catalogue))
    golden = TRANSCRIPTS / f"{name.rpartition('/')[2]}.txt"
    if update_stories:
        golden.write_text(text)
    assert text == golden.read_text()


def test_the_stories_are_many():
    assert sum(name.startswith("nsclc/") for name in STORIES) >= 18
    assert sum(name.startswith("stories/") for name in STORIES) >= 6
