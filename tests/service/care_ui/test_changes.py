"""What a care team changes: tellings and other reports, and retractions; each once, recorded like those of the API."""

import json
import re

import pytest

from tests.service.care_ui.pages import events, hidden, send_report
from tests.service.reviewer_ui.test_access import rows


def path(enrollment):
    return f"/care/enrollments/{enrollment}"


def test_a_telling_is_an_event_of_staff_and_the_app_follows(clinic, nurse, enrollment):
    patient = clinic.token_of_patient("patient-17")
    assert clinic.places(enrollment, patient)["disease"] == "surveillance.next_scan_later"
    answer = send_report(nurse, enrollment, "recurrence_discussed", occurred_at="2026-07-01")
    assert answer.location == f"{path(enrollment)}?said=told"
    assert clinic.places(enrollment, patient)["disease"] == "recurrence"
    page = nurse.get(answer.location)
    assert "reported that the patient has been told" in page.text and "Not told to the patient" not in page.text
    assert "Reported by Dr Noor" in page.text
    steps = clinic.get(f"/v1/enrollments/{enrollment}/explain?limit=100", clinic.staff)["steps"]
    telling = next(step for step in steps if step["type"] == "recurrence_discussed")
    assert telling["by"] == "staff" and telling["reporter"].startswith("account:")
    assert [task["kind"] for task in clinic.get("/v1/tasks", clinic.staff)["items"]] == ["task"]


def test_news_without_a_declared_transition_can_be_told_too(clinic, nurse):
    enrollment = clinic.enroll("p4", facts={"last_scan_on": "2026-05-01"})
    clinic.report(enrollment, clinic.phone, "scan_done", "2026-05-10", facts={"last_scan_on": "2026-05-10"})
    answer = send_report(nurse, enrollment, "review_discussed", occurred_at="2026-07-01")
    assert answer.location.endswith("?said=told")
    patient = clinic.token_of_patient("p4")
    assert clinic.places(enrollment, patient)["disease"] == "surveillance.under_review"


def test_a_telling_dated_before_the_news_tells_nothing_and_the_page_says_so(clinic, nurse, enrollment):
    answer = send_report(nurse, enrollment, "recurrence_discussed", occurred_at="2026-06-29")
    page = nurse.get(answer.location)
    assert "the patient still counts as not told" in page.text and "Not told to the patient" in page.text
    patient = clinic.token_of_patient("patient-17")
    assert clinic.places(enrollment, patient)["disease"] == "surveillance.next_scan_later"


def test_a_form_that_is_sent_twice_reports_once(clinic, nurse, enrollment):
    form = hidden(nurse.get(path(enrollment)), "recurrence_discussed") | {"occurred_at": "2026-07-01"}
    answers = [nurse.post(f"{path(enrollment)}/reports", form) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    before = rows(clinic)
    clinic.clock.pass_by(minutes=5)
    assert nurse.post(f"{path(enrollment)}/reports", form).status == 303
    assert rows(clinic) == before
    changed = nurse.post(f"{path(enrollment)}/reports", form | {"occurred_at": "2026-06-30"})
    assert changed.status == 409 and rows(clinic) == before
    assert "This form was sent before, filled in otherwise." in changed.text


def test_a_form_of_an_earlier_state_is_given_back_as_it_was_filled_in(clinic, nurse, enrollment):
    form = hidden(nurse.get(path(enrollment)), "deceased") | {"occurred_at": "2026-06-15"}
    clinic.report(enrollment, clinic.phone, "answers_given", "2026-07-01T08:30:00Z", facts={"smokes": False})
    before = rows(clinic)
    answer = nurse.post(f"{path(enrollment)}/reports", form)
    assert answer.status == 412 and "Something has changed since you opened the page" in answer.text
    assert rows(clinic) == before
    assert 'value="2026-06-15"' in answer.source and hidden(answer, "deceased")["id"] == form["id"]
    again = hidden(answer, "deceased") | {"occurred_at": "2026-06-15"}
    assert nurse.post(f"{path(enrollment)}/reports", again).status == 303


def test_facts_are_told_in_their_types_and_may_be_left_out(clinic, nurse):
    enrollment = clinic.enroll("p6")
    facts = {"fact.smokes": "true", "fact.pack_years": "30"}
    assert send_report(nurse, enrollment, "answers_given", occurred_at="2026-07-01", **facts).status == 303
    known = clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.staff)["items"]
    values = {fact["name"]: fact["value"] for fact in known}
    assert (values["smokes"], values["pack_years"]) == (True, 30)
    assert clinic.places(enrollment)["support"] == "needs_help"


