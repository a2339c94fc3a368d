"""The page /demo: for this machine alone, without anything from other sites, never part of the real service."""

import re
import shutil

import pytest

from service.demo import is_loopback
from service.demo.pages import POLICY
from tests.service.clinic import START
from tests.service.demo.showing import copied
from tests.service.demo.visitor import HOST

#: The shipped journeys are published for them.
pytestmark = pytest.mark.long


@pytest.fixture
def _anew(demonstration):
    """The patients as they were at first."""
    demonstration.start_over()


def places(demonstration, visitor, number=0):
    answer = visitor.get(
        f"/v1/enrollments/{demonstration.patients[number].enrollment}",
        Authorization=f"Bearer {demonstration.tokens.clinic}",
    )
    return {track: place["state"] for track, place in answer.get_json()["now"]["state"].items()}


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000"])
def test_this_machine_is_answered_by_any_name_of_its_own(visitor, host):
    assert visitor.get("/demo", host).status_code == 200
    assert visitor.get("/healthz", host).status_code == 200


@pytest.mark.parametrize(
    "host", ["demo.example", "127.0.0.1.example", "10.0.0.7:8000", "[::]", "", "[", "localhost.example:8000", "x@y"]
)
def test_a_name_that_only_points_here_is_refused_everywhere(visitor, host):
    """DNS rebinding: a page elsewhere lets its own name point to this machine, and reads what it likes."""
    for path in ("/demo", "/demo/pulse", "/demo/static/demo.js", "/v1/journeys", "/docs"):
        answer = visitor.get(path, host)
        assert (answer.status_code, answer.mimetype) == (403, "text/plain"), path
        assert b"jt_" not in answer.data


@pytest.mark.parametrize("origin", ["http://demo.example", "null", "https://127.0.0.1.example"])
def test_a_page_of_another_site_moves_nothing(demonstration, visitor, origin):
    before = demonstration.clock()
    assert visitor.post("/demo/clock", {"pass": "P6M"}, Origin=origin).status_code == 403
    assert visitor.client.post("/demo/start-over", data="x", headers={"Host": HOST}).status_code == 415
    assert (demonstration.clock(), demonstration.round) == (before, demonstration.round)


@pytest.mark.parametrize(("host", "is_own"), [("localhost", True), ("::1", True), ("::", False), ("db.example", False)])
def test_what_means_this_machine(host, is_own):
    assert is_loopback(host) == is_own


def test_the_page_asks_for_nothing_from_outside(demonstration, visitor):
    page = visitor.get("/demo")
    assert page.headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert set(re.findall(r'(?:src|href)="([^"#]*)"', page.text)) == {
        f"/demo/static/{name}" for name in ("icon.svg", "demo.css", "journey.css", "wire.css", "demo.js")
    } | {
        "/room",
        "/room/assets/diagram.css",
        "/care",
        "/demo/inbox",
        "/join/riverside",
        "/demo/walks/parts.css",
        "/demo/walks/phone.css",
    }
    for name in ("static/demo.js", "walks/phone.js", "static/demo.css", "static/icon.svg"):
        asset = visitor.get(f"/demo/{name}")
        assert asset.status_code == 200
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", asset.text)


def test_the_service_itself_knows_nothing_of_it(demonstration):
    """`serve` makes the same application, and nothing at /demo with it."""
    assert demonstration.app.test_client().get("/demo").status_code == 404


@pytest.mark.usefixtures("_anew")
def test_time_that_passes_fires_what_is_due_at_once(demonstration, visitor):
    assert places(demonstration, visitor)["scans"] == "next_in_6_months"
    assert visitor.post("/demo/clock", {"pass": "P6M"}).get_json()["now"].startswith("2027-01-01")
    assert places(demonstration, visitor)["scans"] == "due"
    enrollment = demonstration.patients[0].enrollment
    assert visitor.get(f"/demo/phone?enrollment={enrollment}").get_json()["items"] == []
    visitor.post("/demo/clock", {"pass": "P14D"})
    visitor.post("/demo/clock", {"pass": "P1D"})
    (message,) = visitor.get(f"/demo/phone?enrollment={enrollment}").get_json()["items"]
    assert (message["piece"], message["channel"], message["text"]) == (
        "scan-reminder",
        "push",
        "Tiene un breve recordatorio",
    )


