"""Random walks through the shipped journeys: none fails, each address reads back, and none shows what is held."""

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from journeys.authoring.stories import Stage, packed_story, unpacked_story
from journeys.content.screen import title_of
from journeys.definition.model import NOWHERE
from journeys.engine.machine import make_release
from journeys.primitives.state_path import StatePath
from service.walks.answers import answer_step
from service.walks.forms import forms_of_joining
from service.walks.phone import WalkAddresses, phone_of
from service.walks.walk import scene_of, walk_of
from tests.read_once import read_shipped

NOW = datetime(2026, 1, 15, tzinfo=UTC)
ADDRESSES = WalkAddresses("page", "step", "body", "picture", {})
JOURNEYS = ("diabetes", "nsclc")
STEPS = 10


@pytest.fixture(scope="module", params=JOURNEYS)
def stage(request):
    linted = read_shipped(request.param)
    return Stage(make_release(linted.journey), linted.catalogue)


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


class RandomWalk:
    """A walk whose steps are drawn from the forms of its page, filled in with valid values."""

    def __init__(self, stage, seed):
        self.stage = stage
        self.random = random.Random(seed)
        self.journey = stage.release.plan.journey
        self.query = {"locale": self.random.choice(self.journey.locales)}
        self.taken = []

    def begin(self):
        form = self.random.choice(forms_of_joining(self.stage.release.plan))
        return {"begin": form["type"], "facts": self.facts(form, NOW.date())}

    def step(self):
        """Any step that the page offers."""
        scene = self.scene
        phone = phone_of(scene, ADDRESSES, is_draft=False)
        today = scene.now.date()
        reports = [("patient", form) for form in phone["patient"]] + [("staff", form) for form in phone["staff"]]
        retractable = [step.number for step in scene.steps if step.can_be_retracted]
        kind = self.random.choices(["report", "wait", "next", "place", "retract"], [6, 2, 2, 1, 1])[0]
        if kind == "report" and reports:
            by, form = self.random.choice(reports)
            day = today - timedelta(days=self.random.choice([0, 0, 0, 3]))
            told = by == "staff" and form.get("does") == "moves" and self.random.random() < 0.3
            facts = self.facts(form, day)
            return {"report": form["type"], "by": by, "facts": facts, "happened": day.isoformat(), "told": told}
        if kind == "place":
            return {"place": "", "facts": self.facts(phone["placing"], today)}
        if kind == "retract" and retractable:
            return {"retract": self.random.choice(retractable)}
        return {"next": True} if kind == "next" else {"wait": self.random.choice(["P1D", "P14D", "P1M", "P6M", "PT5H"])}

    def facts(self, form, day):
        """A value of each required field, and of some others."""
        chosen = [field for field in form["fields"] if field["required"] or self.random.random() < 0.2]
        return {field["name"]: self.value(field, day) for field in chosen}

    def value(self, field, day):
        values = [choice["value"] for choice in field["choices"]]
        if field["type"] == "choice":
            return self.random.choice(values)
        if field["type"] == "set":
            return self.random.sample(values, self.random.randint(1, len(values)))
        if field["type"] == "boolean":
            return self.random.random() < 0.5
        if field["type"] == "integer":
            return self.random.randint(field["min"] or 0, field["max"] or 100)
        if field["type"] == "date":
            return max(date(1900, 1, 1), day - timedelta(days=self.random.randint(0, 400))).isoformat()
        return self.random.choice(["7 percent", "a: b", "- é #", '"', "2026-01-15", "true", "~", "\\"])

    def take(self, step):
        """Whether the step was accepted; a refusal is in words."""
        self.taken.append(step)
        answer = answer_step(self.stage, {}, MultiDict({**self.query, "add": json.dumps(step)}), ADDRESSES, NOW)
        if answer.status_code == 200:
            self.query = {name: values[0] for name, values in parse_qs(urlsplit(answer.json["address"]).query).items()}
            return True
        assert answer.status_code == 422, self.taken
        messages = [message for messages in answer.json["errors"].values() for message in messages]
        assert messages and all(message.endswith((".", "?", '"')) for message in messages), messages
        assert not any("may be reported by" in message for message in messages), messages
        return False

    @property
    def scene(self):
        return scene_of(walk_of(MultiDict(self.query), self.journey.key), self.stage, {})


def bare(story):
    return replace(story, file="", steps=tuple(replace(step, mark=NOWHERE) for step in story.steps))


def texts_of(value):
    """Every text within a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts_of(item)


def held_titles(scene):
    """The titles of the states that are held, without those that the told view has as well."""
    titles = {
        track: [title_of(scene.plan, track, stay.state, scene.locale) for stay in stays]
        for track, stays in scene.view.tracks.items()
    }
    known = {title for track in titles.values() for title in track}
    held = [StatePath.parse(news.name) for news in scene.line.news if news.kind == "state"]
    return {title_of(scene.plan, state.track, state.path, scene.locale) for state in held} - known


def walk_at_random(stage, seed):
    """Take random steps; return how many were accepted, and in how many scenes a state was held."""
    walk = RandomWalk(stage, seed)
    while not walk.take(walk.begin()):  # a drawn day may lie outside of what its fact accepts
        assert len(walk.taken) < STEPS, walk.taken
    accepted, held = 1, 0
    for _ in range(STEPS):
        accepted += walk.take(walk.step())
        scene = walk.scene
        assert scene.walk.step == len(scene.steps), walk.taken
        story = scene.walk.story
        assert bare(unpacked_story(packed_story(story))) == bare(story), walk.taken
        phone = phone_of(scene, ADDRESSES, is_draft=False)
        shown = set(texts_of([phone["view"], phone["messages"]]))
        titles = held_titles(scene)
        assert not shown & titles, (walk.taken, shown & titles)
        held += bool(titles)
    return accepted, held


def walk_many(stage, seeds):
    results = [walk_at_random(stage, seed) for seed in seeds]
    return sum(accepted for accepted, _ in results) / len(results), sum(held for _, held in results)


def test_a_random_walk_reads_back_from_its_address_and_shows_nothing_that_is_held(stage):
    accepted, held = walk_many(stage, (111, 117))
    assert accepted > STEPS / 2 and held > 0


@pytest.mark.long
def test_many_random_walks_read_back_and_show_nothing_that_is_held(stage):
    accepted, held = walk_many(stage, range(100, 140))
    assert accepted > STEPS / 2 and held > 20
