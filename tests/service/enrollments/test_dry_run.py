"""A dry run of an event: the answer of the event, and no trace of it anywhere."""

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from service.enrollments import transaction
from service.feed.publish import publish_changes
from service.platform.database.tables import metadata

SCAN = {"id": "scan-1", "type": "scan_done", "occurred_at": "2026-07-01", "facts": {"last_scan_on": "2026-07-01"}}


def everything(clinic) -> dict[str, list]:
    """Every row of every table."""
    with clinic.service.database.reading() as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in metadata.sorted_tables}


def events_counted() -> list:
    return [
        (sample.name, sample.labels, sample.value)
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith("journeys_events") and not sample.name.endswith("_created")
    ]


def tried(clinic, enrollment, token, body, query="", **options):
    return clinic.post(f"/v1/enrollments/{enrollment}/events?dry_run=true{query}", token, body, **options)


@pytest.mark.parametrize("sender", ["phone", "staff"])
def test_a_dry_run_answers_like_the_event_and_leaves_no_trace(clinic, sender):
    enrollment, token = clinic.enroll(), getattr(clinic, sender)
    while publish_changes(clinic.service):
        pass
    before, counted = everything(clinic), events_counted()
    dry = tried(clinic, enrollment, token, SCAN, "&include=view&format=html")
    again = tried(clinic, enrollment, token, SCAN, "&include=view&format=html")
    assert dry.status == 200
    assert dry["decision"]["transitions"][0]["to"] == "surveillance.waiting_for_result"
    assert dry["now"]["state"]["disease"]["title"] == "Waiting for the result"
    assert "while-you-wait" in [card["key"] for card in dry["view"]["cards"]]
    assert again.data == dry.data
    assert everything(clinic) == before
    assert events_counted() == counted
    assert publish_changes(clinic.service) == 0
    assert clinic.get(f"/v1/enrollments/{enrollment}/history", token)["items"]
    real = clinic.post(f"/v1/enrollments/{enrollment}/events?include=view&format=html", token, SCAN)
    assert real.data == dry.data
    assert "Idempotent-Replay" not in real.headers
    assert everything(clinic) != before


def test_what_a_dry_run_shows_is_recorded_when_it_is_shown(clinic):
    """The process remembers what is stored as shown: a dry run must not be remembered."""
    enrollment, staff = clinic.enroll(), clinic.staff
    tried(clinic, enrollment, clinic.phone, SCAN)
    event = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, SCAN)["decision"]["event"]
    path = f"/v1/enrollments/{enrollment}/events/{event}/retraction"
    shown = clinic.post(path, staff, {"reason": "entered_in_error"})["decision"]["shown"]
    assert "while-you-wait" in [piece["piece"] for piece in shown]


def test_a_dry_run_says_that_it_is_one_and_has_no_tag(clinic):
    enrollment = clinic.enroll()
    dry = tried(clinic, enrollment, clinic.phone, SCAN)
    assert dry.headers["Journeys-Dry-Run"] == "true"
    assert "ETag" not in dry.headers
    real = clinic.post(f"/v1/enrollments/{enrollment}/events?dry_run=false", clinic.phone, SCAN)
    assert "Journeys-Dry-Run" not in real.headers
    assert "ETag" in real.headers


def test_a_dry_run_shows_staff_the_tasks_that_the_event_would_open(clinic):
    enrollment = clinic.enroll()
    body = {"id": "1", "type": "recurrence_confirmed", "occurred_at": "2026-07-01"}
    dry = tried(clinic, enrollment, clinic.staff, body)
    assert [task["title"] for task in dry["now"]["tasks"]] == ["Tell the patient"]
    assert dry["now"]["held"][0]["name"] == "disease.recurrence"
    assert clinic.get("/v1/tasks", clinic.staff)["items"] == []


