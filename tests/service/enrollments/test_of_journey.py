"""The enrollments of a journey for staff: by state, by the time of enrolling, in pages; and counts by state."""

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen, remove

from service.enrollments import of_journey

LIST = "/v1/enrollments?journey=follow_up"


def patients(clinic, query="") -> list[str]:
    return [item["patient"]["ref"] for item in clinic.pages(f"{LIST}{query}", clinic.staff)]


def counts(clinic) -> dict[str, int]:
    answer = clinic.get("/v1/journeys/follow_up/counts", clinic.staff)
    assert answer.status == 200, answer.data
    return {state["state"]: state["enrollments"] for state in answer["states"]}


@pytest.fixture
def ward(clinic):
    """Six patients, enrolled a day apart: p2 needs help, p3 has a recurrence untold, p4 has died."""
    for number in range(1, 7):
        enrollment = clinic.enroll(f"p{number}")
        match number:
            case 2:
                clinic.report(enrollment, clinic.phone, "asked_for_help")
            case 3:
                clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
            case 4:
                clinic.report(enrollment, clinic.staff, "deceased")
        clinic.clock.pass_by(days=1)
    return clinic


def test_all_enrollments_come_in_the_order_of_enrolling(ward):
    assert patients(ward) == ["p1", "p2", "p3", "p4", "p5", "p6"]
    for limit in (1, 2, 5, 6):
        assert patients(ward, f"&limit={limit}") == ["p1", "p2", "p3", "p4", "p5", "p6"]
    page = ward.get(f"{LIST}&limit=6", ward.staff)
    assert page["next"] is None
    assert page["items"][2]["now"]["held"][0]["name"] == "disease.recurrence"


def test_enrollments_of_one_instant_are_all_listed(clinic):
    for number in range(1, 6):
        clinic.enroll(f"p{number}")
    assert sorted(patients(clinic, "&limit=2")) == ["p1", "p2", "p3", "p4", "p5"]


def test_a_state_lists_those_who_are_in_it_or_in_a_state_within_it(ward):
    assert patients(ward, "&state=disease.surveillance.next_scan_later") == ["p1", "p2", "p5", "p6"]
    assert patients(ward, "&state=disease.surveillance") == ["p1", "p2", "p5", "p6"]
    assert patients(ward, "&state=disease.surveillance&limit=1") == ["p1", "p2", "p5", "p6"]
    assert patients(ward, "&state=support.needs_help") == ["p2"]
    assert patients(ward, "&state=disease.recurrence") == ["p3"], "staff see the truth"
    assert patients(ward, "&state=disease.surveillance.scan_due") == []


def test_a_state_is_that_of_now_also_where_no_worker_has_fired(ward):
    ward.clock.set("2026-08-20T00:00:00")
    assert patients(ward, "&state=disease.surveillance.scan_due") == ["p1", "p2", "p5", "p6"]
    assert patients(ward, "&state=disease.surveillance.next_scan_later") == []
    assert counts(ward)["disease.surveillance.scan_due"] == 4
    ward.worker().fire_all()
    assert patients(ward, "&state=disease.surveillance.scan_due") == ["p1", "p2", "p5", "p6"]


def test_since_lists_those_who_were_enrolled_then_or_later(ward):
    assert patients(ward, "&since=2026-07-05T09:00:00Z") == ["p5", "p6"]
    assert patients(ward, "&since=2026-07-05T09:00:01Z&limit=1") == ["p6"]
    assert patients(ward, "&since=2026-07-02T09:00:00Z&limit=1&state=disease.surveillance") == ["p2", "p5", "p6"]
    assert patients(ward, "&since=2027-01-01T00:00:00Z") == []


