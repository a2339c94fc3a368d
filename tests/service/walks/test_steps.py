"""Each kind of step that a reader adds to a walk, and each refusal in words; nothing is stored."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from journeys.authoring.stories import Stage, Wording, compiled_once
from journeys.engine.machine import make_release
from journeys.primitives.errors import Refused
from service.platform import errors
from service.walks.answers import answer_step, story_file
from service.walks.forms import form_of_placing, forms_of_joining
from service.walks.phone import WalkAddresses, body_of, phone_of
from service.walks.steps import STATE
from service.walks.walk import scene_of, walk_of
from tests.folders import SAMPLES
from tests.read_once import read_once, read_shipped
from tests.surveys.small import Patient

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
ADDRESSES = WalkAddresses("page", "step", "body", "picture", {})
JOIN = {"begin": "in_follow_up", "facts": {"last_scan_on": "2026-01-10"}, "happened": None}


@pytest.fixture(scope="module")
def stage():
    linted = read_once(SAMPLES / "definitions/follow_up.yaml", SAMPLES / "content")
    return Stage(make_release(linted.journey), linted.catalogue, questionnaire=compiled_once())


@pytest.fixture(autouse=True)
def pages():
    """An application that knows the addresses of a walk."""
    app = Flask("walks")
    for name in ("page", "step"):
        app.add_url_rule(f"/{name}", name, str)
    for name in ("body", "picture"):
        app.add_url_rule(f"/{name}/<name>", name, str)
    with app.test_request_context():
        yield


class Walker:
    """Takes one step after the other, as the script of the page does."""

    def __init__(self, stage, journey="follow_up"):
        self.stage = stage
        self.journey = journey
        self.query = {}

    def answer(self, step, at=None):
        query = {
            **self.query,
            **({"step": str(at)} if at else {}),
            "add": step if isinstance(step, str) else json.dumps(step),
        }
        return answer_step(self.stage, {}, MultiDict(query), ADDRESSES, NOW)

    def take(self, step, at=None):
        answer = self.answer(step, at)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(answer.json["address"]).query).items()}
        return self.scene

    def refusal(self, step, at=None):
        answer = self.answer(step, at)
        assert answer.status_code == 422, answer.status_code
        return answer.json["errors"]

    @property
    def scene(self):
        return scene_of(walk_of(MultiDict(self.query), self.journey), self.stage, {})


@pytest.fixture
def walker(stage):
    result = Walker(stage)
    result.take(JOIN)
    return result


def leaf(scene):
    return scene.state.tracks["disease"][-1].state


def test_a_patient_joins_today_at_an_entry_with_facts(walker):
    scene = walker.scene
    assert leaf(scene) == "surveillance.next_scan_later"
    assert scene.now == datetime(2026, 1, 15, tzinfo=UTC)
    assert scene.steps[0].lines[0][0] == 'joins: "My treatment is over"'


def test_the_clock_goes_on_by_a_duration_to_a_day_and_to_what_is_due_next(walker):
    assert walker.take({"wait": "P14D"}).now.date().isoformat() == "2026-01-29"
    assert walker.take({"until": "2026-03-01"}).now.date().isoformat() == "2026-03-01"
    scene = walker.take({"next": True})
    assert (scene.now.date().isoformat(), leaf(scene)) == ("2026-07-10", "surveillance.scan_due")
    assert walker.take({"next": True}).messages[0].piece == "scan-reminder"


def test_patient_and_staff_report_and_held_news_wait_for_the_telling(walker):
    scene = walker.take({"report": "recurrence_confirmed", "by": "staff"})
    assert leaf(scene) == "recurrence" and scene.is_held
    assert scene.view.tracks["disease"][-1].state == "surveillance.next_scan_later"
    phone = phone_of(scene, ADDRESSES, is_draft=False)
    assert phone["staff"][0]["does"] == "tells"
    assert "come back" not in json.dumps(phone["view"])
    told = walker.take({"report": "recurrence_discussed", "by": "staff"})
    assert not told.is_held
    assert "come back" in json.dumps(phone_of(told, ADDRESSES, is_draft=False)["view"])


def test_a_report_may_be_late_and_be_taken_back(walker):
    walker.take({"wait": "P10D"})
    late = walker.take(
        {"report": "scan_done", "by": "patient", "facts": {"last_scan_on": "2026-01-20"}, "happened": "2026-01-20"}
    )
    assert "happened 2026-01-20" in late.steps[-1].lines[0][0]
    assert leaf(late) == "surveillance.waiting_for_result"
    retracted = walker.take({"retract": 3})
    assert leaf(retracted) == "surveillance.next_scan_later"
    assert retracted.steps[-1].lines[0][0].startswith("taken back (entered in error): Scan done (reported by patient")


def test_the_patient_is_placed_in_a_state_with_facts_by_hand(walker):
    scene = walker.take(
        {"place": "", "facts": {"state.": "disease.recurrence", "stage_group": "II", "stage_edition": 9}}
    )
    assert leaf(scene) == "recurrence" and scene.state.facts["stage_group"].value == "II"


def test_a_step_from_the_past_leaves_out_what_followed(walker):
    walker.take({"wait": "P1D"})
    walker.take({"wait": "P1D"})
    scene = walker.take({"wait": "P1M"}, at=1)
    assert [step.number for step in scene.steps] == [1, 2] and scene.now.date().isoformat() == "2026-02-15"


@pytest.mark.parametrize(
    ("step", "field", "words"),
    [
        ({}, "step", "report, later, topic_asked, topic_declined, place, retract, wait, until, next"),
        ({"wait": "P1D", "next": True}, "step", "one of"),
        ({"wait": "a while"}, "wait", "a while"),
        ({"wait": "-P1D"}, "wait", "forward"),
        ({"wait": 3}, "wait", "text"),
        ({"until": "2026-01-01"}, "until", "forward only"),
        ({"until": "soon"}, "until", "2026-01-15"),
        ({"next": False}, "next", "true"),
        ({"retract": 1}, "retract", "number of a step"),
        ({"retract": "x"}, "retract", "number of a step"),
        ({"retract": [1]}, "retract", "number of a step"),
        ({"retract": {}}, "retract", "number of a step"),
        ({"retract": 1.0}, "retract", "number of a step"),
        ({"report": "scan_dune", "by": "patient"}, "type", "scan_done"),
        ({"report": "recurrence_confirmed", "by": "patient"}, "type", "patient"),
        ({"report": "scan_done", "by": "nobody"}, "by", "patient or staff"),
        ({"report": "scan_done", "facts": {"last_scan_on": "x"}}, "facts.last_scan_on", "2026-01-15"),
        ({"report": "scan_done", "facts": [1]}, "facts", "object"),
        ({"report": "scan_done", "facts": {"last_scan_on": None}}, "facts.last_scan_on", "a text"),
        ({"report": "scan_done", "facts": {"last_scan_on": [["2026-01-20"]]}}, "facts.last_scan_on", "a text"),
        ({"report": "scan_done", "facts": {"last_scan_on": {"b": 1}}}, "facts.last_scan_on", "declined"),
        ({"report": "scan_done", "facts": {"last_scan_on": 1.5}}, "facts.last_scan_on", "whole number"),
        ({"report": "recurrence_confirmed", "by": "staff", "told": "no"}, "told", "true or false"),
        ({"place": "", "facts": {}}, "facts.state.", "Choose a state"),
        ({"place": "", "facts": {"state.": ["disease.recurrence"]}}, "facts.state.", "Choose a state"),
        ({"place": "disease.nowhere"}, "state", "disease.nowhere"),
        (r'{"report": "\ud800"}', "add", "JSON object"),
        (r'{"report": "scan_done", "happened": "\ud800"}', "add", "JSON object"),
        ('{"report": NaN}', "add", "JSON object"),
        ("[]", "add", "JSON object"),
        ("{", "add", "JSON object"),
        ("{" * 5_000, "add", "JSON object"),
    ],
)
def test_what_cannot_be_a_step_is_refused_and_the_walk_stays(walker, step, field, words):
    before = dict(walker.query)
    fields = walker.refusal(step)
    assert words in " ".join(fields[field]), fields
    assert walker.query == before


def test_the_patient_asks_for_a_topic_and_declines_it():
    linted = read_shipped("nsclc")
    walker = Walker(Stage(make_release(linted.journey), linted.catalogue), "nsclc")

    def seen(scene):
        view = phone_of(scene, ADDRESSES, is_draft=False)["view"]
        topic = next(topic for topic in view["topics"] if topic["key"] == "outlook")
        return topic["report"], "what-lies-ahead" in [card["key"] for card in view["cards"]]

    assert seen(walker.take({"begin": "just_diagnosed", "facts": {}, "happened": None})) == ("topic_asked", False)
    assert seen(walker.take({"topic_asked": "outlook"})) == ("topic_declined", True)
    assert seen(walker.take({"topic_declined": "outlook"})) == ("topic_asked", False)
    assert "Unknown topic 'outlok'" in walker.refusal({"topic_asked": "outlok"})["topic"][0]


def test_only_whole_numbers_of_reports_are_taken_back(walker):
    walker.take({"wait": "P1D"})
    walker.take({"report": "scan_done", "by": "patient", "facts": {"last_scan_on": "2026-01-16"}})
    assert "number of a step" in walker.refusal({"retract": 3.0})["retract"][0]


@pytest.mark.parametrize("locale", ["xx", "en\nsteps: []", "\0"])
def test_a_walk_begins_in_a_language_of_the_journey(stage, locale):
    walker = Walker(stage)
    walker.query = {"locale": locale}
    assert walker.refusal(JOIN)["locale"][0].endswith("Accepted: en, es.")


def test_a_form_asks_only_facts_that_its_reporter_may_report(walker, stage):
    plan = stage.release.plan
    placed = {field["name"] for field in form_of_placing(plan, walker.scene.state)["fields"]} - {STATE}
    joined = {field["name"] for form in forms_of_joining(plan) for field in form["fields"]}
    assert placed == {name for name, fact in plan.journey.facts.items() if "staff" in fact.by}
    assert joined == {name for name, fact in plan.journey.facts.items() if "patient" in fact.by}


def test_what_is_held_names_only_the_positions_that_the_patient_does_not_know(walker):
    assert walker.scene.outdated_positions == []
    scene = walker.take({"report": "recurrence_confirmed", "by": "staff"})
    assert [full for _, _, full in scene.outdated_positions] == ["disease.surveillance.next_scan_later"]


def test_a_held_state_that_the_patient_was_in_before_is_named_by_its_own_track():
    linted = read_shipped("diabetes")
    walker = Walker(Stage(make_release(linted.journey), linted.catalogue), "diabetes")
    walker.take({"begin": "had_it_for_years"})
    scene = walker.take({"report": "eye_problem_found", "by": "staff"})
    as_before = replace(scene.line, view=scene.state)
    notes = Wording(scene.catalogue, scene.walk.story, "en").notes(as_before)
    assert scene.is_held and 'still sees "A new eye problem"' in notes


@pytest.mark.parametrize("title", ["\0", "two\nlines", "two\u2028lines", "t" * 121])
def test_the_title_of_a_recorded_story_is_a_line(walker, stage, title):
    with pytest.raises(Refused) as refusal:
        story_file(walk_of(MultiDict(walker.query), "follow_up"), stage, title)
    assert refusal.value.fields == {"title": ["Write a line of at most 120 characters."]}


def test_an_address_that_names_no_walk_is_not_found(stage):
    with pytest.raises(errors.NotFound):
        walk_of(MultiDict({"walk": "nothing"}), "follow_up")
    walker = Walker(stage)
    walker.take(JOIN)
    for wrong in ({**walker.query, "step": "2"}, {**walker.query, "step": "0"}):
        with pytest.raises(errors.NotFound):
            walk_of(MultiDict(wrong), "follow_up")
    with pytest.raises(errors.NotFound):
        walk_of(MultiDict(walker.query), "another")


def test_only_a_piece_that_is_shown_or_was_sent_has_a_body(walker):
    scene = walker.take({"next": True})
    card = phone_of(scene, ADDRESSES, is_draft=True)["view"]["cards"][0]
    assert card["title"].startswith("[DRAFT")
    assert body_of(scene, card["key"])["html"]
    for key in ("recurrence-first-days", "absent"):
        with pytest.raises(errors.NotFound):
            body_of(scene, key)


def test_a_walk_becomes_a_story_that_expects_what_happened(walker, stage):
    walker.take({"report": "recurrence_confirmed", "by": "staff"})
    text = story_file(walk_of(MultiDict(walker.query), "follow_up"), stage, "It came back").decode()
    assert text.startswith("story: It came back\njourney: follow_up\n")
    assert "  - on: 2026-01-15\n" in text and "last_scan_on: 2026-01-10" in text
    assert "report: recurrence_confirmed" in text and 'held: "true"' in text.replace("held: true", 'held: "true"')


def asked_on(scene):
    """The questions on the phone, those that were declined, and what the last answer led to."""
    phone = phone_of(scene, ADDRESSES, is_draft=True)
    questions, declined = ([card["key"] for card in phone["view"][part]] for part in ("questions", "declined"))
    return questions, declined, phone["said"]


def test_the_phone_asks_and_says_what_an_answer_changed(walker):
    assert asked_on(walker.scene) == (["smokes"], [], None)
    questions, _, said = asked_on(walker.take({"report": "answered", "by": "patient", "facts": {"smokes": True}}))
    assert questions == []
    came = said["changed"]["cards"]["came"]
    assert [card["key"] for card in came] == ["smoking"]
    assert came[0]["title"].startswith("[DRAFT")
    assert asked_on(walker.take({"wait": "P1D"}))[2] is None


def test_a_question_may_be_declined_and_put_off(walker):
    questions, _, said = asked_on(walker.take({"later": "smokes"}))
    assert (questions, said) == ([], {"later": True})
    assert asked_on(walker.take({"wait": "P6D"}))[0] == []
    assert asked_on(walker.take({"wait": "P1D"}))[0] == ["smokes"]
    declining = {"report": "answered", "by": "patient", "facts": {"smokes": {"declined": True}}}
    assert asked_on(walker.take(declining)) == ([], ["smokes"], {"declined": True})


def test_a_question_that_nobody_has_is_refused(walker):
    assert "question" in str(walker.refusal({"later": "nothing"}))


def test_a_survey_is_shown_and_answered_on_the_phone():
    patient = Patient()
    walker = Walker(Stage(patient.bench.release, patient.catalogue, questionnaire=compiled_once()), "small")
    walker.take({"begin": "", "facts": {}, "happened": "2026-01-01"})
    questions, _, _ = asked_on(walker.take({"wait": "P12D"}))
    assert questions == ["page_help"]
    facts = {"paid": True, "clear": "in_part", "rating": 4}
    half = {name: value for name, value in facts.items() if name != "rating"}
    answering = {"report": "answered", "by": "patient", "question": "page_help"}
    assert "missing: rating" in walker.refusal(answering | {"facts": half})["facts.rating"][0]
    scene = walker.take(answering | {"facts": facts})
    questions, _, said = asked_on(scene)
    thanks = {"survey": "page_help", "text": "A page for you.", "piece": "for-you", "value": None}
    assert (questions, said["changed"]["thanks"]) == ([], [thanks])


def test_a_recorded_walk_expects_the_questions(walker, stage):
    text = story_file(walk_of(MultiDict(walker.query), "follow_up"), stage, "").decode()
    assert "asks: [smokes]" in text
