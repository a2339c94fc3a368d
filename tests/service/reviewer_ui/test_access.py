"""Who may open what (S1, S6, S11, RB5): the matrix of role by route comes from the application itself."""

import pytest
from sqlalchemy import func, select

from service.platform.database.tables import metadata
from service.reviewer_ui.access import ANYBODY, ROUTES
from service.reviewer_ui.blueprint import POLICY_OF_DIAGRAMS, POLICY_OF_KEYS
from service.staff_pages.room import POLICY
from tests.service.reviewer_ui.conftest import ROLES
from tests.service.reviewer_ui.visitor import Visitor

#: The pages that run scripts of this site, with the policy that permits them and the scripts.
WITH_SCRIPT = {
    **dict.fromkeys(("room.diagram", "room.state"), (POLICY_OF_DIAGRAMS, ["diagram.js"])),
    "room.paths": (POLICY_OF_DIAGRAMS, ["diagram.js", "walk.js"]),
    "room.queued_item": (POLICY_OF_KEYS, ["queue.js"]),
}


def routes(clinic):
    return [rule for rule in clinic.app.url_map.iter_rules() if rule.endpoint.startswith("room.")]


def calls(clinic):
    for rule in routes(clinic):
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(rule, enrollment="absent") -> str:
    names = {
        "journey": "follow_up",
        "number": 1,
        "version": 1,
        "key": "scan-due",
        "state": "disease.surveillance.scan_due",
        "locale": "en",
        "enrollment": enrollment,
        "kind": "piece",
        "comment": "absent",
        "name": "room.css" if rule.endpoint == "room.asset" else "path-1",
        "rest": "nothing/here",
    }
    return rule.build({name: names[name] for name in rule.arguments})[1]


def send(visitor, rule, method, enrollment="absent", **options):
    path = address(rule, enrollment)
    return visitor.get(path) if method == "GET" else visitor.post(path, {}, **options)


def rows(clinic):
    """How many rows every table has."""
    with clinic.service.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
        }


def test_every_route_of_the_room_is_in_the_table_and_the_table_names_no_other(clinic):
    """An unlisted route fails the build."""
    assert {rule.endpoint for rule in routes(clinic)} == set(ROUTES)


def test_a_route_answers_one_kind_of_request_so_that_the_table_says_all(clinic):
    for rule in routes(clinic):
        assert len(rule.methods - {"HEAD", "OPTIONS"}) == 1, rule


def test_who_is_not_signed_in_is_sent_to_sign_in(clinic, visitor):
    visitor.get("/room/sign-in")
    for rule, method in calls(clinic):
        answer = send(visitor, rule, method)
        if ROUTES[rule.endpoint] is ANYBODY:
            assert answer.status in (200, 403, 404), rule
        elif method == "GET":
            assert (answer.status, answer.location.partition("?")[0]) == (303, "/room/sign-in"), rule
        else:
            assert answer.status == 401 and "You were signed out" in answer.text, rule


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_the_table_says_and_nothing_else(clinic, people, logs, role):
    """The matrix: every route by every role, generated from the URL map."""
    for rule, method in calls(clinic):
        if rule.endpoint == "room.sign_out":
            continue
        answer = send(people[role], rule, method)
        expected = ROUTES[rule.endpoint]
        is_refused = answer.status == 403 and "This page is for the role" in answer.text
        assert is_refused == (expected is not ANYBODY and role not in expected), (rule, method, answer.status)
        assert is_refused or answer.status in (200, 303, 403, 404, 422), (rule, method, answer.text)
        if is_refused:
            assert logs[-2]["event"] == "refused" and logs[-2]["route"] == rule.endpoint


def test_a_role_that_was_not_given_is_shown_no_way_there(people):
    assert "/room/accounts" in people["administrator"].get("/room/journeys").links
    assert "/room/accounts" not in people["reviewer"].get("/room/journeys").links
    assert "/room/patients" not in people["author"].get("/room/journeys").links


def test_a_form_from_elsewhere_changes_nothing(clinic, people):
    """S6: without a proof, with another's, from a foreign origin, as JSON sent as text."""
    for role, visitor in people.items():
        other = next(entry for name, entry in people.items() if name != role)
        for rule, method in calls(clinic):
            if method != "POST":
                continue
            before = rows(clinic)
            tries = (
                send(visitor, rule, method, proof=False),
                visitor.post(address(rule), {"from_here": other.proof()}),
                visitor.post(address(rule), {}, headers={"Origin": "https://evil.example"}),
                visitor.post(address(rule), {}, headers={"Origin": "null"}),
                Answer.of_text(visitor, address(rule)),
            )
            assert {entry.status for entry in tries} == {403}, rule
            assert rows(clinic) == before
    assert people["reviewer"].get("/room/journeys").status == 200


class Answer:
    @staticmethod
    def of_text(visitor, path):
        from tests.service.reviewer_ui.visitor import Page

        return Page(visitor.client.post(path, data='{"from_here": "x"}', content_type="text/plain"))


def test_reading_changes_nothing(clinic, people):
    for role, visitor in people.items():
        before = rows(clinic)
        for rule, method in calls(clinic):
            if method == "GET":
                send(visitor, rule, method)
        assert rows(clinic) == before, role


def test_every_page_has_its_headers_and_nothing_that_runs(clinic, people, visitor):
    """S11: nothing kept, framed, sniffed; no style in a page, nothing from elsewhere.

    Only pages with a diagram and those of the queue run a script, one of this site, and no password is entered on them.
    """
    for entry in (*people.values(), visitor, Visitor(clinic.app)):
        for rule, method in calls(clinic):
            if rule.endpoint == "room.sign_out":
                continue
            answer = send(entry, rule, method)
            headers = answer.headers
            assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY" and headers["Referrer-Policy"] == "same-origin"
            policy = headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
            has_script = rule.endpoint in WITH_SCRIPT and answer.status == 200
            allowed, scripts = WITH_SCRIPT[rule.endpoint] if has_script else (POLICY, [])
            assert has_script or "script-src" not in policy
            if rule.endpoint not in ("room.as_sent", "room.picture") or answer.status != 200:
                assert policy == allowed and "unsafe" not in policy
            else:
                assert "sandbox" in policy
            if answer.response.mimetype == "text/html" and rule.endpoint != "room.as_sent":
                for tag, values in answer.tags():
                    assert tag not in ("style", "iframe", "object"), rule
                    is_data = values.get("type") == "application/json"
                    runs = tag == "script" and not is_data
                    assert not runs or values["src"] in [f"/room/assets/{script}" for script in scripts], rule
                    assert not (has_script and values.get("type") == "password"), rule
                    assert not any(name.startswith("on") or name == "style" for name in values), (rule, values)
                    for name in ("src", "href", "action"):
                        is_source = not (tag == "a" and name == "href")
                        assert not (is_source and (values.get(name) or "").startswith(("http", "//"))), (rule, values)
            for cookie in headers.getlist("Set-Cookie"):
                assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_every_field_of_every_page_has_a_label(clinic, people):
    for visitor in people.values():
        for rule, method in calls(clinic):
            if method != "GET" or rule.endpoint in ("room.as_sent", "room.picture", "room.asset"):
                continue
            tags = send(visitor, rule, method).tags()
            labelled = {values.get("for") for tag, values in tags if tag == "label"}
            for tag, values in tags:
                if tag in ("select", "textarea") or (tag == "input" and values.get("type") not in ("hidden", "radio")):
                    assert values.get("id") in labelled, (rule, values)