@pytest.mark.parametrize("body", [{"pass": "P99Y"}, {"pass": "-P1D"}, {"pass": 1}, {}, [], "P1D"])
def test_the_clock_is_moved_by_its_steps_alone(visitor, body):
    answer = visitor.post("/demo/clock", body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert "P1D, P14D, P1M, P6M" in answer.get_json()["title"]


@pytest.mark.usefixtures("_anew")
def test_starting_over_gives_the_patients_back_as_they_were(demonstration, visitor):
    before = [places(demonstration, visitor, number) for number in range(3)]
    ids = [patient.enrollment for patient in demonstration.patients]
    visitor.post("/demo/clock", {"pass": "P6M"})
    visitor.post("/demo/start-over", {})
    assert demonstration.clock() == START
    assert [places(demonstration, visitor, number) for number in range(3)] == before
    assert not set(ids) & {patient.enrollment for patient in demonstration.patients}


@pytest.mark.usefixtures("_anew")
def test_what_the_care_team_may_report_comes_with_its_fields(demonstration, visitor):
    """The report that the patient was told comes first, ends come last; a missing fact can be reported."""

    def reports(number):
        result = visitor.get(f"/demo/reports?enrollment={demonstration.patients[number].enrollment}").get_json()[
            "items"
        ]
        return {entry["type"]: entry for entry in result}

    ana, ben, cam = (reports(number) for number in range(3))
    assert next(iter(ben)) == "recurrence_discussed"
    assert list(ben)[-2:] == ["deceased", "left"]
    assert "recurrence_discussed" not in ana
    assert cam["answered"]["fields"][0]["name"] == "scan_result"
    stage = {field["name"]: field for field in ana["stage_reported"]["fields"]}
    assert {field["group"] for field in stage.values()} == {"stage"}
    within = {choice["value"]: choice["within"] for choice in stage["stage_group"]["choices"]}
    assert (within["I"], within["IA"], within["IA1"]) == (None, "I", "IA")


def test_the_diagram_is_drawn_around_where_the_patient_is(demonstration, visitor):
    published = visitor.get("/v1/journeys", Authorization=f"Bearer {demonstration.tokens.clinic}").get_json()["items"]
    release = next(entry for entry in published if entry["key"] == "nsclc")
    address = f"/demo/diagram?release={release['release']}"
    current = visitor.get(f"{address}&around=scans.due&visited=scans.next_in_3_months").text
    assert 'id="state:scans.booked"' in current
    assert 'id="state:scans.next_in_3_months"' in current
    assert "disease.hospice" not in current
    assert 'id="state:disease.hospice.first_period"' in visitor.get(address).text
    assert visitor.get("/demo/diagram?release=none").status_code == 404
    folded = visitor.get(f"{address}&folded=disease.treatment,disease.hospice").text
    assert 'id="state:disease.treatment"' in folded and "disease.hospice.first_period" not in folded
    way = visitor.get(f"{address}&from=disease.surveillance&to=disease.recurrence").text
    assert ' chosen"' in way and ' chosen"' not in visitor.get(address).text
    assert visitor.get(f"{address}&from=disease.nowhere&to=disease.recurrence").status_code == 404


class TestFiles:
    @pytest.fixture(autouse=True)
    def _as_shipped(self, demonstration):
        yield
        for name in ("definitions", "content"):
            shutil.rmtree(demonstration.folder / name)
        copied(demonstration.folder)

    def change(self, demonstration, old, new):
        file = demonstration.folder / "definitions" / "nsclc.yaml"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return demonstration.files.check()

    def releases(self, demonstration, visitor):
        return {
            visitor.get(
                f"/v1/enrollments/{patient.enrollment}", Authorization=f"Bearer {demonstration.tokens.clinic}"
            ).get_json()["release"]
            for patient in demonstration.patients
        }

    def test_a_mistake_is_named_with_its_line_and_nothing_changes(self, demonstration, visitor):
        before = self.releases(demonstration, visitor)
        assert not self.change(demonstration, "to: overdue}", "to: overdew}").is_done
        files = visitor.get("/demo/pulse").get_json()["files"]
        assert "nsclc.yaml:" in files["problems"][0]
        assert "Did you mean 'overdue'?" in files["problems"][0]
        assert self.releases(demonstration, visitor) == before

    def test_a_changed_definition_takes_the_patients_along(self, demonstration, visitor):
        before = self.releases(demonstration, visitor)
        assert self.change(demonstration, "Scan is due,", "A scan is due,").is_done
        message = visitor.get("/demo/pulse").get_json()["files"]["said"]
        assert "Ana was migrated to it." in message
        assert self.releases(demonstration, visitor).isdisjoint(before)

    def test_where_a_state_is_gone_they_stay_and_that_is_said(self, demonstration, visitor):
        before = self.releases(demonstration, visitor)
        assert self.change(demonstration, "at_ease", "at_rest").is_done
        message = visitor.get("/demo/pulse").get_json()["files"]["said"]
        expected = (
            "Ana stays in the earlier release: the new release has no target for support.with_hospice_team.at_ease."
        )
        assert expected in message
        assert self.releases(demonstration, visitor) == before
