"""Reporting events: the decision, the current state, and the same decision for ever."""

import threading

import pytest
from sqlalchemy import update

from service.enrollments.requests import digest_of
from service.platform.database.tables import events
from tests.service.clinic import joining

SCAN = {"id": "scan-1", "type": "scan_done", "occurred_at": "2026-07-01", "facts": {"last_scan_on": "2026-07-01"}}


def test_an_event_is_decided_and_answered_with_what_is_so_now(clinic):
    enrollment = clinic.enroll()
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, SCAN)
    assert answer.status == 200
    decision = answer["decision"]
    assert decision.keys() == {"event", "outcome", "by_track", "transitions", "waiting_for", "cleared"}
    assert (decision["outcome"], decision["by_track"]) == ("advanced", {"disease": "advanced", "support": "stayed"})
    assert decision["transitions"] == [
        {
            "track": "disease",
            "from": "surveillance.next_scan_later",
            "to": "surveillance.waiting_for_result",
            "trigger": "scan_done",
        }
    ]
    now = answer["now"]
    assert now["state"]["disease"]["title"] == "Waiting for the result"
    assert now["state"]["disease"]["since"] == "2026-07-01T00:00:00Z"
    assert [piece["key"] for piece in now["content"]] == ["while-you-wait", "follow-up-plan", "where-to-ask"]
    assert now["revised"] is False


def test_bodies_of_pieces_come_on_request(clinic):
    enrollment = clinic.enroll()
    answer = clinic.report(enrollment, clinic.phone, "asked_for_help", query="?locale=es&format=html,text")
    plan = next(piece for piece in answer["now"]["content"] if piece["key"] == "follow-up-plan")
    assert "15 de enero de 2026" in plan["html"]
    assert plan["text"].startswith("Su plan de seguimiento")
    assert plan["version"] == 1


def test_a_hundred_replays_give_the_same_decision_and_apply_nothing(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, clinic.phone, SCAN)
    assert "Idempotent-Replay" not in first.headers
    for number in range(100):
        clinic.clock.pass_by(hours=1)
        again = clinic.post(path, clinic.phone, SCAN if number % 2 else dict(reversed(SCAN.items())))
        assert again.headers["Idempotent-Replay"] == "true"
        assert again.decision_bytes == first.decision_bytes
    assert len(clinic.get(f"/v1/enrollments/{enrollment}/history", clinic.phone)["items"]) == 2


