"""Who may open what of the care team's pages: the matrix of role by route comes from the application itself."""

import pytest

from service.access.words import ROLES
from service.care_ui.access import ROUTES
from service.staff_pages.access import ANYBODY, SIGNED_IN
from service.staff_pages.room import POLICY
from tests.service.people import add
from tests.service.reviewer_ui.test_access import Answer, rows
from tests.service.reviewer_ui.visitor import Visitor, sign_in_each_role


def calls(clinic):
    for rule in clinic.app.url_map.iter_rules():
        if rule.endpoint.startswith("care."):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule, method


def address(rule, enrollment="absent") -> str:
    names = {"enrollment": enrollment, "task": "absent", "name": "staff.css", "rest": "nothing/here"}
    return rule.build({name: names[name] for name in rule.arguments})[1]


def send(visitor, rule, method, enrollment="absent", **options):
    path = address(rule, enrollment)
    return visitor.get(path) if method == "GET" else visitor.post(path, {}, **options)


@pytest.fixture
def people(clinic):
    """A visitor of each role, signed in, by role."""
    return sign_in_each_role(clinic, ROLES)


def test_every_route_is_in_the_table_and_answers_one_kind_of_request(clinic):
    assert {rule.endpoint for rule, _ in calls(clinic)} == set(ROUTES)
    assert len(list(calls(clinic))) == len(ROUTES)


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(clinic, visitor, enrollment):
    visitor.get("/care/sign-in")
    for rule, method in calls(clinic):
        answer = send(visitor, rule, method)
        if ROUTES[rule.endpoint] is ANYBODY:
            assert answer.status in (200, 403, 404), rule
        elif method == "GET":
            assert (answer.status, answer.location.partition("?")[0]) == (303, "/care/sign-in"), rule
        else:
            assert answer.status == 401 and "You were signed out" in answer.text, rule
    add(clinic, "noor", roles=["staff"], functions=(), locales=())
    back = f"/care/enrollments/{enrollment}"
    form = {"name": "noor", "password": "a long made-up password", "back": back}
    assert visitor.post("/care/sign-in", form).location == back


@pytest.fixture
def visitor(clinic):
    """Somebody who is not signed in."""
    return Visitor(clinic.app)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_the_table_says_and_nothing_else(clinic, people, logs, role):
    for rule, method in calls(clinic):
        if rule.endpoint == "care.sign_out":
            continue
        answer = send(people[role], rule, method)
        is_for_staff = ROUTES[rule.endpoint] not in (ANYBODY, SIGNED_IN)
        is_refused = answer.status == 403 and "This page is for the role staff." in answer.text
        assert is_refused == (is_for_staff and role != "staff"), (rule, answer.text)
        assert is_refused or not is_for_staff or answer.status in (200, 404, 422), (rule, method, answer.text)
        if is_refused:
            assert logs[-2]["event"] == "refused" and logs[-2]["route"] == rule.endpoint


def test_an_account_of_the_care_team_reviews_nothing_unless_it_may(clinic, nurse):
    refused = nurse.get("/room/journeys")
    assert refused.status == 403 and "/care/" in refused.links and "All tasks" in refused.text
    assert "/room/" not in nurse.get("/care/").links
    both = Visitor(clinic.app)
    add(clinic, "kim", roles=["reviewer", "staff"])
    assert both.sign_in("kim").location == "/room/"
    assert "/care/" in both.get("/room/journeys").links and "/room/" in both.get("/care/").links


def test_who_signs_in_at_the_other_room_starts_where_they_may(clinic):
    add(clinic, "noor", roles=["staff"], functions=(), locales=())
    assert Visitor(clinic.app).sign_in("noor", at="/room").location == "/care/"


def test_who_signs_out_is_out_of_both_rooms(clinic, nurse):
    add(clinic, "kim", roles=["reviewer", "staff"])
    assert nurse.sign_in("kim").status == 303
    assert nurse.post("/care/sign-out").location == "/care/sign-in?said=out"
    assert nurse.get("/room/journeys").status == nurse.get("/care/").status == 303


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_request(clinic, nurse, enrollment):
    clinic.clock.pass_by(minutes=14)
    assert nurse.get("/care/").status == 200
    clinic.clock.pass_by(minutes=15)
    assert nurse.get("/care/").location.startswith("/care/sign-in?back=")
    ended = nurse.post(f"/care/enrollments/{enrollment}/reports", {})
    assert f"/care/sign-in?back=/care/enrollments/{enrollment}" in ended.links


def test_a_form_from_elsewhere_changes_nothing(clinic, nurse, people, enrollment):
    for rule, method in calls(clinic):
        if method != "POST":
            continue
        before, path = rows(clinic), address(rule, enrollment)
        tries = (
            nurse.post(path, {}, proof=False),
            nurse.post(path, {"from_here": people["staff"].proof()}),
            nurse.post(path, {}, headers={"Origin": "https://evil.example"}),
            Answer.of_text(nurse, path),
        )
        assert {entry.status for entry in tries} == {403}, rule
        assert rows(clinic) == before


def test_reading_changes_nothing_and_counts_as_no_disclosure(clinic, nurse, enrollment):
    before = rows(clinic)
    for rule, method in calls(clinic):
        if method == "GET":
            assert send(nurse, rule, method, enrollment).status in (200, 303, 404)
    assert rows(clinic) == before


def test_every_page_has_its_headers_and_nothing_that_runs(clinic, nurse, enrollment):
    for rule, method in calls(clinic):
        if rule.endpoint == "care.sign_out":
            continue
        answer = send(nurse, rule, method, enrollment)
        headers = answer.headers
        assert headers["Cache-Control"] == "no-store" and headers["X-Frame-Options"] == "DENY"
        assert headers["Content-Security-Policy"] == POLICY and headers["Referrer-Policy"] == "same-origin"
        for tag, values in answer.tags():
            assert tag not in ("script", "style", "iframe", "object"), rule
            assert not any(name.startswith("on") or name == "style" for name in values), (rule, values)


def test_every_field_of_every_page_has_a_label(clinic, nurse, enrollment):
    for rule, method in calls(clinic):
        if method == "GET" and rule.endpoint != "care.asset":
            tags = send(nurse, rule, method, enrollment).tags()
            labelled = {values.get("for") for tag, values in tags if tag == "label"}
            ids = [values["id"] for _, values in tags if "id" in values]
            assert len(ids) == len(set(ids)), rule
            for tag, values in tags:
                if tag in ("select", "textarea") or (tag == "input" and values.get("type") != "hidden"):
                    assert values.get("id") in labelled, (rule, values)
