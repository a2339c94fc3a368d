"""The list of open tasks: by deadline, by journey, in pages; and closing a task."""

import re

import pytest
from sqlalchemy import update

from service.access.accounts import list_accounts
from service.care_ui import worklist
from service.platform.database.tables import tasks
from tests.service.people import add
from tests.service.reviewer_ui.visitor import Visitor


def ask_for_help(clinic, patient, at):
    enrollment = clinic.enroll(patient)
    clinic.report(enrollment, clinic.phone, "asked_for_help", at)
    return enrollment


def patients(page) -> list[str]:
    return re.findall(r'data-label="Patient">([^<]*)<', page.source)


def close_forms(page) -> list[str]:
    return re.findall(r'action="(/care/tasks/[^"]*/close)"', page.source)


def pages_of(nurse, path):
    page = nurse.get(path)
    yield page
    while later := [values["href"] for tag, values in page.tags() if tag == "a" and values.get("rel") == "next"]:
        page = nurse.get(later[0])
        yield page


def test_tasks_come_by_deadline_and_those_that_are_overdue_first(clinic, nurse):
    for patient, at in (("p2", "2026-06-29T20:00:00Z"), ("p1", "2026-06-28"), ("p3", "2026-06-30T08:00:00Z")):
        ask_for_help(clinic, patient, at)
    assert patients(nurse.get("/care/")) == ["p1", "p2", "p3"]
    page = nurse.get("/care/?due=overdue")
    assert patients(page) == ["p1"] and "All 3" in page.text and "Overdue 1" in page.text
    assert "30 June 2026, 00:00 UTC overdue" in page.text


def test_a_task_due_today_says_so(clinic, nurse):
    ask_for_help(clinic, "p1", "2026-06-29T20:00:00Z")
    assert "1 July 2026, 20:00 UTC today" in nurse.get("/care/").text


def test_a_long_list_has_pages_without_a_gap_also_of_tasks_with_the_same_deadline(clinic, nurse, monkeypatch):
    monkeypatch.setattr(worklist, "TASKS", 2)
    expected = {f"p{number}" for number in range(7)}
    for patient in sorted(expected):
        ask_for_help(clinic, patient, "2026-06-28")
    for path in ("/care/", "/care/?due=overdue&journey=follow_up"):
        pages = list(pages_of(nurse, path))
        assert [len(patients(page)) for page in pages] == [2, 2, 2, 1]
        assert {patient for page in pages for patient in patients(page)} == expected
        assert "First tasks" in pages[-1].text and "Later tasks" not in pages[-1].text


def test_tasks_without_a_deadline_come_last_and_have_pages_too(clinic, nurse, monkeypatch):
    monkeypatch.setattr(worklist, "TASKS", 1)
    endless = [ask_for_help(clinic, patient, "2026-06-20") for patient in ("p1", "p2")]
    ask_for_help(clinic, "p3", "2026-06-30")
    with clinic.service.database.writing() as connection:
        connection.execute(update(tasks).where(tasks.c.enrollment.in_(endless)).values(due=None))
    pages = list(pages_of(nurse, "/care/"))
    assert patients(pages[0]) == ["p3"] and {*patients(pages[1]), *patients(pages[2])} == {"p1", "p2"}
    assert "no deadline" in pages[1].text and "Overdue 0" in pages[1].text


@pytest.mark.parametrize("journey", ["follow_up", ""])
def test_tasks_of_one_journey_or_of_all(clinic, nurse, journey):
    ask_for_help(clinic, "p1", "2026-06-30")
    assert patients(nurse.get(f"/care/?journey={journey}")) == ["p1"]


@pytest.mark.parametrize(
    "query", ["journey=none", "after=x", "after=2026-01-01~x", "after=%00", "journey=%00", "after=~", "due=%27OR+1"]
)
def test_a_hostile_address_is_refused_or_means_nothing(clinic, nurse, query):
    ask_for_help(clinic, "p1", "2026-06-30")
    answer = nurse.get(f"/care/?{query}")
    assert answer.status in (400, 404) or patients(answer) == ["p1"]


def test_a_task_is_closed_once_by_its_closer_and_a_double_click_says_the_same(clinic, nurse):
    ask_for_help(clinic, "p1", "2026-06-30")
    (path,) = close_forms(nurse.get("/care/?due=&journey=follow_up"))
    for _ in range(2):
        answer = nurse.post(path, {"journey": "follow_up"})
        assert answer.location == "/care/?said=closed&journey=follow_up"
    assert "The task is closed." in nurse.get(answer.location).text
    (task,) = clinic.get("/v1/tasks?status=closed", clinic.staff)["items"]
    (account,) = {account.id for account in list_accounts(clinic.service)}
    assert (task["closed_by"], task["closed_at"]) == (f"account:{account}", "2026-07-01T09:00:00Z")


def test_a_task_that_somebody_else_closed_meanwhile_stays_theirs(clinic, nurse):
    enrollment = ask_for_help(clinic, "p1", "2026-06-30")
    (path,) = close_forms(nurse.get(f"/care/enrollments/{enrollment}"))
    (task,) = clinic.get("/v1/tasks", clinic.staff)["items"]
    clinic.post(f"/v1/tasks/{task['id']}/close", clinic.staff)
    answer = nurse.post(path, {"page": "patient"})
    assert answer.location == f"/care/enrollments/{enrollment}?said=over"
    assert "was over already" in nurse.get(answer.location).text
    assert clinic.get("/v1/tasks?status=closed", clinic.staff)["items"][0]["closed_by"] == "clinic"