def test_another_body_under_the_same_id_is_a_conflict(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    clinic.post(path, clinic.phone, SCAN)
    before = clinic.read(enrollment, clinic.staff)
    answer = clinic.post(path, clinic.phone, SCAN | {"occurred_at": "2026-06-30"})
    assert (answer.status, answer["code"]) == (409, "conflict")
    assert clinic.read(enrollment, clinic.staff) == before


def test_a_replay_is_recognised_before_validation_and_if_match(clinic):
    """The very body that was once accepted is answered, whatever the clock or the tag say now."""
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    clinic.post(path, clinic.phone, SCAN)
    clinic.clock.set("2026-06-01T00:00:00")  # now it lies in the future
    answer = clinic.post(path, clinic.phone, SCAN, headers={"If-Match": '"nonsense"'})
    assert (answer.status, answer.headers["Idempotent-Replay"]) == (200, "true")


def test_the_same_id_of_two_reporters_is_two_events(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, clinic.phone, SCAN)
    other = clinic.post(path, clinic.staff, SCAN)
    assert (first.status, other.status) == (200, 200)
    assert first["decision"]["event"] != other["decision"]["event"]


def test_what_is_refused_is_not_stored_and_may_be_put_right_under_its_id(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    before = clinic.read(enrollment, clinic.staff)
    assert clinic.post(path, clinic.phone, SCAN | {"facts": {"last_scan_on": "never"}}).status == 422
    assert clinic.read(enrollment, clinic.staff) == before
    assert clinic.post(path, clinic.phone, SCAN).status == 200


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"type": "scan_dne"}, "type", "Did you mean 'scan_done'?"),
        ({"type": "scan_result_reported"}, "type", "by staff, not by patient"),
        ({"occurred_at": "2026-07-01T10:00:00"}, "occurred_at", "no offset"),
        ({"occurred_at": "2026-08-01"}, "occurred_at", "future"),
        ({"occurred_at": "1066-10-14"}, "occurred_at", "from 1900"),
        ({"occurred_at": "yesterday"}, "occurred_at", "a date"),
        ({"occurred_at": 20260701}, "occurred_at", "a date"),
        ({"occurred_at": "2026-02-30"}, "occurred_at", "a date"),
        ({"occurred_at": None}, "occurred_at", "required"),
        ({"sequence": -1}, "sequence", "whole number"),
        ({"sequence": 1.0}, "sequence", "whole number"),
        ({"sequence": True}, "sequence", "whole number"),
        ({"sequence": "1"}, "sequence", "whole number"),
        ({"told": True}, "told", "Only staff"),
        ({"told": "yes"}, "told", "true or false"),
        ({"facts": {"smokes": "yes"}}, "facts.smokes", "true or false"),
        ({"facts": {"smokes": 1}}, "facts.smokes", "true or false"),
        ({"facts": {"last_scan_on": "2026-07-01T00:00:00Z"}}, "facts.last_scan_on", "a date"),
        ({"facts": {"scan_result": "clear"}}, "facts.scan_result", "by staff"),
        ({"facts": {"stage_edition": 8}}, "facts.stage_group", "reported together"),
        ({"facts": [1]}, "facts", "object"),
        ({"replaces": "nothing"}, "replaces", "No event with this id"),
        ({"id": "x" * 256}, "id", "1 to 255"),
        ({"id": "a\u0001b"}, "id", "control"),
        ({"id": 7}, "id", "a text"),
        ({"state": "recurrence"}, "state", "Unknown field"),
        ({"patient_ref": "p2"}, "patient_ref", "Unknown field"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_accepted(clinic, change, field, says):
    enrollment = clinic.enroll()
    before = clinic.read(enrollment, clinic.staff)
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, SCAN | change)
    assert (answer.status, answer.type, answer["code"]) == (422, "application/problem+json", "invalid")
    assert says in answer["errors"][field][0]
    assert clinic.read(enrollment, clinic.staff) == before


def test_no_problem_repeats_what_was_sent_as_a_value(clinic):
    enrollment = clinic.enroll()
    answer = clinic.report(enrollment, clinic.phone, "scan_done", facts={"last_scan_on": "canary-4711"})
    assert answer.status == 422
    assert b"canary" not in answer.data


def test_a_clock_five_minutes_ahead_is_accepted_as_now(clinic):
    enrollment = clinic.enroll()
    now = clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-07-01T09:04:59Z")
    assert now["now"]["state"]["support"]["since"] == "2026-07-01T09:00:00Z"
    assert clinic.report(enrollment, clinic.phone, "scan_done", "2026-07-01T09:05:01Z").status == 422


def test_an_event_waits_for_a_fact_and_goes_on_when_it_is_told(clinic):
    enrollment = clinic.enroll()
    waits = clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    assert (waits["decision"]["outcome"], waits["decision"]["waiting_for"]) == ("waiting", ["pack_years"])
    assert clinic.read(enrollment, clinic.staff)["now"]["waiting"][0]["for"] == ["pack_years"]
    clinic.clock.pass_by(days=1)
    clinic.report(enrollment, clinic.phone, "answers_given", facts={"pack_years": 40})
    assert clinic.places(enrollment)["support"] == "needs_help"
    assert "smoking" in clinic.seen(enrollment, clinic.phone)


def test_a_late_event_revises_what_was_decided(clinic):
    """The decision stays what it was; `now.revised` says that it no longer holds."""
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    help_asked = {"id": "help-1", "type": "asked_for_help", "occurred_at": "2026-06-20"}
    first = clinic.post(path, clinic.phone, help_asked)
    late = clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-06-10")
    assert late["decision"]["outcome"] == "advanced"
    again = clinic.post(path, clinic.phone, help_asked)
    assert again.decision_bytes == first.decision_bytes
    assert again["now"]["revised"] is True
    assert clinic.read(enrollment, clinic.phone)["now"]["state"]["support"]["since"] == "2026-06-10T00:00:00Z"