def test_a_page_ends_after_a_number_of_enrollments_that_are_not_in_the_state(ward, monkeypatch):
    monkeypatch.setattr(of_journey, "MOST_READ", 2)
    monkeypatch.setattr(of_journey, "BATCH", 1)
    page = ward.get(f"{LIST}&state=disease.recurrence", ward.staff).json
    assert page["items"] == []
    assert page["next"] is not None
    assert patients(ward, "&state=disease.recurrence") == ["p3"]
    assert patients(ward, "&state=disease.surveillance") == ["p1", "p2", "p5", "p6"]


def test_counts_agree_with_the_lists(ward):
    by_state = counts(ward)
    assert by_state == {
        "disease.recurrence": 1,
        "disease.surveillance": 4,
        "disease.surveillance.next_scan_later": 4,
        "support.managing": 4,
        "support.needs_help": 1,
    }
    for state, count in by_state.items():
        assert len(patients(ward, f"&state={state}")) == count
    answer = ward.get("/v1/journeys/follow_up/counts", ward.staff)
    assert (answer["journey"], answer["open"], answer["ended"]) == ("follow_up", 5, 1)
    assert answer["at"] == "2026-07-07T09:00:00Z"


def test_only_staff_list_and_count(ward):
    family = ward.token_of_family(next(iter(ward.enrolled)))
    for token in (ward.phone, ward.token_of_patient("p1"), family):
        for path in (LIST, f"{LIST}&state=disease.recurrence", f"{LIST}&state=nothing", "/v1/enrollments?journey=x"):
            answer = ward.get(path, token)
            assert (answer.status, answer["code"]) == (403, "forbidden")
        assert ward.get("/v1/journeys/follow_up/counts", token).status == 403


def test_what_cannot_be_listed_is_refused_in_a_sentence(clinic):
    for query, field, says in (
        ("", "patient_ref", "Staff can send 'journey'"),
        ("?patient_ref=p1&journey=follow_up", "patient_ref", "not both"),
        ("?state=disease.recurrence", "journey", "required"),
        ("?patient_ref=p1&since=2026-07-01T00:00:00Z", "journey", "for the list of a journey"),
        ("?journey=follow_upp", "journey", "Did you mean 'follow_up'?"),
        ("?journey=follow_up&state=disease.recurence", "state", "Did you mean 'disease.recurrence'?"),
        ("?journey=follow_up&state=recurrence", "state", "full path"),
        ("?journey=follow_up&since=2026-07-01", "since", "a time with an offset"),
        ("?journey=follow_up&cursor=id000001", "cursor", "Unknown cursor"),
        ("?journey=follow_up&cursor=2026-13-01T00:00:00Z~id000001", "cursor", "Unknown cursor"),
        ("?journey=follow_up&cursor=~", "cursor", "Unknown cursor"),
    ):
        answer = clinic.get(f"/v1/enrollments{query}", clinic.staff)
        assert (answer.status, answer["code"]) == (422, "invalid"), query
        assert says in answer["errors"][field][0]


def test_a_journey_without_patients_has_no_counts_and_there_are_none_of_an_unknown_journey(clinic):
    answer = clinic.get("/v1/journeys/follow_up/counts", clinic.staff)
    assert (answer["open"], answer["ended"], answer["states"]) == (0, 0, [])
    answer = clinic.get("/v1/journeys/follow_upp/counts", clinic.staff)
    assert (answer.status, answer["detail"]) == (404, "No journey with this key has been published.")


def test_a_page_is_read_by_the_index(ward):
    """A page of a large journey costs the same wherever it begins."""
    database, sent = ward.service.database, []

    def note(_connection, _cursor, statement, parameters, *_) -> None:
        sent.append((statement, parameters))

    listen(database.engine, "before_cursor_execute", note)
    patients(ward, "&limit=2")
    remove(database.engine, "before_cursor_execute", note)
    statement, parameters = next(query for query in sent if "ORDER BY enrollments.created_at" in query[0])
    with database.writing() as connection:
        if not database.is_sqlite:  # so few rows are faster read one after the other
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
    assert "ix_enrollments_journey_created_at_id" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
