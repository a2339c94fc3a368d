"""Batches: each item names its enrollment, is applied by itself, and is answered in the order of the body."""

EVENT = {"type": "asked_for_help", "occurred_at": "2026-07-01"}


def test_items_are_applied_in_order_and_each_alone(clinic):
    first, second = clinic.enroll("p1"), clinic.enroll("p2")
    scan = {"type": "scan_done", "occurred_at": "2026-06-30", "facts": {"last_scan_on": "2026-06-30"}}
    items = [
        {"enrollment": first, "id": "a"} | scan,
        {"enrollment": first, "id": "b", "type": "nothing", "occurred_at": "2026-07-01"},
        {"patient_ref": "p2", "journey": "follow_up", "id": "c"} | EVENT,
        {"enrollment": first, "id": "a"} | scan,
        {"enrollment": first, "id": "a"} | EVENT,
        {"enrollment": "id999999", "id": "d"} | EVENT,
        {"id": "e"} | EVENT,
        "x",
        {"enrollment": second, "id": "f"} | EVENT,
    ]
    answer = clinic.post("/v1/events", clinic.phone, {"events": items})
    assert answer.status == 200
    assert [item["status"] for item in answer["items"]] == [200, 422, 200, 200, 409, 404, 422, 422, 200]
    assert [item.get("replay") for item in answer["items"]][:4] == [False, None, False, True]
    assert answer["items"][0]["decision"] == answer["items"][3]["decision"]
    assert answer["items"][0]["now"]["state"]["disease"]["state"] == "surveillance.waiting_for_result"
    assert "type" in answer["items"][1]["problem"]["errors"]
    assert clinic.places(first)["disease"] == "surveillance.waiting_for_result"
    assert clinic.places(second)["support"] == "needs_help"


def test_a_batch_sent_again_changes_nothing(clinic):
    enrollment = clinic.enroll()
    body = {"events": [{"enrollment": enrollment, "id": f"e{number}"} | EVENT for number in range(5)]}
    first = clinic.post("/v1/events", clinic.phone, body)
    again = clinic.post("/v1/events", clinic.phone, body)
    assert [item["decision"] for item in first["items"]] == [item["decision"] for item in again["items"]]
    assert all(item["replay"] for item in again["items"])


def test_the_same_event_alone_and_in_a_batch_is_one_event(clinic):
    enrollment = clinic.enroll()
    body = {"id": "same"} | EVENT
    alone = clinic.post(f"/v1/enrollments/{enrollment}/events", clinic.phone, body)
    batch = clinic.post("/v1/events", clinic.phone, {"events": [body | {"enrollment": enrollment}]})
    assert batch["items"][0]["replay"] is True
    assert batch["items"][0]["decision"] == alone["decision"]


def test_of_several_enrollments_the_key_says_which(clinic):
    first, second = clinic.enroll(key="first"), clinic.enroll(key="second")
    item = {"patient_ref": "p1", "journey": "follow_up", "id": "x"} | EVENT
    answer = clinic.post("/v1/events", clinic.phone, {"events": [item, item | {"key": "second"}]})
    assert (answer["items"][0]["problem"]["code"], answer["items"][1]["status"]) == ("ambiguous", 200)
    assert clinic.places(first)["support"] == "managing"
    assert clinic.places(second)["support"] == "needs_help"


def test_cloudevents_come_in_batches_too(clinic):
    enrollment = clinic.enroll()
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/lab",
        "type": "asked_for_help",
        "time": "2026-07-01T08:00:00Z",
        "subject": enrollment,
    }
    by_patient = {**event, "id": "2", "patientref": "p1", "journey": "follow_up"}
    del by_patient["subject"]
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    answer = clinic.post("/v1/events", clinic.phone, [event, by_patient], headers=headers)
    assert [item["status"] for item in answer["items"]] == [200, 200], answer.data


def test_what_is_no_batch_is_refused(clinic):
    for body in ({}, {"events": []}, {"events": {}}, {"events": [1] * 501}, {"events": [1], "more": 1}, []):
        answer = clinic.post("/v1/events", clinic.phone, body)
        assert answer.status == 422, body
