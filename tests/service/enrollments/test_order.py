"""O3: arrival never decides: every order of the same events ends in the same state."""

import itertools

import pytest

STORY = [
    ("scan_done", "2026-06-05", {"last_scan_on": "2026-06-05"}),
    ("asked_for_help", "2026-06-10", {}),
    ("scan_result_reported", "2026-06-12", {"scan_result": "clear"}),
    ("answers_given", "2026-06-15", {"smokes": True}),
    ("scan_done", "2026-06-20", {"last_scan_on": "2026-06-20"}),
    ("answers_given", "2026-06-25", {"pack_years": 30}),
]


def tell(clinic, enrollment, order) -> None:
    items = [
        {"enrollment": enrollment, "id": f"event-{number}", "type": trigger, "occurred_at": on, "facts": facts}
        for number, (trigger, on, facts) in enumerate(STORY)
    ]
    answer = clinic.post("/v1/events", clinic.staff, {"events": [items[number] for number in order]})
    assert [item["status"] for item in answer["items"]] == [200] * len(STORY)


def outline(clinic, enrollment):
    """What is so, without ids that depend on the enrollment."""
    now = clinic.read(enrollment, clinic.staff)["now"]
    content = [piece["key"] for piece in now["content"]]
    return now["state"], now["timers"], [(waiting["type"], waiting["for"]) for waiting in now["waiting"]], content


def orders(everything: bool):
    permutations = list(itertools.permutations(range(len(STORY))))
    return permutations if everything else permutations[::37]


@pytest.mark.parametrize("everything", [False, pytest.param(True, marks=pytest.mark.long)], ids=["some", "all"])
def test_every_order_of_arrival_ends_in_the_same_state(clinic, everything):
    """Six events, among them a clear result, a second scan, and answers that wait for each other."""
    if everything and not clinic.service.database.is_sqlite:
        pytest.skip("all 720 orders run on SQLite, every 37th on both")
    expected = None
    for number, order in enumerate(orders(everything)):
        enrollment = clinic.enroll(f"p{number}")
        tell(clinic, enrollment, order)
        outcome = outline(clinic, enrollment)
        expected = expected or outcome
        assert outcome == expected, order
    assert expected[0]["disease"]["state"] == "surveillance.waiting_for_result"
    assert expected[0]["disease"]["since"] == "2026-06-20T00:00:00Z"


def test_what_happened_before_the_enrolling_counts(clinic):
    """It was reported late, of a time before the patient joined."""
    enrollment = clinic.enroll()
    told_late = clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-04-01")
    assert told_late["decision"]["outcome"] == "advanced"
    assert told_late["now"]["state"]["support"] == {
        "state": "needs_help",
        "title": "Needs help",
        "since": "2026-04-01T00:00:00Z",
        "precision": "day",
    }


def test_what_happened_after_the_end_is_recorded_and_ignored(clinic):
    enrollment = clinic.enroll()
    clinic.report(enrollment, clinic.phone, "left", "2026-06-20")
    after = clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-06-25")
    assert after["decision"]["outcome"] == "ignored"
    before = clinic.report(enrollment, clinic.phone, "asked_for_help", "2026-06-10")
    assert before["decision"]["outcome"] == "advanced"
    assert before["now"]["ended"]["type"] == "left"
    assert before["now"]["content"] == []
    assert clinic.get("/v1/tasks", clinic.staff)["items"] == []


def test_an_event_a_month_late_lies_where_it_happened(clinic):
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    clinic.worker().fire_all()
    assert clinic.places(enrollment)["disease"] == "surveillance.scan_due"
    late = clinic.report(enrollment, clinic.phone, "scan_done", "2026-07-10", facts={"last_scan_on": "2026-07-10"})
    assert late["decision"]["transitions"][0]["from"] == "surveillance.next_scan_later"
    assert "task Follow-up scan overdue P30D" not in [task["title"] for task in late["now"].get("tasks", [])]
    assert clinic.get("/v1/tasks", clinic.staff)["items"] == []
    kinds = [line["kind"] for line in clinic.pages(f"/v1/enrollments/{enrollment}/history?limit=50", clinic.staff)]
    assert kinds.count("undone") == 3  # the three firings that, as is known now, never were