def test_a_dry_run_of_what_was_reported_is_answered_with_its_decision(clinic):
    enrollment = clinic.enroll()
    real = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, SCAN)
    dry = tried(clinic, enrollment, clinic.phone, SCAN)
    assert dry.headers["Idempotent-Replay"] == "true"
    assert dry.decision_bytes == real.decision_bytes
    other = tried(clinic, enrollment, clinic.phone, SCAN | {"occurred_at": "2026-06-30"})
    assert (other.status, other["code"]) == (409, "conflict")


def test_a_dry_run_is_refused_like_the_event(clinic):
    enrollment = clinic.enroll()
    for change, headers, status in (
        ({"type": "scan_dne"}, {}, 422),
        ({"facts": {"last_scan_on": "never"}}, {}, 422),
        ({"replaces": "nothing"}, {}, 422),
        ({}, {"If-Match": '"nonsense"'}, 412),
    ):
        dry = tried(clinic, enrollment, clinic.phone, SCAN | change, headers=headers)
        real = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, SCAN | change, headers=headers)
        assert (dry.status, dry.data) == (status, real.data)


def test_a_dry_run_of_a_correction_names_what_was_shown_and_corrects_nothing(clinic):
    enrollment = clinic.enroll()
    clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, SCAN)
    before = everything(clinic)
    body = {"id": "2", "type": "asked_for_help", "occurred_at": "2026-07-01", "replaces": "scan-1"}
    dry = tried(clinic, enrollment, clinic.phone, body)
    assert "while-you-wait" in [piece["piece"] for piece in dry["decision"]["shown"]]
    assert everything(clinic) == before


def test_a_dry_run_that_folds_a_long_log_leaves_no_trace_either(clinic, monkeypatch):
    """On SQLite a long fold is decided before the lock is taken; on PostgreSQL under the row's lock as always."""
    enrollment = clinic.enroll()
    for day in range(2, 12):
        clinic.report(enrollment, clinic.phone, "asked_for_help", f"2026-06-{day:02}")
    monkeypatch.setattr(transaction, "MOST_UNDER_LOCK", 3)
    body = {"id": "late", "type": "asked_for_help", "occurred_at": "2026-06-01"}
    before = everything(clinic)
    dry = tried(clinic, enrollment, clinic.phone, body)
    assert everything(clinic) == before
    assert clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, body).data == dry.data


def test_a_dry_run_of_an_app_says_nothing_of_what_is_held(clinic):
    enrollment = clinic.enroll()
    body = {"id": "help", "type": "asked_for_help", "occurred_at": "2026-07-01"}
    before = tried(clinic, enrollment, clinic.phone, body, "&include=view")
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    after = tried(clinic, enrollment, clinic.phone, body, "&include=view")
    assert (after.headers, after.data) == (before.headers, before.data)


def test_patients_and_caregivers_send_no_dry_run(clinic):
    """What a dry run shows is not recorded as shown."""
    mine, theirs = clinic.enroll("p1"), clinic.enroll("p2")
    tokens = (
        clinic.token_of_patient("p1"),
        clinic.token_of_family(mine),
    )
    for token in tokens:
        answers = [tried(clinic, enrollment, token, SCAN) for enrollment in (mine, theirs, "id999999")]
        assert [(answer.status, answer["code"]) for answer in answers] == [(403, "forbidden")] * 3
        assert answers[0].data == answers[1].data == answers[2].data


def test_a_dry_run_by_cloudevent(clinic):
    enrollment = clinic.enroll()
    before = everything(clinic)
    event = {"specversion": "1.0", "source": "urn:app", "id": "1", "type": "asked_for_help", "time": "2026-07-01"}
    answer = tried(clinic, enrollment, clinic.phone, event, content_type="application/cloudevents+json")
    assert answer.status == 200, answer.data
    assert answer["decision"]["outcome"] == "advanced"
    assert everything(clinic) == before


def test_another_word_than_true_or_false_is_refused(clinic):
    enrollment = clinic.enroll()
    for value in ("1", "yes", ""):
        answer = clinic.post(f"/v1/enrollments/{enrollment}/events?dry_run={value}", clinic.phone, SCAN)
        assert (answer.status, answer["errors"]) == (422, {"dry_run": ["This must be true or false."]})