def test_the_task_to_tell_is_not_closed_before_the_patient_was_told(clinic, nurse):
    enrollment = clinic.enroll("p1")
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed", "2026-06-30")
    (task,) = clinic.get("/v1/tasks", clinic.staff)["items"]
    for path in ("/care/", f"/care/enrollments/{enrollment}"):
        page = nurse.get(path)
        assert "Tell the patient The cancer has come back" in page.text and close_forms(page) == []
    answer = nurse.post(f"/care/tasks/{task['id']}/close", {})
    assert answer.status == 422 and "ends when the patient has been told" in answer.text
    assert [item["id"] for item in clinic.get("/v1/tasks", clinic.staff)["items"]] == [task["id"]]


def test_an_unknown_task_is_not_found(clinic, nurse):
    assert nurse.post("/care/tasks/nothing/close", {}).status == 404


@pytest.fixture
def other_nurse(clinic, nurse):
    """Another member of the care team, signed in."""
    add(clinic, "olga", roles=["staff"], functions=(), locales=())
    visitor = Visitor(clinic.app)
    assert visitor.sign_in("olga", at="/care").location == "/care/"
    return visitor


def claim_form(page, number: int = 0) -> tuple[str, dict[str, str]]:
    """The address and the hidden fields of a form that takes a task on or gives it back."""
    form = re.findall(r'<form method="post" action="(/care/tasks/[^"]*/claim)">(.*?)</form>', page.source)[number]
    return form[0], dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form[1]))


def test_a_task_is_taken_on_and_given_back(clinic, nurse, other_nurse):
    ask_for_help(clinic, "p1", "2026-06-28")
    path, form = claim_form(nurse.get("/care/"))
    assert nurse.post(path, form).location == "/care/?said=taken"
    assert nurse.post(path, form).location == "/care/?said=taken", "a double click"
    assert "yours" in nurse.get("/care/").text and "Give back Call the patient" in nurse.get("/care/").text
    seen = other_nurse.get("/care/").text
    assert "Dr Noor" in seen and "Take over Call the patient, from Dr Noor" in seen
    path, form = claim_form(nurse.get("/care/"))
    assert nurse.post(path, form).location == "/care/?said=given_back"
    assert "Take Call the patient" in other_nurse.get("/care/").text


def test_two_who_take_a_task_at_once_do_not_both_have_it(clinic, nurse, other_nurse):
    ask_for_help(clinic, "p1", "2026-06-28")
    (path, form), (_, same) = claim_form(nurse.get("/care/")), claim_form(other_nurse.get("/care/"))
    assert nurse.post(path, form).location == "/care/?said=taken"
    answer = other_nurse.post(path, same | {"from_here": claim_form(other_nurse.get("/care/"))[1]["from_here"]})
    assert answer.location == "/care/?said=not_taken"
    assert "Somebody else has taken the task on meanwhile" in other_nurse.get(answer.location).text
    assert other_nurse.post(*claim_form(other_nurse.get("/care/"))).location == "/care/?said=taken", "taken over"
    assert "Dr Olga" in nurse.get("/care/").text


def test_the_list_is_of_everybody_oneself_or_nobody_and_stays_so(clinic, nurse, other_nurse):
    for patient in ("p1", "p2", "p3"):
        ask_for_help(clinic, patient, "2026-06-28")
    first, second, third = everybody = patients(nurse.get("/care/"))
    nurse.post(*claim_form(nurse.get("/care/"), 0))
    other_nurse.post(*claim_form(other_nurse.get("/care/"), 1))
    assert patients(nurse.get("/care/?whose=mine")) == [first]
    assert patients(other_nurse.get("/care/?whose=mine&due=overdue")) == [second]
    assert patients(nurse.get("/care/?whose=nobody")) == [third]
    assert patients(nurse.get("/care/?whose=strangers")) == everybody
    page = nurse.get("/care/?whose=nobody&due=overdue")
    assert "All 1" in page.text and "Overdue 1" in page.text
    answer = nurse.post(*claim_form(page))
    assert answer.location == "/care/?said=taken&due=overdue&whose=nobody"
    assert "No task is overdue." in nurse.get(answer.location).text
    assert "Somebody has taken every open task on." in nurse.get("/care/?whose=nobody").text


def test_a_task_that_is_over_is_not_taken_and_one_that_opens_again_is_nobodys(clinic, nurse):
    enrollment = ask_for_help(clinic, "p1", "2026-06-28")
    path, form = claim_form(nurse.get(f"/care/enrollments/{enrollment}"))
    assert nurse.post(path, form).location == f"/care/enrollments/{enrollment}?said=taken"
    assert "yours" in nurse.get(f"/care/enrollments/{enrollment}").text
    nurse.post(path.replace("/claim", "/close"), {})
    assert nurse.post(path, form).location == f"/care/enrollments/{enrollment}?said=not_taken"
    assert nurse.post("/care/tasks/nothing/claim", form).status == 404


def test_who_has_a_task_changes_nothing_for_the_patient(clinic, nurse):
    enrollment = ask_for_help(clinic, "p1", "2026-06-28")
    own = clinic.token_of_patient("p1")
    addresses = [f"/v1/enrollments/{enrollment}{end}" for end in ("", "/view", "/history", "/explain")]
    before = [(clinic.get(address, own).headers, clinic.get(address, own).data) for address in addresses]
    assert nurse.post(*claim_form(nurse.get("/care/"))).location == "/care/?said=taken"
    assert [(clinic.get(address, own).headers, clinic.get(address, own).data) for address in addresses] == before