def test_an_event_can_replace_an_earlier_one(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    clinic.post(path, clinic.phone, SCAN)
    clinic.read(enrollment, clinic.phone)
    answer = clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-07-01", replaces="scan-1")
    assert clinic.places(enrollment) == {"disease": "surveillance.next_scan_later", "support": "needs_help"}
    (shown,) = answer["decision"]["shown"]
    assert (shown["piece"], shown["locale"], shown["channel"]) == ("while-you-wait", "en", "web")
    again = clinic.post(path, clinic.phone, {**SCAN, "id": "scan-2", "replaces": "scan-1"})
    assert "already been retracted" in again["errors"]["replaces"][0]


def test_another_reporters_event_cannot_be_replaced(clinic):
    enrollment = clinic.enroll()
    theirs = clinic.report(enrollment, clinic.staff, "scan_done", facts={"last_scan_on": "2026-07-01"}, id="s1")
    for name in ("s1", theirs["decision"]["event"]):
        answer = clinic.report(enrollment, clinic.phone, "asked_for_help", replaces=name)
        assert "replaces" in answer["errors"]
    mine = clinic.report(enrollment, clinic.phone, "asked_for_help", id="p1")
    answer = clinic.report(enrollment, clinic.staff, "answers_given", replaces=mine["decision"]["event"])
    assert answer.status == 200


def test_how_an_enrollment_began_cannot_be_replaced(clinic):
    enrollment = clinic.enroll()
    answer = clinic.report(enrollment, clinic.phone, "asked_for_help", replaces="enrolled")
    assert "cannot be replaced" in answer["errors"]["replaces"][0]


def test_if_match_lets_only_those_act_who_know_what_is_so(clinic):
    enrollment = clinic.enroll()
    tag = clinic.get(f"/v1/enrollments/{enrollment}", clinic.phone).headers["ETag"]
    first = clinic.report(enrollment, clinic.phone, "asked_for_help", headers={"If-Match": tag})
    assert first.status == 200
    stale = clinic.report(enrollment, clinic.phone, "asked_for_help", headers={"If-Match": tag})
    assert (stale.status, stale["code"]) == (412, "stale")
    fresh = clinic.report(enrollment, clinic.phone, "asked_for_help", headers={"If-Match": first.headers["ETag"]})
    assert fresh.status == 200
    assert clinic.report(enrollment, clinic.phone, "asked_for_help", headers={"If-Match": "*"}).status == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        *[("W/{now}", 200), ('"other", {now}', 200), ('W/"other", W/{now}', 200), ("{before}, {now}", 200), ("*", 200)],
        *[("W/{before}", 412), ('"other", W/"more"', 412), ('"', 412), ("", 412)],
    ],
)
def test_a_condition_holds_for_any_of_its_tags_weak_or_not(clinic, sent, status):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}"
    before = clinic.get(path, clinic.phone).headers["ETag"]
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    now = clinic.get(path, clinic.phone).headers["ETag"]
    headers = {"If-Match": sent.format(before=before, now=now)}
    assert clinic.report(enrollment, clinic.phone, "asked_for_help", headers=headers).status == status


def test_an_enrollment_that_did_not_change_is_not_sent_again(clinic):
    enrollment = clinic.enroll()
    for path in (f"/v1/enrollments/{enrollment}", f"/v1/enrollments/{enrollment}/content?locale=es"):
        tag = clinic.get(path, clinic.phone).headers["ETag"]
        assert clinic.get(path, clinic.phone, headers={"If-None-Match": tag}).status == 304
    clinic.report(enrollment, clinic.phone, "asked_for_help")
    assert clinic.get(path, clinic.phone, headers={"If-None-Match": tag}).status == 200


@pytest.mark.parametrize("sent", ["W/{}", '"other", W/{}', "{}", "*"])
def test_a_weak_tag_counts_as_the_same(clinic, sent):
    enrollment = clinic.enroll()
    for part in ("", "/view", "/content", "/history"):
        path = f"/v1/enrollments/{enrollment}{part}"
        answer = clinic.get(path, clinic.phone)
        if "ETag" in answer.headers:
            headers = {"If-None-Match": sent.format(answer.headers["ETag"])}
            assert clinic.get(path, clinic.phone, headers=headers).status == 304, path
    other = {"If-None-Match": 'W/"other"'}
    assert clinic.get(f"/v1/enrollments/{enrollment}", clinic.phone, headers=other).status == 200


