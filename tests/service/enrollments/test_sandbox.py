"""Sandboxes: of no patient, with a clock of their own that only the API moves, and that all of them follows."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from service.operations.refold import repair
from service.operations.verify import find_ahead, verify_all
from service.platform.database.tables import enrollments, metadata, shown, tasks
from tests.service.clinic import START, joining


def made(clinic, patient="s1", **more) -> str:
    return clinic.enroll(patient, sandbox=True, **more)


def move(clinic, enrollment, token=None, **body):
    return clinic.post(f"/v1/enrollments/{enrollment}/clock", token or clinic.phone, body)


def column(clinic, enrollment, name):
    with clinic.service.database.reading() as connection:
        return connection.execute(select(enrollments.c[name]).where(enrollments.c.id == enrollment)).scalar_one()


def test_a_sandbox_says_what_it_is_and_its_clock(clinic):
    sandbox, real = made(clinic), clinic.enroll("p1")
    read = clinic.read(sandbox, clinic.phone)
    assert (read["sandbox"], read["clock"]) == (True, "2026-07-01T09:00:00Z")
    assert read["created_at"] == read["clock"]
    read = clinic.read(real, clinic.phone)
    assert (read["sandbox"], read["clock"]) == (False, None)


def test_its_clock_stands_still_while_the_real_one_runs(clinic):
    sandbox = made(clinic)
    before = clinic.read(sandbox, clinic.staff)
    clinic.clock.pass_by(days=400)
    clinic.worker().fire_all()
    assert clinic.read(sandbox, clinic.staff) == before


def test_moving_its_clock_fires_timers_at_their_own_deadlines(clinic):
    sandbox, real = made(clinic), clinic.enroll("p1")
    answer = move(clinic, sandbox, advance="P30D")
    assert (answer.status, answer["clock"]) == (200, "2026-07-31T09:00:00Z")
    assert clinic.places(sandbox)["disease"] == "surveillance.scan_due"
    state = clinic.read(sandbox, clinic.phone)["now"]["state"]["disease"]
    assert state["since"] == "2026-07-15T00:00:00Z"
    history = clinic.get(f"/v1/enrollments/{sandbox}/history", clinic.staff)["items"]
    assert [line["at"] for line in history if line["kind"] == "timer"] == [
        "2026-07-15T00:00:00Z",
        "2026-07-29T00:00:00Z",
    ]
    assert clinic.places(real)["disease"] == "surveillance.next_scan_later"
    assert clinic.clock() == START


def test_a_repeated_instant_moves_nothing_and_a_repeated_duration_moves_again(clinic):
    sandbox = made(clinic)
    first = move(clinic, sandbox, to="2026-08-01T00:00:00Z")
    assert move(clinic, sandbox, to="2026-08-01T00:00:00Z").data == first.data
    assert move(clinic, sandbox, advance="P1M")["clock"] == "2026-09-01T00:00:00Z"
    assert move(clinic, sandbox, advance="P1M")["clock"] == "2026-10-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "body", "Send 'advance' or 'to'."),
        ({"advance": "P1D", "to": "2027-01-01T00:00:00Z"}, "body", "Send 'advance' or 'to'."),
        ({"to": "2026-07-01T08:59:59Z"}, "to", "which moves forward only"),
        ({"to": "2036-07-01T09:00:01Z"}, "to", "ten years after it was made"),
        ({"advance": "P10Y1D"}, "advance", "2036-07-01T09:00:00Z at the latest"),
        ({"advance": "PT0S"}, "advance", "longer than zero"),
        ({"advance": "-P1D"}, "advance", "longer than zero"),
        ({"advance": "P"}, "advance", "longer than zero"),
        ({"advance": 30}, "advance", "longer than zero"),
        ({"to": "2026-08-01"}, "to", "a time with an offset"),
        ({"by": "P1D"}, "by", "Unknown field"),
    ],
)
def test_a_clock_is_moved_forward_and_ten_years_at_most(clinic, body, field, words):
    sandbox = made(clinic)
    answer = move(clinic, sandbox, **body)
    assert answer.status == 422
    assert words in answer["errors"][field][0]
    assert clinic.read(sandbox, clinic.phone)["clock"] == "2026-07-01T09:00:00Z"


def test_ten_years_are_all_that_a_clock_can_be_moved(clinic):
    sandbox = made(clinic)
    assert move(clinic, sandbox, advance="P10Y")["clock"] == "2036-07-01T09:00:00Z"
    assert move(clinic, sandbox, advance="PT1S").status == 422
    assert list(verify_all(clinic.service)) == []


def test_the_clock_of_a_patient_is_not_moved(clinic):
    real = clinic.enroll("p1")
    answer = move(clinic, real, advance="P30D")
    assert (answer.status, answer["code"]) == (409, "conflict")
    assert answer["title"] == "Sandboxes and patients are kept apart."
    assert clinic.places(real)["disease"] == "surveillance.next_scan_later"


def test_only_apps_that_enroll_and_staff_move_a_clock(clinic):
    sandbox = made(clinic)
    own, reader = clinic.token_of_patient("s1"), clinic.token("reader", "read", "report")
    assert [move(clinic, sandbox, token, advance="P1D").status for token in (own, reader)] == [403, 403]
    assert [move(clinic, sandbox, token, advance="P1D").status for token in (clinic.phone, clinic.staff)] == [200, 200]
    assert move(clinic, "id999999", advance="P1D").status == 404


@pytest.mark.parametrize("is_sandbox", [True, False], ids=["a sandbox first", "a patient first"])
def test_a_reference_is_a_patients_or_a_sandboxes(clinic, is_sandbox):
    clinic.enroll("p1", sandbox=is_sandbox)
    answer = clinic.post("/v1/enrollments", clinic.phone, joining("p1", "k2", sandbox=not is_sandbox))
    assert (answer.status, answer["code"]) == (409, "conflict")
    assert answer["title"] == "Sandboxes and patients are kept apart."
    assert clinic.post("/v1/enrollments", clinic.phone, joining("p1", "k2", sandbox=is_sandbox)).status == 201
    listed = clinic.get("/v1/enrollments?patient_ref=p1", clinic.phone)["items"]
    assert [item["sandbox"] for item in listed] == [is_sandbox, is_sandbox]


def test_who_enrolls_the_same_new_person_both_ways_at_once_gets_one(clinic):
    token = clinic.phone

    def enroll(number: int) -> int:
        body = joining("p1", f"k{number}", sandbox=number % 2 == 0)
        return clinic.post("/v1/enrollments", token, body).status

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(enroll, range(8)))
    assert sorted(statuses) == [201] * 4 + [409] * 4
    assert len({item["sandbox"] for item in clinic.get("/v1/enrollments?patient_ref=p1", token)["items"]}) == 1


def test_the_last_sandbox_of_a_reference_is_deleted_while_another_is_made(clinic):
    last = clinic.enroll("s1", "k0", sandbox=True)
    for number in range(1, 40):
        body = joining("s1", f"k{number}", sandbox=True)
        with ThreadPoolExecutor(2) as pool:
            made = pool.submit(clinic.post, "/v1/enrollments", clinic.phone, body)
            deleted = pool.submit(clinic.call, "DELETE", f"/v1/enrollments/{last}", clinic.phone)
        assert (made.result().status, deleted.result().status) == (201, 200)
        last = made.result()["id"]
        assert clinic.read(last, clinic.staff)["sandbox"] is True


def test_the_same_request_is_the_same_sandbox_and_another_kind_a_conflict(clinic):
    sandbox = made(clinic)
    move(clinic, sandbox, advance="P30D")
    again = clinic.post("/v1/enrollments", clinic.phone, joining("s1", sandbox=True))
    assert (again["id"], again["clock"]) == (sandbox, "2026-07-31T09:00:00Z")
    assert again["now"]["state"]["disease"]["state"] == "surveillance.scan_due"
    assert clinic.post("/v1/enrollments", clinic.phone, joining("s1")).status == 409


def test_an_event_may_be_dated_up_to_the_clock_of_the_sandbox(clinic):
    sandbox = made(clinic)
    late = {"facts": {"last_scan_on": "2026-08-20"}}
    assert clinic.report(sandbox, clinic.phone, "scan_done", "2026-08-20", **late).status == 422
    move(clinic, sandbox, to="2026-08-20T09:00:00Z")
    assert clinic.report(sandbox, clinic.phone, "scan_done", "2026-08-20", **late)["decision"]["outcome"] == "advanced"
    assert clinic.places(sandbox)["disease"] == "surveillance.waiting_for_result"
    lines = clinic.get(f"/v1/enrollments/{sandbox}/history", clinic.staff)["items"]
    event = [line for line in lines if line["kind"] == "event"][-1]
    assert (event["at"], event["precision"]) == ("2026-08-20T00:00:00Z", "day")
    ahead = clinic.report(sandbox, clinic.staff, "recurrence_confirmed", "2026-08-20T09:06:00Z")
    assert ahead.status == 422


def test_what_happens_in_a_sandbox_happens_at_its_clock(clinic):
    sandbox = made(clinic)
    move(clinic, sandbox, to="2026-09-01T09:00:00Z")
    clinic.report(sandbox, clinic.staff, "recurrence_confirmed", "2026-09-01T09:00:00Z")
    (task,) = clinic.get(f"/v1/tasks?enrollment={sandbox}&status=open", clinic.staff)["items"]
    assert task["due"].startswith("2026-09-0")
    move(clinic, sandbox, advance="P1D")
    assert clinic.post(f"/v1/tasks/{task['id']}/close", clinic.staff)["closed_at"] == "2026-09-02T09:00:00Z"
    own = clinic.token_of_patient("s1")
    clinic.get(f"/v1/enrollments/{sandbox}/view", own)
    with clinic.service.database.reading() as connection:
        opened = connection.execute(select(tasks.c.opened_at).where(tasks.c.id == task["id"])).scalar_one()
        last_shown = max(connection.execute(select(shown.c.first_at)).scalars())
    assert opened.isoformat() == "2026-09-01T09:00:00+00:00"
    assert last_shown.isoformat() == "2026-09-02T09:00:00+00:00"
    seen = clinic.get("/v1/me/disclosures", own)["items"]
    assert seen[-1]["at"] == "2026-09-02T09:00:00Z", "also what was shown in its own future"


def test_settings_of_a_sandbox_change_at_its_clock(clinic):
    sandbox = made(clinic)
    move(clinic, sandbox, advance="P30D")
    answer = clinic.call("PATCH", f"/v1/enrollments/{sandbox}", clinic.phone, json={"locale": "es"})
    assert answer["patient"]["locale"] == "es"
    history = clinic.get(f"/v1/enrollments/{sandbox}/history", clinic.staff)["items"]
    assert (history[-1]["kind"], history[-1]["at"]) == ("settings", "2026-07-31T09:00:00Z")


def test_content_is_approved_by_the_real_clock(clinic):
    sandbox = made(clinic)
    before = clinic.seen(sandbox, clinic.phone)
    assert before != []
    move(clinic, sandbox, advance="P9Y")
    assert clinic.seen(sandbox, clinic.phone) != []


def test_no_worker_takes_a_sandbox_and_no_check_of_clocks_trips_over_it(clinic):
    sandbox = made(clinic)
    move(clinic, sandbox, advance="P3Y")
    assert column(clinic, sandbox, "next_due_at") is None
    assert clinic.worker().fire_all() == 0
    assert list(find_ahead(clinic.service)) == []
    assert list(verify_all(clinic.service)) == []
    before = clinic.read(sandbox, clinic.staff)
    assert repair(clinic.service, [sandbox]) == 0
    assert clinic.read(sandbox, clinic.staff) == before
    clinic.clock.pass_by(days=365 * 4)
    assert clinic.worker().fire_all() == 0
    assert clinic.read(sandbox, clinic.staff) == before


def test_repair_folds_a_sandbox_back_to_its_own_clock(clinic):
    sandbox = made(clinic)
    move(clinic, sandbox, to="2026-09-01T09:00:00Z")
    clinic.report(sandbox, clinic.staff, "recurrence_confirmed", "2026-09-01T09:00:00Z")
    with clinic.service.database.writing() as connection:
        connection.execute(enrollments.update().values(clock=START))  # as if its clock had never been moved
    assert [difference.enrollment for difference in find_ahead(clinic.service)] == [sandbox]
    repair(clinic.service, [sandbox])
    assert list(verify_all(clinic.service)) == []


def test_a_conditional_read_of_a_sandbox_follows_its_clock(clinic):
    sandbox, own = made(clinic), clinic.token_of_patient("s1")
    path = f"/v1/enrollments/{sandbox}/view"
    tag = clinic.get(path, own).headers["ETag"]
    clinic.clock.pass_by(days=60)
    own = clinic.token_of_patient("s1")
    assert clinic.get(path, own, headers={"If-None-Match": tag}).status == 304
    move(clinic, sandbox, advance="P60D")
    assert clinic.get(path, own, headers={"If-None-Match": tag}).status == 200


def test_staff_list_the_sandboxes_of_a_journey_when_they_ask_for_them(clinic):
    sandbox, real = made(clinic), clinic.enroll("p1")
    move(clinic, sandbox, advance="P30D")

    def listed(query):
        return [item["id"] for item in clinic.get(f"/v1/enrollments?journey=follow_up{query}", clinic.staff)["items"]]

    assert (listed(""), listed("&sandbox=false"), listed("&sandbox=true")) == ([real], [real], [sandbox])
    assert listed("&sandbox=true&state=disease.surveillance.scan_due") == [sandbox]
    assert clinic.get("/v1/enrollments?patient_ref=s1&sandbox=true", clinic.staff).status == 422
    assert clinic.get("/v1/enrollments?journey=follow_up&sandbox=yes", clinic.staff).status == 422


def test_no_code_is_sent_for_a_sandbox(clinic):
    made(clinic)
    own = clinic.token_of_patient("s1")
    (contact,) = clinic.post("/v1/me/contacts", own, {"channel": "email", "address": "s1@example.org"})["contacts"]
    answer = clinic.post(f"/v1/me/contacts/{contact['id']}/verification", own)
    assert (answer.status, answer["code"]) == (409, "conflict")
    assert "sandbox" in answer["detail"]


def rows_of_all_tables(clinic) -> dict[str, int]:
    with clinic.service.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name != "tokens"
        }


def test_a_deleted_sandbox_leaves_no_row(clinic):
    real = clinic.enroll("p1")
    own_of_sandbox = clinic.token_of_patient("s1")
    before = rows_of_all_tables(clinic)
    first, second = made(clinic), made(clinic, key="k2")
    assert (
        clinic.post("/v1/me/contacts", own_of_sandbox, {"channel": "email", "address": "s1@example.org"}).status == 200
    )
    assert (
        clinic.post("/v1/me/permissions", own_of_sandbox, {"kind": "revoke", "method": "app", "channel": "sms"}).status
        == 201
    )
    for sandbox in (first, second):
        clinic.get(f"/v1/enrollments/{sandbox}/view", own_of_sandbox)
        clinic.report(sandbox, clinic.staff, "recurrence_confirmed")
        move(clinic, sandbox, advance="P2M")
    answer = clinic.call("DELETE", f"/v1/enrollments/{first}", clinic.phone)
    assert (answer.status, answer.json) == (200, {"id": first, "deleted": True})
    assert clinic.get("/v1/me/preferences", own_of_sandbox)["contacts"] != [], "its other sandbox has this person too"
    assert clinic.get(f"/v1/enrollments/{first}", clinic.staff).status == 404
    assert clinic.call("DELETE", f"/v1/enrollments/{first}", clinic.phone).status == 404
    assert clinic.call("DELETE", f"/v1/enrollments/{second}", clinic.staff).status == 200
    assert rows_of_all_tables(clinic) == before
    assert clinic.post("/v1/enrollments", clinic.phone, joining("s1")).status == 201, "the reference is free again"
    assert clinic.get("/v1/enrollments?patient_ref=s1", own_of_sandbox).status == 401, "for others than before"
    assert list(verify_all(clinic.service)) == []
    assert clinic.read(real, clinic.phone)["patient"]["ref"] == "p1"


def test_the_enrollment_of_a_patient_is_not_deleted(clinic):
    real, sandbox = clinic.enroll("p1"), made(clinic)
    before = rows_of_all_tables(clinic)
    answer = clinic.call("DELETE", f"/v1/enrollments/{real}", clinic.staff)
    assert (answer.status, answer["code"]) == (409, "conflict")
    own = clinic.token_of_patient("s1")
    assert clinic.call("DELETE", f"/v1/enrollments/{sandbox}", own).status == 403
    assert rows_of_all_tables(clinic) == before
