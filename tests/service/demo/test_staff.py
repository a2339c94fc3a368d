"""The staff of the demonstration: a text is changed, signed by a made-up reviewer, and seen on the phone."""

import re

import pytest

from service.demo.staff import LENGTH
from service.publishing.approvals import every_question
from tests.service.reviewer_ui.visitor import Visitor

pytestmark = pytest.mark.long  # another demonstration begins, which publishes all that is shipped
RELEASE = "/room/journeys/nsclc/releases/1"


def signed_in(demonstration, name):
    result = Visitor(demonstration.app)
    assert result.sign_in(name, demonstration.staff.password).status == 303
    return result


def seen_by_ana(demonstration, visitor):
    ana = demonstration.patients[0]
    token = demonstration.tokens.patients[ana.ref]
    result = visitor.get(
        f"/v1/enrollments/{ana.enrollment}/content?locale=es&format=text", Authorization=f"Bearer {token}"
    )
    return {item["key"]: str(item) for item in result.get_json()["items"]}


def digest(page, locale="es"):
    return re.search(rf'id="standing-{locale}".*?class="digest">([0-9a-f]+)', page.source, re.DOTALL)[1]


@pytest.mark.long
def test_each_of_the_staff_signs_in_and_may_do_what_is_said_of_them(demonstration):
    assert [name for name, _ in demonstration.staff.names] == ["reviewer", "author", "publisher", "nurse"]
    assert len(demonstration.staff.password) == LENGTH
    for name, _ in demonstration.staff.names[:-1]:
        page = signed_in(demonstration, name).get("/room/journeys")
        assert page.status == 200 and "(synthetic)" in page.text
        assert ("/room/accounts" in page.links) == (name == "publisher")
    nurse = signed_in(demonstration, "nurse")
    assert nurse.get("/room/journeys").status == 403
    assert "Tell the patient" in nurse.get("/care/").text


@pytest.mark.long
def test_what_is_changed_waits_for_the_room_and_the_phone_shows_it_once_signed(demonstration, visitor):
    """Publish, sign, see it: the way that somebody new goes in a minute."""
    assert visitor.post("/demo/signing", {"at_once": False}).get_json() == {"at_once": False}
    key = "scan-plan"
    file = next(demonstration.folder.rglob(f"{key}/es.md"))
    file.write_text(file.read_text().rstrip("\n") + "\n\nTraiga una lista.\n")
    assert demonstration.files.check().is_done
    message = visitor.get("/demo/pulse").get_json()["files"]["said"]
    assert "It waits for signatures in the reviewers' room." in message
    assert "Traiga una lista" not in seen_by_ana(demonstration, visitor)[key]
    reviewer = signed_in(demonstration, "reviewer")
    piece = f"{RELEASE}/pieces/{key}/versions/2"
    request = {"locale": "es", "function": "medical", "name": "reviewer", "confirmed": sorted(every_question())}
    request |= {"password": demonstration.staff.password, "digest": digest(reviewer.get(piece))}
    assert reviewer.post(f"{piece}/sign", request).status == 303
    assert "Traiga una lista" in seen_by_ana(demonstration, visitor)[key]


@pytest.mark.long
def test_who_moves_the_clock_signs_in_again_and_nothing_else_happens(demonstration):
    """A session ends after 15 minutes of the demonstration's clock, forwards or back; what was written is shown."""
    page = f"{RELEASE}/pieces/scan-plan/versions/1"
    reviewer = signed_in(demonstration, "reviewer")
    for move in (lambda: demonstration.pass_time("P6M"), demonstration.clock.reset):
        assert reviewer.get(page).status == 200
        move()
        answer = reviewer.get(page)
        assert answer.status == 303 and answer.location.startswith("/room/sign-in?back=")
        written = reviewer.post(f"{page}/comments", {"locale": "en", "sentence": "", "text": "Half a year on."})
        assert written.status == 401 and "Half a year on." in written.text
        assert reviewer.sign_in("reviewer", demonstration.staff.password).status == 303
    demonstration.clock.move_to(demonstration.clock.after("PT10M"))
    assert reviewer.get(page).status == 200
    demonstration.clock.reset()
    assert reviewer.get(page).status == 200


def test_how_changes_are_signed_is_said_by_true_or_false(visitor):
    for body in ({}, [], {"at_once": "yes"}):
        answer = visitor.post("/demo/signing", body)
        assert answer.status_code == 422 and "at_once" in answer.get_json()["title"]