def test_fifty_threads_with_the_same_ids_apply_each_once(clinic):
    """O2: 50 threads report the same 5 events: each is applied once, the rest are byte-equal replays."""
    enrollment = clinic.enroll()
    path, phone = f"/v1/enrollments/{enrollment}/events", clinic.phone
    answers = []

    def report() -> None:
        for number in range(5):
            body = {"id": f"same-{number}", "type": "asked_for_help", "occurred_at": "2026-07-01T08:00:00Z"}
            answers.append((number, clinic.post(path, phone, body)))

    threads = [threading.Thread(target=report) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for _, answer in answers} == {200}
    for number in range(5):
        same = [answer for worker, answer in answers if worker == number]
        assert len({answer.decision_bytes for answer in same}) == 1
        assert sum("Idempotent-Replay" not in answer.headers for answer in same) == 1


@pytest.mark.long
def test_eight_clients_of_one_enrollment_lose_nothing(clinic):
    """O1: 8 clients, 15 events each, one enrollment: all 120 are in the log, in 120 revisions."""
    enrollment, phone = clinic.enroll(), clinic.phone
    statuses = []

    def report(client: int) -> None:
        for number in range(15):
            answer = clinic.report(enrollment, phone, "answers_given", id=f"{client}-{number}", facts={"smokes": False})
            statuses.append(answer.status)

    threads = [threading.Thread(target=report, args=(client,)) for client in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 120
    lines = clinic.pages(f"/v1/enrollments/{enrollment}/history?limit=100", clinic.staff)
    events = [line for line in lines if line["kind"] == "event" and line["data"]["type"] == "answers_given"]
    assert len({line["item"] for line in events}) == 120
    assert sorted(line["revision"] for line in events) == list(range(2, 122))


CLOUDEVENT = {
    "specversion": "1.0",
    "id": "a-1",
    "source": "//hospital.example/lab",
    "type": "scan_done",
    "time": "2026-07-01T08:00:00+02:00",
    "data": {"facts": {"last_scan_on": "2026-07-01"}},
}


def test_a_cloudevent_is_accepted_structured_and_binary(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    structured = clinic.post(path, clinic.phone, CLOUDEVENT, headers={"Content-Type": "application/cloudevents+json"})
    assert structured["decision"]["outcome"] == "advanced"
    assert structured["now"]["state"]["disease"]["since"] == "2026-07-01T06:00:00Z"
    headers = {f"ce-{name}": value for name, value in CLOUDEVENT.items() if name != "data"}
    binary = clinic.post(path, clinic.phone, CLOUDEVENT["data"], headers=headers)
    assert binary.headers["Idempotent-Replay"] == "true"
    assert binary.decision_bytes == structured.decision_bytes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"traceparent": "00-1"}, {"traceparent": "00-2"}),
        ({}, {"knativearrivaltime": "2026-07-01T08:00:01Z"}),
        ({"partitionkey": "7", "datacontenttype": "application/json"}, {}),
        ({"dataschema": "https://hospital.example/1"}, {"dataschema": "https://hospital.example/2", "sequence": "3"}),
    ],
)
def test_a_cloudevent_delivered_again_with_other_extensions_is_a_replay(clinic, before, after):
    """Source and id name the event (CloudEvents 1.0, 'Required attributes'); brokers change extensions."""
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, clinic.phone, CLOUDEVENT | before)
    again = clinic.post(path, clinic.phone, CLOUDEVENT | after)
    assert (first.status, again.headers["Idempotent-Replay"]) == (200, "true")
    assert again.decision_bytes == first.decision_bytes
    changed = clinic.post(path, clinic.phone, CLOUDEVENT | after | {"data": {"facts": {"last_scan_on": "2026-07-02"}}})
    assert (changed.status, changed["code"]) == (409, "conflict")


def test_a_cloudevent_of_a_batch_is_delivered_again_with_other_extensions(clinic):
    enrollment = clinic.enroll()
    items = [{"events": [CLOUDEVENT | {"subject": enrollment, "traceparent": text}]} for text in ("00-1", "00-2")]
    first, again = (clinic.post("/v1/events", clinic.phone, item)["items"][0] for item in items)
    assert (first["replay"], again["replay"]) == (False, True)