def test_answers_need_no_trigger_are_corrected_and_have_a_fact(clinic, nurse):
    enrollment = clinic.enroll("p6")
    empty = send_report(nurse, enrollment, "answered", occurred_at="2026-07-01")
    assert empty.status == 422 and "report at least one fact" in empty.text
    assert (
        send_report(nurse, enrollment, "answered", occurred_at="2026-07-01", **{"fact.pack_years": "3"}).status == 303
    )
    (form,) = [form for form in corrections(nurse.get(path(enrollment))).values() if form["type"] == "answered"]
    corrected = nurse.post(f"{path(enrollment)}/reports", form | {"occurred_at": "2026-07-01", "fact.pack_years": "30"})
    assert corrected.status == 303
    known = clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.staff)["items"]
    assert {fact["name"]: fact["value"] for fact in known}["pack_years"] == 30


def test_a_wrong_value_is_said_at_its_field_and_what_was_typed_stays(clinic, nurse):
    enrollment = clinic.enroll("p6")
    before = rows(clinic)
    answer = send_report(
        nurse,
        enrollment,
        "answers_given",
        occurred_at="2026-07-01",
        **{"fact.smokes": "true", "fact.pack_years": "many <b>"},
    )
    assert answer.status == 422 and rows(clinic) == before and "Nothing was changed." in answer.text
    field = next(values for _, values in answer.tags() if values.get("value") == "many <b>")
    assert field["aria-invalid"] == "true"
    assert any(values.get("id") == field["aria-describedby"] for _, values in answer.tags())
    assert any(values.get("value") == "true" and "checked" in values for _, values in answer.tags())


def test_a_problem_names_facts_by_their_titles(clinic, nurse):
    enrollment = clinic.enroll("p6")
    fields = {"fact.stage_group": "IA", "fact.no_such_fact": "1"}
    answer = send_report(nurse, enrollment, "asked_for_help", occurred_at="2026-07-01", **fields)
    assert answer.status == 422 and "missing: “Edition”" in answer.text and "stage_edition" not in answer.text


@pytest.mark.parametrize("day", ["tomorrow", "2026-07-09", "1066-10-14", "2026-13-01", "٢٠٢٦-٠٧-٠١"])
def test_a_wrong_day_is_said_at_its_field(clinic, nurse, enrollment, day):
    before = rows(clinic)
    answer = send_report(nurse, enrollment, "recurrence_discussed", occurred_at=day)
    assert answer.status == 422 and rows(clinic) == before
    field = next(values for _, values in answer.tags() if values.get("aria-invalid"))
    assert (field["name"], field["value"]) == ("occurred_at", day)


def test_an_event_with_news_may_be_reported_as_told(clinic, nurse):
    enrollment = clinic.enroll("p7")
    send_report(nurse, enrollment, "recurrence_confirmed", occurred_at="2026-07-01", told="on")
    assert clinic.places(enrollment, clinic.token_of_patient("p7"))["disease"] == "recurrence"
    assert "Not told" not in nurse.get(path(enrollment)).text


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "no_such_trigger"},
        {"type": "enrolled"},
        {"type": ""},
        {"id": ""},
        {"id": "x" * 10_000},
        {"fact.no_such_fact": "1"},
        {"fact.pack_years": "9" * 5_000},
        {"fact.pack_years": "--5"},
        {"fact.smokes": "perhaps"},
        {"fact.scan_result": "<script>alert(1)</script>"},
        {"tag": "x" * 10_000},
        {"occurred_at": "x" * 10_000},
    ],
)
def test_a_hostile_form_changes_nothing_and_is_answered_as_a_page(clinic, nurse, enrollment, fields):
    form = hidden(nurse.get(path(enrollment)), "recurrence_discussed") | {"occurred_at": "2026-07-01"}
    before = rows(clinic)
    answer = nurse.post(f"{path(enrollment)}/reports", form | fields)
    assert answer.status in (412, 422) and "<script>" not in answer.source, answer.text
    assert rows(clinic) == before
    nul = nurse.post(f"{path(enrollment)}/reports", form | {"fact.smokes": "\0"})
    assert nul.status == 400 and rows(clinic) == before


