"""What a patient says of a topic is kept by the fold, moves nothing, and is said by nobody else."""

from dataclasses import replace

import pytest

from journeys.engine import Report, admit
from journeys.engine.machine import make_release
from journeys.primitives.errors import Refused
from tests.engine.conftest import FOLLOW_UP, Bench, day, read_journey

TOPICS = "topics:\n  news: {en: News}\n  outlook: {title: {en: Outlook}, on_request: true}\n"


@pytest.fixture
def bench():
    journey, problems = read_journey((FOLLOW_UP + TOPICS).encode(), "follow_up.yaml")
    assert not problems
    bench = Bench(make_release(journey))
    bench.enroll("2026-01-15")
    return bench


def choose(bench, mark, topic=None, at=None, arrives=None, **more):
    report = Report(f"{mark}-{at}", mark, "app", "patient", day(at), topic=topic)
    event = admit(bench.release.plan, "e", replace(report, **more), day(arrives or at))
    return bench.step([event], arrives or at)


def hidden(bench):
    state, journey = bench.enrollment.view, bench.release.plan.journey
    return {topic for topic in journey.topics if state.hides(topic, journey.on_request)}


def test_a_topic_on_request_is_hidden_until_it_is_asked_for_and_others_until_they_are_declined(bench):
    assert hidden(bench) == {"outlook"}
    step = choose(bench, "topic_declined", "news", "2026-02-01T10:00:00")
    (result,) = step.results.values()
    assert (result.outcome, set(dict(result.by_track).values())) == ("stayed", {"stayed"})
    assert set(dict(result.why).values()) == {"it only says something of a topic"}
    assert hidden(bench) == {"news", "outlook"}
    choose(bench, "topic_asked", "outlook", "2026-02-02T10:00:00")
    assert hidden(bench) == {"news"}
    choose(bench, "topic_asked", "news", "2026-02-03T10:00:00")
    choose(bench, "topic_declined", "outlook", "2026-02-03T11:00:00")
    assert hidden(bench) == {"outlook"}


def test_the_last_word_counts_in_whatever_order_words_arrive_and_one_that_is_taken_back_does_not(bench):
    choose(bench, "topic_declined", "news", "2026-02-05T10:00:00")
    choose(bench, "topic_asked", "news", "2026-02-01T10:00:00", arrives="2026-02-06T10:00:00")
    assert hidden(bench) == {"news", "outlook"}
    bench.retract(1, "2026-02-07")
    assert hidden(bench) == {"outlook"}
    assert bench.enrollment.state.to_stored()["topics"] == {"news": "topic_asked"}
    bench.retract(2, "2026-02-08")
    assert "topics" not in bench.enrollment.state.to_stored()


def test_a_word_said_while_news_is_held_counts_at_once_and_tells_nothing(bench):
    bench.report("scan_done", "2026-01-31", last_scan_on="2026-01-31")
    bench.report("scan_result_reported", "2026-02-01", scan_result="suspicious")
    before = bench.patient_sees
    choose(bench, "topic_asked", "outlook", "2026-02-02T10:00:00")
    assert (hidden(bench), bench.patient_sees, bench.held) == (set(), before, ["disease.recurrence"])
    assert bench.enrollment.state.topics == bench.enrollment.view.topics


def test_a_word_after_the_end_is_ignored(bench):
    bench.report("left", "2026-02-01", by="patient")
    step = choose(bench, "topic_declined", "news", "2026-02-02T10:00:00")
    assert [result.outcome for result in step.results.values()] == ["ignored"]
    assert bench.enrollment.state.topics == {}


@pytest.mark.parametrize("mark", ["topic_asked", "topic_declined"])
@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"topic": "outlok"}, "topic", "Unknown topic 'outlok'. Did you mean 'outlook'?"),
        ({"topic": "zzz"}, "topic", "Accepted: news, outlook."),
        ({"topic": None}, "topic", "This field is required with 'topic_"),
        ({"by": "staff"}, "type", "may be reported by patient, not by staff"),
        ({"by": "family"}, "type", "may be reported by patient, not by family"),
        ({"facts": {"stage": "I"}}, "facts", "accepts no facts."),
        ({"piece": "scan-plan"}, "piece", "accepted only with seen, dismissed and helpful."),
        ({"type": "low_mood"}, "topic", "accepted only with topic_asked and topic_declined."),
        ({"type": "seen", "piece": "scan-plan"}, "topic", "accepted only with topic_asked and topic_declined."),
    ],
)
def test_a_wrong_word_is_refused_by_its_field(bench, mark, more, field, words):
    with pytest.raises(Refused) as refused:
        choose(bench, mark, at="2026-02-01", **{"topic": "outlook", **more})
    assert words in refused.value.fields[field][0]
