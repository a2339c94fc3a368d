"""Topics on every path that takes each two transitions in a row: asking and declining change what is shown alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journeys.analysis.paths import admitted_events, cover
from journeys.content.catalogue import open_topics, select
from journeys.engine import Event, refold
from tests.stories.playing import SHIPPED, load

MOMENT = timedelta(minutes=1)
JOURNEYS = [pytest.param("nsclc", marks=pytest.mark.long), "diabetes"]


def act(mark, topic, at, number):
    name = f"topic-{number}"
    return Event(name, "app", "patient", name, "reported", mark, at, at, data={"topic": topic})


def keys(catalogue, view, at):
    return {selected.piece.key for selected in select(catalogue, view, at)}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_at_every_place_an_act_changes_the_pieces_of_its_topic_and_nothing_else(journey):
    release, catalogue = load(SHIPPED, journey)
    on_request, spoken = release.plan.journey.on_request, set()
    for path in cover(release, "pairs").paths:
        events = admitted_events(release, path)
        at = events[-1].at + MOMENT
        view, _ = refold({release.id: release}, release.id, events, at)
        if view.ended is not None:
            continue
        before = keys(catalogue, view, at)
        assert not {catalogue.pieces[key].topic for key in before} & on_request, "shown unasked"
        for topic in open_topics(catalogue, view, at):
            for mark in ("topic_declined", "topic_asked"):
                said, _ = refold({release.id: release}, release.id, [*events, act(mark, topic, at, 1)], at)
                assert replace(said, topics={}, folded_to=view.folded_to) == view
                now = keys(catalogue, said, at)
                changed = before ^ now
                assert {catalogue.pieces[key].topic for key in changed} <= {topic}
                assert not [key for key in changed if catalogue.pieces[key].is_of_safety]
                of_topic = {key for key in now if catalogue.pieces[key].topic == topic}
                if mark == "topic_declined":
                    assert now <= before and not of_topic
                elif changed:
                    assert topic in on_request and before < now
                spoken |= {(topic, mark) for _ in changed}
    if journey == "nsclc":
        assert ("outlook", "topic_asked") in spoken


@pytest.mark.parametrize("journey", JOURNEYS)
def test_no_decision_of_a_path_changes_whatever_is_asked_and_declined_on_the_way(journey):
    release, _ = load(SHIPPED, journey)
    topics, acts = sorted(release.plan.journey.topics), 0
    for path in cover(release, "pairs").paths:
        events = admitted_events(release, path)
        mixed = []
        for event in events:
            mark = ("topic_declined", "topic_asked")[acts % 3 == 0]
            mixed += [event, act(mark, topics[acts % len(topics)], event.at, acts)]
            acts += 1
        state, results = refold({release.id: release}, release.id, events, path.until)
        same, among = refold({release.id: release}, release.id, mixed, path.until)
        assert replace(same, topics={}) == state
        assert [result for result in among if not result.key.startswith("topic-")] == list(results)
    assert acts > 100