def test_an_event_is_put_right_with_a_reason_once_and_stays_marked(clinic, nurse, enrollment):
    patient = clinic.token_of_patient("patient-17")
    send_report(nurse, enrollment, "recurrence_discussed", occurred_at="2026-07-01")
    shown = clinic.seen(enrollment, patient)
    page = nurse.get(path(enrollment))
    wrong = next(uid for uid in events(page) if "Recurrence confirmed, 2026-06-30" in around(page, uid))
    form = {"event": wrong, "reason": "entered_in_error"}
    assert nurse.post(f"{path(enrollment)}/retractions", form).location == f"{path(enrollment)}?said=retracted"
    before = rows(clinic)
    assert nurse.post(f"{path(enrollment)}/retractions", form).status == 303
    assert rows(clinic) == before
    other = nurse.post(f"{path(enrollment)}/retractions", form | {"reason": "wrong_patient"})
    assert other.status == 409 and "retracted for another reason" in other.text
    text = nurse.get(path(enrollment)).text
    assert "Recurrence confirmed retracted" in text
    assert "Entered in error: Dr Noor, 1 July 2026, 09:00 UTC" in text
    assert "what-recurrence-is" in shown and "shown because of it: “When the cancer comes back”" in text
    assert clinic.places(enrollment)["disease"] == "surveillance.next_scan_later"


def around(page, uid) -> str:
    before, _, _ = page.source.partition(f'name="event" value="{uid}"')
    return before[-400:]


def test_a_retraction_needs_a_reason(clinic, nurse, enrollment):
    event = events(nurse.get(path(enrollment)))[0]
    before = rows(clinic)
    for reason in ("", "because", "x" * 5_000):
        answer = nurse.post(f"{path(enrollment)}/retractions", {"event": event, "reason": reason})
        assert answer.status == 422 and "Choose why the event is retracted." in answer.text
    assert rows(clinic) == before


def test_an_event_of_another_patient_is_not_found(clinic, nurse, enrollment):
    other = clinic.enroll("p8")
    event = events(nurse.get(path(other)))[0]
    for name in (event, "nothing", ""):
        form = {"event": name, "reason": "entered_in_error"}
        assert nurse.post(f"{path(enrollment)}/retractions", form).status == 404


def test_a_retracted_beginning_leaves_a_page_that_says_so(clinic, nurse, enrollment):
    page = nurse.get(path(enrollment))
    form = {"event": events(page)[-1], "reason": "wrong_patient"}
    assert nurse.post(f"{path(enrollment)}/retractions", form).status == 303
    page = nurse.get(path(enrollment))
    assert page.status == 200 and "Nowhere: the beginning of the journey was retracted." in page.text
    assert "Another patient’s" in page.text


def test_a_corrected_event_is_marked_as_corrected(clinic, nurse, enrollment):
    first = clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-20", facts={"smokes": True})
    uid = first["decision"]["event"]
    clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-21", facts={"smokes": False}, replaces=uid)
    text = nurse.get(path(enrollment)).text
    assert "Answers given corrected Do you smoke: yes" in text and "Do you smoke: no" in text
    assert json.dumps(text).count("Corrected by a later report: the patient") == 1


def corrections(page) -> dict[str, dict[str, str]]:
    """The hidden fields of each form that corrects an event, by the event."""
    forms = [form for form in re.findall(r"<form.*?</form>", page.source, re.DOTALL) if 'name="replaces"' in form]
    fields = [dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)) for form in forms]
    return {each["replaces"]: each for each in fields}


