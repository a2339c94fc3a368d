"""Every story through the HTTP interface and the store: what is held cannot be read by a patient on any route."""

import json
from datetime import timedelta
from functools import cache

import pytest
from sqlalchemy import select, update

from journeys.authoring.stories import read_story
from journeys.definition.facts import read_text
from journeys.definition.reading import read_journey
from journeys.primitives.canonical import time_text
from journeys.primitives.durations import parse_duration
from service.feed.publish import publish_changes
from service.http.access import ROUTES
from service.operations.verify import verify_all
from service.platform.database.tables import enrollments
from tests.folders import ROOT
from tests.service.clinic import Clinic
from tests.service.published import insert_rows

STORIES = sorted((ROOT / "tests/stories/nsclc").glob("*.yaml"))
#: For each route a patient's token may read: the addresses to read it by.
ADDRESSES = {
    "enrollments.list_of_patient": ["/v1/enrollments?patient_ref=p1"],
    "enrollments.list_own": ["/v1/me/enrollments"],
    "enrollments.read": ["/v1/enrollments/{id}", "/v1/enrollments/{id}?locale=es"],
    "enrollments.read_content": [
        "/v1/enrollments/{id}/content?format=html",
        "/v1/enrollments/{id}/content?locale=es&format=text",
        "/v1/enrollments/{id}/content?channel=email",
    ],
    "view.read": ["/v1/enrollments/{id}/view", "/v1/enrollments/{id}/view?locale=es"],
    "questions.read": ["/v1/enrollments/{id}/questions", "/v1/enrollments/{id}/questions?locale=es"],
    "view.read_piece": [
        f"/v1/enrollments/{{id}}/content/{key}"
        for key in ("scan-reminder", "just-diagnosed", "more-tests", "what-recurrence-is", "what-hospice-is")
    ],
    "view.read_picture": ["/v1/enrollments/{id}/content/wedge-resection/image"],
    "enrollments.read_facts": ["/v1/enrollments/{id}/facts", "/v1/enrollments/{id}/facts?locale=es"],
    "enrollments.read_history": ["/v1/enrollments/{id}/history"],
    "enrollments.read_explanation": ["/v1/enrollments/{id}/explain"],
    "caregivers.list": ["/v1/me/caregivers"],
    "disclosures.list": ["/v1/me/disclosures"],
    "persons.read_preferences": ["/v1/me/preferences"],
    "permission.read_consents": ["/v1/journeys/nsclc/consents?locale=es"],
    "feed.read": ["/v1/feed?limit=100"],
    "messages.list": ["/v1/enrollments/{id}/messages"],
    "permission.read_permissions": ["/v1/me/permissions"],
    "permission.read_receipt": ["/v1/me/permissions/{id}"],
}


def test_every_route_that_a_patient_may_read_is_read_here(clinic):
    readable = {
        rule.endpoint
        for rule in clinic.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint in ROUTES and ROUTES[rule.endpoint].patients
    }
    assert readable == set(ADDRESSES)


@pytest.fixture
def hospital(database, database_url, shipped_rows, logs):
    """A service with the shipped journeys published."""
    insert_rows(database, shipped_rows)
    return Clinic(database, database_url)


@cache
def answer_types(journey):
    """The types of facts, and of what surveys measure."""
    read = read_journey((ROOT / "definitions" / f"{journey}.yaml").read_bytes(), journey)[0]
    measured = {name: measure.kind for survey in read.surveys.values() for name, measure in survey.measures.items()}
    return read.fact_types | measured


