"""What patients and caregivers write to the care team: kept in one place, read by a person in time."""

import json

import pytest
from sqlalchemy import select

from service.platform.database.tables import inbound, tasks

WORDS = "I have been dizzy since Tuesday, and I am afraid to ask."


@pytest.fixture
def enrollment(clinic):
    return clinic.enroll()


def say(clinic, enrollment, token=None, **body):
    token = token or clinic.token_of_patient("p1")
    return clinic.post(f"/v1/enrollments/{enrollment}/messages", token, {"id": "w1", "text": WORDS} | body)


def rows(clinic, table):
    with clinic.service.database.reading() as connection:
        return connection.execute(select(table)).all()


def open_tasks(clinic, enrollment):
    listed = clinic.get(f"/v1/tasks?status=open&enrollment={enrollment}", clinic.staff)["items"]
    return [task for task in listed if "wrote" in task["title"]]


def test_words_open_a_task_that_is_due_in_a_day_and_say_when_a_person_reads_them(clinic, enrollment):
    answer = say(clinic, enrollment)
    assert answer.status == 200
    assert (answer["id"], answer["received_at"], answer["read_by"]) == (
        "w1",
        "2026-07-01T09:00:00Z",
        "2026-07-02T09:00:00Z",
    )
    view = clinic.get(f"/v1/enrollments/{enrollment}/view", clinic.token_of_patient("p1"))
    assert answer["contacts"] == view["contacts"]
    (task,) = open_tasks(clinic, enrollment)
    assert (task["title"], task["due"], task["assignee"]) == (
        "The patient wrote something: read it and answer.",
        "2026-07-02T09:00:00Z",
        "care_team",
    )


def test_the_same_words_are_taken_once_and_other_words_with_their_id_are_a_conflict(clinic, enrollment):
    first = say(clinic, enrollment)
    clinic.clock.pass_by(hours=3)
    assert say(clinic, enrollment).data == first.data
    conflict = say(clinic, enrollment, text="Other words.")
    assert (conflict.status, conflict["code"]) == (409, "conflict")
    assert WORDS not in conflict.data.decode()
    assert len(rows(clinic, inbound)) == len(open_tasks(clinic, enrollment)) == 1
    assert say(clinic, enrollment, id="w2", text="Other words.").status == 200
    assert len(open_tasks(clinic, enrollment)) == 2


def test_a_caregiver_writes_as_themselves_whatever_they_may_report(clinic, enrollment):
    caregiver = clinic.token_of_family(enrollment)
    assert say(clinic, enrollment, caregiver).status == say(clinic, enrollment).status == 200
    titles = sorted(task["title"] for task in open_tasks(clinic, enrollment))
    assert titles == [
        "A caregiver wrote something: read it and answer.",
        "The patient wrote something: read it and answer.",
    ]
    assert len({row.person for row in rows(clinic, inbound)}) == 2, "the words go with who wrote them"


def test_nobody_else_writes(clinic, enrollment):
    other = clinic.enroll("p2")
    assert say(clinic, enrollment, clinic.staff).status == 403
    assert say(clinic, enrollment, clinic.token("both", "report", "staff", reports_as="staff")).status == 403
    assert say(clinic, other).status == 404 == say(clinic, "nothing").status
    assert rows(clinic, inbound) == rows(clinic, tasks) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": ["words"]}, "text"),
        ({"text": None}, "text"),
        ({"id": ""}, "id"),
        ({"id": "x" * 300}, "id"),
        ({"more": 1}, "more"),
    ],
)
def test_what_cannot_be_words_is_refused_by_its_field(clinic, enrollment, body, field):
    refused = say(clinic, enrollment, **body)
    assert refused.status == 422
    assert list(refused["errors"]) == [field]
    assert rows(clinic, inbound) == []


def test_the_words_are_in_one_place_and_in_no_log_error_or_answer(clinic, enrollment, logs):
    say(clinic, enrollment)
    say(clinic, enrollment, text=WORDS + "!")  # a conflict
    say(clinic, enrollment, text=[WORDS])
    assert WORDS not in json.dumps(logs, default=str)
    patient, words = clinic.token_of_patient("p1"), WORDS.encode()
    base = f"/v1/enrollments/{enrollment}"
    for token in (patient, clinic.staff, clinic.token_of_family(enrollment, sees=["course"])):
        for path in (base, f"{base}/view", f"{base}/history", f"{base}/explain", f"{base}/messages", f"{base}/facts"):
            assert words not in clinic.get(path, token).data, path
    assert words not in clinic.get("/v1/tasks", clinic.staff).data
    assert words not in clinic.get("/v1/feed", patient).data
    with clinic.service.database.reading() as connection:
        holders = [
            table.name
            for table in inbound.metadata.sorted_tables
            if WORDS in str(connection.execute(select(table)).all())
        ]
    assert holders == ["inbound"]


def test_words_change_no_state_no_decision_and_no_screen(clinic, enrollment):
    patient, base = clinic.token_of_patient("p1"), f"/v1/enrollments/{enrollment}"
    before = [clinic.get(base + path, patient) for path in ("", "/view", "/history", "/explain")]
    say(clinic, enrollment)
    after = [clinic.get(base + path, patient) for path in ("", "/view", "/history", "/explain")]
    assert [answer.data for answer in before] == [answer.data for answer in after]
    assert before[0].headers["ETag"] == after[0].headers["ETag"]


def test_words_are_taken_after_the_end_too(clinic, enrollment):
    clinic.report(enrollment, clinic.staff, "deceased")
    assert say(clinic, enrollment, clinic.token_of_family(enrollment)).status == 200
    assert len(open_tasks(clinic, enrollment)) == 1


def test_nobody_writes_in_a_sandbox(clinic):
    sandbox = clinic.enroll("s1", sandbox=True)
    token = clinic.post("/v1/patient-tokens", clinic.phone, {"patient_ref": "s1", "expires_in": 600})["token"]
    assert say(clinic, sandbox, token).status == 403
