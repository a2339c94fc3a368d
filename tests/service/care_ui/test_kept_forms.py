"""A form that is sent after its session has ended is kept for its account, and shown once after signing in again."""

import pytest
from sqlalchemy import select

from service.platform.database.tables import account_sessions
from tests.service.care_ui.pages import events, hidden
from tests.service.people import PASSWORD, add
from tests.service.reviewer_ui.test_access import rows
from tests.service.reviewer_ui.visitor import Visitor

TYPED = {"occurred_at": "2026-06-15", "fact.pack_years": "31"}


@pytest.fixture
def path(clinic):
    """The page of a patient who has questions to answer."""
    return f"/care/enrollments/{clinic.enroll('p6')}"


def kept_rows(clinic) -> list[bytes]:
    with clinic.service.database.reading() as connection:
        return [row for row in connection.execute(select(account_sessions.c.kept)).scalars() if row is not None]


@pytest.fixture
def late(clinic, nurse, path):
    """The answer to a form that was sent after 20 minutes without activity."""
    form = hidden(nurse.get(path), "answers_given") | TYPED
    clinic.clock.pass_by(minutes=20)
    before = clinic.get(path.replace("/care", "/v1") + "/history", clinic.staff).data
    answer = nurse.post(f"{path}/reports", form)
    assert clinic.get(path.replace("/care", "/v1") + "/history", clinic.staff).data == before
    return answer, form


def test_what_was_typed_is_shown_again_after_signing_in_and_can_be_sent(clinic, nurse, path, late):
    answer, form = late
    assert answer.status == 401 and "What you filled in is kept for an hour." in answer.text
    assert "31" not in answer.source and "2026-06-15" not in answer.source, (
        "the page at which anybody may look says nothing"
    )
    signing_in = {"name": "noor", "password": PASSWORD, "back": path}
    assert nurse.post("/care/sign-in", signing_in).location == path
    page = nurse.get(path)
    assert page.status == 200 and "This is the form as you filled it in" in page.text
    assert any(values.get("value") == "31" for _, values in page.tags())
    again = hidden(page, "answers_given")
    assert again["id"] == form["id"], "so that it is applied once"
    assert nurse.post(f"{path}/reports", again | TYPED).location == f"{path}?said=waiting"


def test_it_is_shown_once_and_then_stored_nowhere(clinic, nurse, path, late):
    assert len(kept_rows(clinic)) == 1
    nurse.sign_in("noor", at="/care")
    other = clinic.enroll("another")
    assert "as you filled it in" not in nurse.get(f"/care/enrollments/{other}").text
    assert "as you filled it in" in nurse.get(path).text
    assert kept_rows(clinic) == []
    assert "as you filled it in" not in nurse.get(path).text


def test_nobody_else_sees_it_in_this_browser_or_another(clinic, nurse, path, late):
    add(clinic, "olga", roles=["staff"], functions=(), locales=())
    elsewhere = Visitor(clinic.app)
    elsewhere.sign_in("noor", at="/care")
    assert "as you filled it in" not in elsewhere.get(path).text
    nurse.sign_in("olga", at="/care")
    page = nurse.get(path)
    assert "as you filled it in" not in page.text and not any(v.get("value") == "31" for _, v in page.tags())


def test_it_is_forgotten_after_an_hour(clinic, nurse, path, late):
    clinic.clock.pass_by(minutes=61)
    nurse.sign_in("noor", at="/care")
    assert "as you filled it in" not in nurse.get(path).text
    assert kept_rows(clinic) == []


def test_a_retraction_is_kept_with_its_reason(clinic, nurse, path):
    event = events(nurse.get(path))[0]
    clinic.clock.pass_by(minutes=20)
    nurse.post(f"{path}/retractions", {"event": event, "reason": "wrong_patient"})
    nurse.sign_in("noor", at="/care")
    page = nurse.get(path)
    assert any(values.get("value") == "wrong_patient" and "selected" in values for _, values in page.tags())


def test_nothing_is_kept_of_whoever_signed_out_or_sends_a_form_of_another_site(clinic, nurse, path):
    form = hidden(nurse.get(path), "answers_given") | TYPED
    clinic.clock.pass_by(minutes=20)
    before = rows(clinic)
    assert nurse.post(f"{path}/reports", form | {"from_here": "0" * 64}).status == 403
    assert rows(clinic) == before and kept_rows(clinic) == []
    nurse.sign_in("noor", at="/care")
    form = hidden(nurse.get(path), "answers_given") | TYPED
    with clinic.service.database.writing() as connection:
        connection.execute(account_sessions.update().values(ended_at=clinic.clock()))
    answer = nurse.post(f"{path}/reports", form)
    assert answer.status == 401 and "kept" not in answer.text
    assert kept_rows(clinic) == []


def test_closing_and_taking_a_task_are_not_kept(clinic, nurse, path):
    clinic.report(path.rpartition("/")[2], clinic.phone, "asked_for_help")
    task = clinic.get("/v1/tasks?status=open", clinic.staff)["items"][0]["id"]
    nurse.get(path)
    clinic.clock.pass_by(minutes=20)
    answer = nurse.post(f"/care/tasks/{task}/claim", {"claim": "take", "before": ""})
    assert answer.status == 401 and "kept" not in answer.text
    assert kept_rows(clinic) == []
