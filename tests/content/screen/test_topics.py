"""Topics hide their pieces as the patient says; a screen lists those that the patient may ask for or decline now."""

from dataclasses import replace
from functools import lru_cache

import pytest

from journeys.content.catalogue import Catalogue, PieceSource, consider, explain, find, read_piece, select
from journeys.content.screen import draw
from journeys.content.screen.topics import topic_cards
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from tests.content.screen.scene import DEFINITION, PIECE, START, state

TOPICS = """\
topics:
  rest: {en: Rest, es: Descanso}
  outlook: {title: {en: What may lie ahead, es: Lo que puede venir}, on_request: true}
  visits: {en: Visits}
  unused: {en: Nothing}
"""
PIECES = {
    "care/ward/about": PIECE,
    "care/ward/bed/resting": PIECE + "topic: rest\n",
    "care/ward/ahead": PIECE + "topic: outlook\n",
    "care/ward/later": PIECE + "topic: outlook\nwhen: years > 3\n",
    "care/ward/fever": "purpose: treatment\ntags: [safety]\ntopic: rest\n",
    "care/ward/look-back": PIECE + "reminder: true\ntopic: visits\n",
    "care/home/at-home": PIECE + "topic: rest\n",
    "care/bad_news/ahead-then": PIECE + "topic: outlook\n",
}


@lru_cache
def catalogue():
    journey, problems = read_journey((DEFINITION + TOPICS).encode(), "sample.yaml")
    assert problems == []
    plan, pieces = compile_journey(journey), {}
    for folder, shared in PIECES.items():
        key = folder.rpartition("/")[2]
        text = f"---\ntitle: The piece {key}\nsummary: A summary.\n---\nSome text.\n"
        files = {"piece.yaml": shared.encode(), "en.md": text.encode()}
        pieces[key], problems = read_piece(PieceSource(key, folder, files), plan)
        assert problems == []
    return Catalogue(plan, pieces)


def view(**topics):
    return replace(state(), topics={name: f"topic_{mark}" for name, mark in topics.items()})


def keys(shown):
    return [selected.piece.key for selected in select(catalogue(), shown, START)]


def screen(shown, can_report=()):
    return draw(catalogue(), shown, START, "en", marks={}, can_report=can_report, values={})


@pytest.mark.parametrize(
    ("topics", "shown"),
    [
        ({}, ["about", "fever", "resting"]),
        ({"rest": "declined"}, ["about", "fever"]),
        ({"rest": "asked"}, ["about", "fever", "resting"]),
        ({"outlook": "asked"}, ["about", "ahead", "fever", "resting"]),
        ({"outlook": "declined"}, ["about", "fever", "resting"]),
        ({"outlook": "asked", "rest": "declined"}, ["about", "ahead", "fever"]),
    ],
)
def test_a_declined_topic_leaves_the_screen_one_on_request_comes_when_asked_for_and_safety_stays(topics, shown):
    assert keys(view(**topics)) == shown
    assert [card.selected.piece.key for card in screen(view(**topics)).cards] == shown
    for key in (folder.rpartition("/")[2] for folder in PIECES):
        assert (find(catalogue(), view(**topics), START, key) is not None) is (key in shown)


def test_an_explanation_names_the_topic_only_where_nothing_else_hides_the_piece():
    def reasons(shown):
        return {reason.piece.key: (reason.cause, reason.text) for reason in explain(catalogue(), shown, START)}

    unasked, declined = reasons(view()), reasons(view(outlook="declined", rest="declined"))
    assert unasked["ahead"] == (
        "unasked",
        "Its topic 'outlook' is on request, and the patient did not ask for it.",
    )
    assert declined["ahead"] == ("declined", "The patient declined its topic 'outlook'.")
    assert [unasked["later"][0], declined["at-home"][0], declined["fever"][0]] == ["unknown", "elsewhere", "shown"]
    assert reasons(view(outlook="asked"))["ahead"] == ("shown", "In care.ward.")


def test_a_reminder_of_a_declined_topic_is_neither_sent_nor_announced():
    piece, plan = catalogue().pieces["look-back"], catalogue().plan
    for topics, is_sent in (({}, True), ({"visits": "declined"}, False), ({"visits": "asked"}, True)):
        assert consider(plan, piece, view(**topics), START, as_reminder=True).is_shown is is_sent
        coming = [event.title for event in screen(view(**topics)).next]
        assert ("The piece look-back" in coming) is is_sent


def test_a_screen_lists_the_topics_of_what_is_here_and_those_that_the_patient_spoke_of():
    """A topic of a state that is not open is not named before, so that nothing is said of what may come."""

    def topics(shown, locale="en"):
        listed = topic_cards(catalogue(), shown, START, locale)
        assert locale != "en" or screen(shown).topics == listed
        return [(topic.key, topic.title, topic.is_shown, topic.is_on_request, topic.report) for topic in listed]

    rest = ("rest", "Rest", True, False, "topic_declined")
    visits = ("visits", "Visits", True, False, "topic_declined")
    ahead = ("outlook", "What may lie ahead", False, True, "topic_asked")
    assert topics(view()) == [rest, ahead, visits]
    asked, declined = (*ahead[:2], True, True, "topic_declined"), (*rest[:2], False, False, "topic_asked")
    assert topics(view(outlook="asked", rest="declined")) == [declined, asked, visits]
    assert [topic[1] for topic in topics(view(), "es")] == ["Descanso", "Lo que puede venir", "Visits"]
    at_home = state(("told_stage", START, {}), ("asked", START, {"years": 5}))
    assert [topic[0] for topic in topics(at_home)] == ["rest"]
    assert [topic[0] for topic in topics(replace(at_home, topics={"outlook": "topic_asked"}))] == ["rest", "outlook"]


def test_after_the_end_no_topic_is_listed():
    assert screen(state(("died", START, {})), can_report=None).topics == ()