class Playing:
    """Plays a story's steps as calls, and reads as the patient before and after each."""

    def __init__(self, clinic, story, **more):
        self.clinic = clinic
        self.story = story
        self.more = more  # of the body that enrolls
        self.tokens = {
            "patient": clinic.phone,
            "staff": clinic.staff,
        }
        self.enrollment = None
        self.mine = None
        self.uids = {}
        self.bodies = {}
        self.kinds = answer_types(story.journey)

    @property
    def now(self):
        """The present of the enrollment."""
        return self.clinic.clock.now

    def reads(self):
        """Everything the patient's token can read, headers and bytes."""
        answers = {}
        while publish_changes(self.clinic.service):
            pass
        for addresses in ADDRESSES.values():
            for address in addresses:
                path = address.format(id=self.enrollment)
                answer = self.clinic.get(path, self.mine)
                assert answer.status == 200 or (
                    answer.status == 404 and ("/content/" in path or "/permissions/" in path)
                ), (path, answer.data)
                answers[path] = (answer.headers, answer.data)
        return answers

    def held(self):
        return self.clinic.read(self.enrollment, self.clinic.staff)["now"]["held"]

    def set_clock(self, step):
        target = parse_duration(step.wait).after(self.now) if step.wait else step.at
        self.move_clock(target)
        self.mine = self.clinic.token_of_patient("p1")  # an app's token is renewed before it expires

    def move_clock(self, target):
        self.clinic.clock.now = target

    def facts(self, step):
        return {
            name: value if isinstance(value, list) else wire(read_text(self.kinds[name], value))
            for name, value in step.facts.items()
        }

    def when(self, number, step):
        at, day = step.occurred or (self.now, step.day and step.wait is None)
        sequence = step.sequence if step.sequence is not None else (0 if step.occurred else number)
        return time_text(at, day), sequence

    def do(self, number, step):
        """Makes a step's call; false where a story leaves what HTTP can do."""
        occurred_at, sequence = self.when(number, step)
        token = self.tokens.get(step.by)
        if step.action == "enroll":
            at = {"occurred_at": occurred_at} | ({"entry": step.target} if step.target else {})
            self.enrollment = self.clinic.enroll(
                token=self.clinic.phone,
                journey=self.story.journey,
                programme="riverside",
                facts=self.facts(step),
                at=at,
                **self.more,
            )
            self.tokens["family"] = self.clinic.token_of_family(self.enrollment)
            return True
        if step.action == "migrate":
            return False
        name = step.id or f"step-{number + 1}"
        told_fields = {"told": True} if step.told else {}
        replaces = {"replaces": self.uids[step.replaces]} if step.replaces else {}
        path = f"/v1/enrollments/{self.enrollment}"
        if step.action == "retract":
            answer = self.clinic.post(
                f"{path}/events/{self.uids[step.target]}/retraction", self.clinic.staff, {"reason": step.reason}
            )
        elif step.action == "place":
            body = {"id": name, "state": step.target, "reason": step.reason, "occurred_at": occurred_at}
            answer = self.clinic.post(f"{path}/placement", self.clinic.staff, body | told_fields)
        else:
            body = {"id": name, "type": step.target, "occurred_at": occurred_at, "sequence": sequence}
            body |= {"facts": self.facts(step)} | told_fields | replaces
            marks = {"question": step.question, "until": step.until and step.until.isoformat(), "topic": step.topic}
            body |= {part: value for part, value in marks.items() if value}
            body = self.bodies.setdefault(name, body)  # what is delivered twice is the same twice
            answer = self.clinic.post(f"{path}/events", token, body)
        assert answer.status == 200, (number + 1, answer.data)
        self.uids[name] = answer["decision"]["event"]
        return True


def wire(value):
    return value if isinstance(value, bool | int | str | list) else {"declined": True}


@pytest.mark.long
@pytest.mark.parametrize(
    ("database_url", "file"),
    [
        *(pytest.param("sqlite", file) for file in STORIES),
        *(pytest.param("postgresql", file, marks=pytest.mark.postgres) for file in STORIES[::5]),
    ],
    indirect=["database_url"],
    ids=lambda path: path if isinstance(path, str) else path.stem,
)
def test_what_is_held_cannot_be_read_until_it_is_told(hospital, file):
    """Before and after whatever staff report while something is held, all reads are the same bytes until a telling."""
    story, problems = read_story(file.read_bytes(), file.name)
    assert not problems
    playing = Playing(hospital, story)
    for number, step in enumerate(story.steps):
        playing.set_clock(step)
        hospital.worker().fire_all()
        before, held_before = (playing.reads(), playing.held()) if playing.enrollment else ({}, [])
        if step.action and not playing.do(number, step):
            break
        held = playing.held()
        ended = hospital.read(playing.enrollment, hospital.staff)["now"]["ended"]
        is_told = not {hold["name"] for hold in held_before} <= {hold["name"] for hold in held}
        if held and not ended and not is_told and step.by == "staff":
            now = playing.reads()
            for path, answer in before.items():
                assert now[path] == answer, f"step {number + 1}: {path}"
    assert list(verify_all(hospital.service)) == []
    hospital.clock.now += timedelta(days=5)
    assert list(verify_all(hospital.service)) == []
    hospital.worker().fire_all()
    assert list(verify_all(hospital.service)) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "tamper",
    [
        lambda state: state["visits"].update({"disease.surveillance": 7}),
        lambda state: state["facts"].clear(),
        lambda state: state["tracks"]["disease"][-1].update(since="2020-01-01"),
        lambda state: state.update(folded_to="2020-01-01T00:00:00Z"),
    ],
    ids=["visits", "facts", "since", "folded_to"],
)
def test_verify_finds_a_state_that_was_tampered_with(hospital, tamper):
    dates = {"treatment_ended_on": "2026-01-10", "last_scan_on": "2026-01-15"}
    at = {"entry": "in_follow_up", "occurred_at": "2026-06-01"}
    enrollment = hospital.enroll(journey="nsclc", programme="riverside", facts=dates, at=at)
    with hospital.service.database.writing() as connection:
        stored = connection.execute(select(enrollments.c.state).where(enrollments.c.id == enrollment)).scalar_one()
        state = json.loads(stored)
        tamper(state)
        sealed = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        connection.execute(update(enrollments).where(enrollments.c.id == enrollment).values(state=sealed))
    assert {problem.part for problem in verify_all(hospital.service)} >= {"state"}