@pytest.mark.parametrize(
    "address",
    [{"subject": "ENROLLMENT"}, {"patientref": "p1", "journey": "follow_up"},
     {"patientref": "p1", "journey": "follow_up", "key": "k1", "traceparent": "00-2"}],
)  # fmt: skip
@pytest.mark.parametrize("is_alone_first", [True, False])
def test_a_cloudevent_is_the_same_alone_and_in_a_batch(clinic, address, is_alone_first):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    item = CLOUDEVENT | {name: value.replace("ENROLLMENT", enrollment) for name, value in address.items()}
    alone = clinic.post(path, clinic.phone, CLOUDEVENT) if is_alone_first else None
    in_batch = clinic.post("/v1/events", clinic.phone, {"events": [item]})["items"][0]
    alone = alone or clinic.post(path, clinic.phone, CLOUDEVENT)
    assert (in_batch["status"], in_batch["replay"]) == (200, is_alone_first)
    assert ("Idempotent-Replay" in alone.headers) != is_alone_first
    assert in_batch["decision"] == alone["decision"]


def test_a_cloudevent_without_data_has_empty_data(clinic):
    path = f"/v1/enrollments/{clinic.enroll()}/events"
    event = {name: value for name, value in CLOUDEVENT.items() if name != "data"} | {"type": "asked_for_help"}
    assert clinic.post(path, clinic.phone, event).status == 200
    assert clinic.post(path, clinic.phone, event | {"data": {}}).headers["Idempotent-Replay"] == "true"
    binary = {f"ce-{name}": value for name, value in event.items()}
    assert clinic.call("POST", path, clinic.phone, headers=binary).headers["Idempotent-Replay"] == "true"


def test_a_cloudevent_that_the_last_release_stored_is_a_replay(clinic):
    """It took the digest of the complete body."""
    path = f"/v1/enrollments/{clinic.enroll()}/events"
    body = CLOUDEVENT | {"traceparent": "00-1"}
    first = clinic.post(path, clinic.phone, body)
    with clinic.service.database.writing() as connection:
        of_event = events.c.uid == first["decision"]["event"]
        connection.execute(update(events).where(of_event).values(request_digest=digest_of("event", body)))
    assert clinic.post(path, clinic.phone, body).decision_bytes == first.decision_bytes
    assert clinic.post(path, clinic.phone, body | {"time": "2026-06-30T08:00:00Z"}).status == 409


def test_the_source_of_a_cloudevent_is_part_of_its_name(clinic):
    enrollment = clinic.enroll()
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, clinic.phone, CLOUDEVENT)
    other = clinic.post(path, clinic.phone, CLOUDEVENT | {"source": "//hospital.example/ward"})
    assert "Idempotent-Replay" not in other.headers
    assert first["decision"]["event"] != other["decision"]["event"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"specversion": "2.0"}, "specversion"),
        ({"source": "two words"}, "source"),
        ({"source": None}, "source"),
        ({"data": [1]}, "data"),
        ({"data_base64": "e30="}, "data_base64"),
        ({"time": "2026-07-01T08:00:00"}, "time"),
        ({"data": {"facts": {"last_scan_on": 3}}}, "data.facts.last_scan_on"),
        ({"data": {"fcts": {}}}, "data.fcts"),
    ],
)
def test_a_cloudevent_that_is_none_is_refused(clinic, change, field):
    enrollment = clinic.enroll()
    answer = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, CLOUDEVENT | change)
    assert answer.status == 422
    assert field in answer["errors"]


def test_today_in_the_patients_time_zone_is_accepted(clinic):
    """At eight in the morning of 6 August in Auckland it is still 5 August in UTC."""
    clinic.clock.set("2026-08-05T20:00:00")
    body = joining("p9", at={"entry": "in_follow_up", "occurred_at": "2026-08-06"})
    body["patient"]["time_zone"] = "Pacific/Auckland"
    enrolled = clinic.post("/v1/enrollments", clinic.phone, body)
    assert enrolled.status == 201
    path = f"/v1/enrollments/{enrolled['id']}/events"
    today = {"id": "1", "type": "scan_done", "occurred_at": "2026-08-06", "facts": {"last_scan_on": "2026-08-06"}}
    assert clinic.post(path, clinic.phone, today)["decision"]["outcome"] == "advanced"
    tomorrow = clinic.post(path, clinic.phone, today | {"id": "2", "occurred_at": "2026-08-07"})
    assert "future" in tomorrow["errors"]["occurred_at"][0]
    madrid = clinic.enroll("p8")
    elsewhere = clinic.post(f"/v1/enrollments/{madrid}/events", clinic.phone, today)
    assert "future" in elsewhere["errors"]["occurred_at"][0]
