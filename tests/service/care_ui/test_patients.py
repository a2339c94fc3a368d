"""The page of a patient: the timeline, what is held, what the patient sees; found by reference, never in an address."""

import pytest

from service.care_ui import patients
from tests.service.care_ui.pages import send_report
from tests.service.clinic import joining
from tests.service.outreach.people_reached import Reaching


@pytest.fixture
def page(nurse, enrollment):
    return nurse.get(f"/care/enrollments/{enrollment}")


def test_the_timeline_says_what_happened_when_and_who_reported_it(page):
    timeline = page.text.partition("Timeline")[2]
    assert "30 June 2026 Recurrence confirmed not told → The cancer has come back" in timeline
    assert "Reported by clinic, 1 July 2026, 09:00 UTC" in timeline
    assert "1 July 2026, 08:00 UTC Asked for help → Needs help Reported by the patient" in timeline
    assert timeline.index("Asked for help") < timeline.index("Recurrence confirmed") < timeline.index("Joined")
    assert "Date of your last scan: 2026-01-15" in timeline


def test_staff_see_what_is_held_beside_what_the_patient_sees(page):
    held, _, rest = page.text.partition("Open tasks")
    assert "Not told to the patient The cancer has come back since 30 June 2026" in held
    where, _, rest = rest.partition("Where the patient is")[2].partition("What the patient sees")
    sees = rest.partition("Messages")[0]
    assert "The cancer has come back" in where
    assert "Next scan in six months" in sees and "come back" not in sees


def test_what_the_patient_sees_is_in_the_patients_language(clinic, nurse):
    spanish = joining() | {"patient": {"ref": "p2", "locale": "es", "time_zone": "Europe/Madrid"}}
    page = nurse.get(f"/care/enrollments/{clinic.post('/v1/enrollments', clinic.phone, spanish)['id']}")
    assert '<div lang="es">' in page.source and "Próxima prueba en seis meses" in page.text


def test_time_that_moved_the_patient_and_events_that_wait_are_in_the_timeline(clinic, nurse, enrollment):
    other = clinic.enroll("p3", facts={"last_scan_on": "2026-06-20"})
    clinic.report(other, clinic.phone, "scan_done", "2026-06-25", facts={"last_scan_on": "2026-06-25"})
    clinic.report(other, clinic.staff, "scan_result_reported", "2026-06-28")
    page = nurse.get(f"/care/enrollments/{other}")
    assert "Result reported waits Waits for: Result of the scan" in page.text
    clinic.clock.set("2026-08-20T00:00:00")
    assert nurse.sign_in("noor", at="/care").status == 303
    page = nurse.get(f"/care/enrollments/{other}")
    assert "6 August 2026 Time passed not told → Somebody looks again" in page.text.replace(", 00:00 UTC", "")


def test_a_long_timeline_has_pages(clinic, nurse, enrollment, monkeypatch):
    monkeypatch.setattr(patients, "ENTRIES", 2)
    first = nurse.get(f"/care/enrollments/{enrollment}")
    assert "Page 1 of 2" in first.text and "Joined" not in first.text
    assert "Joined" in nurse.get(f"/care/enrollments/{enrollment}?page=2").text
    for number in ("0", "3", "-1"):
        assert nurse.get(f"/care/enrollments/{enrollment}?page={number}").status == 404


def test_a_patient_is_found_by_reference_and_no_address_or_log_names_one(clinic, nurse, enrollment, logs):
    answer = nurse.post("/care/patients", {"reference": " patient-17 "})
    assert f"/care/enrollments/{enrollment}" in answer.links
    page = nurse.get(f"/care/enrollments/{enrollment}")
    pages = (answer, page, nurse.get("/care/"))
    assert not any("patient-17" in link for entry in pages for link in entry.links)
    assert not any("patient-17" in values.get("action", "") for entry in pages for _, values in entry.tags())
    assert "patient-17" not in repr(logs)
    assert [line["enrollment"] for line in logs if line["event"] == "patient read"] == [enrollment]
    assert "in no journey" in nurse.post("/care/patients", {"reference": "somebody"}).text


def test_an_unknown_enrollment_is_not_found(nurse):
    for path in ("absent", "%00", "x" * 65, "../v1"):
        assert nurse.get(f"/care/enrollments/{path}").status in (400, 404)


def test_what_is_stored_is_text_on_the_page(clinic, nurse):
    hostile = '<script>alert("p")</script>'
    page = nurse.get(f"/care/enrollments/{clinic.enroll(hostile)}")
    assert "<script" not in page.source and hostile in page.text
    assert "<script" not in nurse.post("/care/patients", {"reference": hostile}).source


def test_nothing_is_to_be_reported_after_the_end(clinic, nurse, enrollment):
    assert send_report(nurse, enrollment, "deceased", occurred_at="2026-07-01").status == 303
    page = nurse.get(f"/care/enrollments/{enrollment}")
    assert "Ended: Death" in page.text and page.source.count('name="type"') == page.source.count('name="replaces"')
    assert "No task is open." in page.text


def test_the_messages_of_a_patient_are_there_with_what_became_of_each(clinic, nurse):
    reaching = Reaching(clinic)
    enrollment = reaching.reachable_patient()
    clinic.clock.set("2026-07-29T10:00:00")
    reaching.work()
    assert nurse.sign_in("noor", at="/care").status == 303
    messages = nurse.get(f"/care/enrollments/{enrollment}").text.partition("Messages")[2]
    assert "Sent by e-mail on 2026-07-29 at 12:00 (Europe/Madrid)." in messages


def test_a_sandbox_says_that_it_is_of_no_patient_and_is_at_its_own_clock(clinic, nurse):
    sandbox, real = clinic.enroll("s1", sandbox=True), clinic.enroll("p1")
    clinic.post(f"/v1/enrollments/{sandbox}/clock", clinic.phone, {"to": "2026-09-01T09:00:00Z"})
    page = nurse.get(f"/care/enrollments/{sandbox}")
    assert "A sandbox of no patient. Its clock is at 1 September 2026, 09:00 UTC ." in page.text
    assert send_report(nurse, sandbox, "recurrence_confirmed", occurred_at="2026-08-31").status == 303
    assert clinic.places(sandbox)["disease"] == "recurrence"
    assert "sandbox" not in nurse.get(f"/care/enrollments/{real}").text
    assert "No task is open." in nurse.get("/care/").text