def test_an_event_is_corrected_in_one_step_and_keeps_its_time(clinic, nurse, enrollment):
    first = clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-20T10:30:00Z", facts={"pack_years": 3})
    uid = first["decision"]["event"]
    page = nurse.get(path(enrollment))
    assert any(values.get("value") == "3" for _, values in page.tags()), "filled in with what was reported"
    form = corrections(page)[uid] | {"occurred_at": "2026-06-20", "fact.pack_years": "30", "fact.smokes": "true"}
    assert nurse.post(f"{path(enrollment)}/reports", form).location == f"{path(enrollment)}?said=corrected"
    before = rows(clinic)
    clinic.clock.pass_by(minutes=3)
    assert nurse.post(f"{path(enrollment)}/reports", form).location.endswith("said=corrected")
    assert rows(clinic) == before
    text = nurse.get(path(enrollment)).text
    assert "Corrected by a later report: Dr Noor" in text
    facts = {each["name"]: each for each in clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.staff)["items"]}
    assert (facts["pack_years"]["value"], facts["pack_years"]["at"]) == (30, "2026-06-20T10:30:00Z")
    assert facts["pack_years"]["precision"] == "instant"


def test_a_corrected_day_is_known_by_its_day(clinic, nurse, enrollment):
    first = clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-20T10:30:00Z", facts={"pack_years": 3})
    form = corrections(nurse.get(path(enrollment)))[first["decision"]["event"]]
    assert (
        nurse.post(f"{path(enrollment)}/reports", form | {"occurred_at": "2026-06-19", "fact.pack_years": "3"}).status
        == 303
    )
    (fact,) = [
        each
        for each in clinic.get(f"/v1/enrollments/{enrollment}/facts", clinic.staff)["items"]
        if each["name"] == "pack_years"
    ]
    assert (fact["at"], fact["precision"]) == ("2026-06-19T00:00:00Z", "day")


def test_a_correction_that_is_not_accepted_comes_back_at_its_event_as_it_was_filled_in(clinic, nurse, enrollment):
    first = clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-20", facts={"pack_years": 3})
    form = corrections(nurse.get(path(enrollment)))[first["decision"]["event"]]
    before = rows(clinic)
    answer = nurse.post(
        f"{path(enrollment)}/reports", form | {"occurred_at": "2026-06-20", "fact.pack_years": "very many"}
    )
    assert answer.status == 422 and rows(clinic) == before
    field = next(values for _, values in answer.tags() if values.get("value") == "very many")
    assert field["aria-invalid"] == "true" and field["id"].startswith("correct-")
    assert sum(values.get("value") == "very many" for _, values in answer.tags()) == 1, "not in the form of a report"
    assert corrections(answer)[form["replaces"]]["id"] == form["id"]


def test_what_was_put_right_already_is_not_corrected_again(clinic, nurse, enrollment):
    first = clinic.report(enrollment, clinic.phone, "answers_given", "2026-06-20", facts={"pack_years": 3})
    form = corrections(nurse.get(path(enrollment)))[first["decision"]["event"]]
    retracted = {"event": form["replaces"], "reason": "entered_in_error"}
    assert nurse.post(f"{path(enrollment)}/retractions", retracted).status == 303
    tag = hidden(nurse.get(path(enrollment)), "deceased")["tag"]
    answer = nurse.post(f"{path(enrollment)}/reports", form | {"tag": tag, "occurred_at": "2026-06-20"})
    assert answer.status == 422 and "This event has already been retracted or replaced." in answer.text


def test_no_correction_is_offered_of_what_no_form_can_say(clinic, nurse):
    enrollment = clinic.enroll("p9")
    declined = clinic.report(
        enrollment, clinic.phone, "answers_given", "2026-06-20", facts={"pack_years": {"declined": True}}
    )
    page = nurse.get(path(enrollment))
    assert declined.status == 200 and corrections(page) == {}
    assert len(events(page)) == 2, "both can be retracted"


def test_changed_settings_are_in_the_timeline(clinic, nurse, enrollment):
    changed = {"locale": "es", "time_zone": "America/Denver"}
    assert clinic.call("PATCH", path(enrollment).replace("/care", "/v1"), clinic.staff, json=changed).status == 200
    text = nurse.get(path(enrollment)).text
    assert "1 July 2026, 09:00 UTC Settings changed" in text
    assert "Language: es, before en; Time zone: America/Denver, before Europe/Madrid" in text
    assert "Changed by clinic" in text
