"""Answers and marks of questions over HTTP; what is held may be answered once the patient knows it."""

import pytest

WORDS = "title: {en: Has it come back, es: Ha vuelto}"
RELAPSE = f"  relapse: {{type: boolean, hold_until: recurrence_discussed, {WORDS}}}\n"


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """The sample with a held fact."""

    def hold_a_fact(folder):
        file = folder / "definitions" / "follow_up.yaml"
        file.write_text(file.read_text().replace("groups:\n", f"{RELAPSE}groups:\n", 1))

    return publish_sample(hold_a_fact)


@pytest.fixture
def enrollment(clinic):
    return clinic.enroll()


def send(clinic, enrollment, token, type_="answered", **more):
    body = {"id": f"own-{next(clinic.events)}", "type": type_, "occurred_at": clinic.clock().isoformat()}
    clinic.clock.pass_by(minutes=1)
    return clinic.post(f"/v1/enrollments/{enrollment}/events", token, body | more)


def form_of_answers(clinic, enrollment):
    forms = clinic.get(f"/v1/enrollments/{enrollment}/view", clinic.phone)["can_report"]
    return next([field["name"] for field in form["fields"]] for form in forms if form["type"] == "answered")


def test_an_answer_frees_what_waits_and_a_repeat_gets_the_stored_decision(clinic, enrollment):
    waits = clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    assert waits["decision"]["waiting_for"] == ["pack_years"]
    body = {"id": "a-1", "type": "answered", "occurred_at": "2026-07-01T09:00:00Z", "facts": {"pack_years": 40}}
    path = f"/v1/enrollments/{enrollment}/events"
    first = clinic.post(path, clinic.phone, body)
    assert [step["trigger"] for step in first["decision"]["transitions"]] == ["answers_given"]
    clinic.clock.pass_by(days=3)
    again = clinic.post(path, clinic.phone, body)
    assert (again.headers["Idempotent-Replay"], again.decision_bytes) == ("true", first.decision_bytes)
    declined = send(clinic, enrollment, clinic.phone, facts={"pack_years": {"declined": True}})
    assert (declined["decision"]["outcome"], declined["decision"]["transitions"]) == ("stayed", [])


def test_the_patient_and_the_family_are_not_told_of_a_held_fact_by_a_refusal(clinic, enrollment):
    for token in (clinic.phone, clinic.token_of_patient("p1"), clinic.token_of_family(enrollment)):
        held, unknown = (send(clinic, enrollment, token, facts={name: True}) for name in ("relapse", "relapze"))
        assert (held.status, unknown.status) == (422, 422)
        assert held["errors"]["facts.relapse"] == unknown["errors"]["facts.relapze"]
        assert "relapse" not in str(unknown["errors"]["facts.relapze"])
        assert send(clinic, enrollment, token, "seen", question="relapse").status == 422
    assert send(clinic, enrollment, clinic.staff, facts={"relapse": True}).status == 200


def test_what_staff_answer_is_withheld_like_their_other_events(clinic, enrollment):
    send(clinic, enrollment, clinic.staff, facts={"relapse": True, "smokes": False})
    names = [fact["name"] for fact in clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.phone)["items"]]
    assert names == ["last_scan_on"]
    assert "relapse" not in form_of_answers(clinic, enrollment)
    assert send(clinic, enrollment, clinic.phone, facts={"relapse": False}).status == 422
    own = send(clinic, enrollment, clinic.phone, facts={"smokes": True})
    assert (own.status, own["decision"]["outcome"]) == (200, "stayed")
    clinic.report(enrollment, clinic.staff, "recurrence_discussed", clinic.clock().isoformat())
    assert send(clinic, enrollment, clinic.phone, facts={"relapse": False}).status == 200


def test_in_one_call_an_answer_is_accepted_as_it_is_alone(clinic):
    """The first event of a call tells a held fact in the patient's own words, so the second may answer it."""
    alone, batch = clinic.enroll("p1"), clinic.enroll("p2")
    events = [("asked_for_help", True), ("answered", False)]
    items = [
        {"id": f"e-{type_}", "type": type_, "occurred_at": "2026-07-01T09:00:00Z", "facts": {"relapse": value}}
        for type_, value in events
    ]
    path = f"/v1/enrollments/{alone}/events"
    assert clinic.post(path, clinic.phone, items[1] | {"id": "too-early"}).status == 422
    assert [clinic.post(path, clinic.phone, item).status for item in items] == [200, 200]
    answers = clinic.post("/v1/events", clinic.phone, {"events": [item | {"enrollment": batch} for item in items]})
    assert [item["status"] for item in answers["items"]] == [200, 200]


def test_a_question_is_shown_and_put_off_by_those_who_are_asked(clinic, enrollment):
    aunt = clinic.token_of_family(enrollment)
    shown = send(clinic, enrollment, clinic.phone, "seen", question="stage")
    assert (shown.status, shown["decision"]["outcome"]) == (200, "stayed")
    assert send(clinic, enrollment, aunt, "later", question="smokes", until="2026-07-20").status == 200
    wrong = {
        "until": {"question": "smokes", "until": "2026-07-20T10:00:00Z"},
        "question": {"question": "stage_group", "until": "2026-07-20"},
        "type": {"question": "smokes", "until": "2026-07-20"},
    }
    tokens = {"until": aunt, "question": aunt, "type": clinic.staff}
    for field, body in wrong.items():
        refused = send(clinic, enrollment, tokens[field], "later", **body)
        assert (refused.status, list(refused["errors"])) == (422, [field])


def test_the_form_of_answers_has_the_facts_of_questions(clinic, enrollment):
    assert form_of_answers(clinic, enrollment) == ["last_scan_on", "smokes"]
    send(clinic, enrollment, clinic.phone, facts={"smokes": {"declined": True}})
    assert form_of_answers(clinic, enrollment) == ["last_scan_on", "smokes"]
