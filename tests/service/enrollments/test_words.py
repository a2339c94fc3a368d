"""Words of one's own in a fact open a task with a clock; those of staff do not."""

import json

import pytest

FACT = """  worry: {type: text, max_length: 90, title: {en: Your worry, es: Lo que le preocupa}, kept: for the nurse}
"""
WORDS = "My hands are numb."


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    def with_words(folder):
        definition = folder / "definitions" / "follow_up.yaml"
        definition.write_text(definition.read_text().replace("\nfacts:\n", f"\nfacts:\n{FACT}", 1))

    return publish_sample(with_words)


@pytest.fixture
def enrollment(clinic):
    return clinic.enroll()


def written(clinic, enrollment):
    listed = clinic.get(f"/v1/tasks?status=open&enrollment={enrollment}", clinic.staff)["items"]
    assert WORDS not in json.dumps(listed)
    return [(task["title"], task["due"]) for task in listed if "wrote" in task["title"]]


PATIENT = ("The patient wrote something: read it and answer.", "2026-07-02T09:00:00Z")
CAREGIVER = ("A caregiver wrote something: read it and answer.", "2026-07-02T09:00:00Z")


@pytest.mark.parametrize(
    ("facts", "opened"),
    [
        ({"worry": WORDS}, [PATIENT]),
        ({"worry": WORDS, "smokes": True}, [PATIENT]),
        ({"worry": "  "}, []),
        ({"worry": {"declined": True}}, []),
        ({"smokes": True}, []),
    ],
)
def test_words_in_an_answer_open_a_task(clinic, enrollment, facts, opened):
    patient = clinic.token_of_patient("p1")
    assert clinic.report(enrollment, patient, "answered", "2026-07-01", id="a", facts=facts).status == 200
    assert written(clinic, enrollment) == opened
    assert clinic.report(enrollment, patient, "answered", "2026-07-01", id="a", facts=facts).status == 200
    assert written(clinic, enrollment) == opened, "sent again"


def test_words_in_any_report_open_a_task_a_caregivers_too_and_those_of_staff_do_not(clinic, enrollment):
    patient = clinic.token_of_patient("p1")
    clinic.report(enrollment, patient, "asked_for_help", "2026-07-01", facts={"worry": WORDS})
    assert written(clinic, enrollment) == [PATIENT]
    caregiver = clinic.token_of_family(enrollment, may=["answered"])
    clinic.report(enrollment, caregiver, "answered", "2026-07-01", facts={"worry": WORDS})
    clinic.report(enrollment, clinic.staff, "answered", "2026-07-01", facts={"worry": WORDS})
    assert sorted(written(clinic, enrollment)) == [CAREGIVER, PATIENT]


def test_words_on_joining_and_in_a_batch_open_a_task(clinic):
    made = clinic.enroll(facts={"worry": WORDS})
    assert written(clinic, made) == [PATIENT]
    item = {"id": "b", "type": "answered", "occurred_at": "2026-07-01", "facts": {"worry": WORDS}, "enrollment": made}
    assert clinic.post("/v1/events", clinic.phone, {"events": [item]})["items"][0]["status"] == 200
    assert written(clinic, made) == [PATIENT, PATIENT]


def test_a_dry_run_opens_nothing(clinic, enrollment):
    body = {"id": "a", "type": "answered", "occurred_at": "2026-07-01", "facts": {"worry": WORDS}}
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events?dry_run=true", clinic.phone, body)
    assert answer.status == 200
    assert written(clinic, enrollment) == []


def test_words_that_were_taken_back_are_still_read_by_a_person(clinic, enrollment):
    """Who was in need for a moment may be so again; a person decides, and closes the task."""
    patient = clinic.token_of_patient("p1")
    event = clinic.report(enrollment, patient, "answered", "2026-07-01", facts={"worry": WORDS})["decision"]["event"]
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    assert clinic.post(path, patient, {"reason": "entered_in_error"}).status == 200
    assert written(clinic, enrollment) == [PATIENT]
