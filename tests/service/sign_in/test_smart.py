"""Signing in at a FHIR server: its record is held until told, and is never the patient's own word."""

import logging
from dataclasses import replace

import pytest
from sqlalchemy import select

from journeys.interop.fhir import REPORTER
from service.platform.database.tables import events, fhir_records, patient_logins, patient_sessions, unlinked_logins
from service.sign_in import smart
from service.sign_in.blueprint import PROVIDERS
from service.sign_in.providers import PatientProvider, read_providers
from tests.service.reviewer_ui.providers import CLIENT, running
from tests.service.sign_in.smart_server import MAPPING, SmartServer

GO = "/sign-in/with/clinic/go"


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture
def server(signing_in, tmp_path):
    """A FHIR server that knows of a relapse which nobody has told the patient."""
    app, mapping = signing_in.clinic.app, tmp_path / "follow_up.fhir.yaml"
    mapping.write_text(MAPPING)
    with running(SmartServer(signing_in.clinic.clock, "/sign-in/back")) as made:
        made.condition()
        configured = PatientProvider(
            key="clinic",
            title="Your clinic",
            issuer=made.address,
            client=CLIENT,
            secret="made-up",
            fhir=made.base,
            journey="follow_up",
            mapping=str(mapping),
        )
        app.extensions[PROVIDERS] = {"clinic": configured}
        yield made
        app.extensions[PROVIDERS] = {}


def go(browser, server):
    """There and back; returns where the browser ends."""
    if browser.cookie is None:
        browser.get("/sign-in")
    return browser.get(server.authorize(browser.get(GO).location))


def link(signing_in, server):
    """A browser in which the patient has linked the login; returns where it ends."""
    browser = signing_in.browser()
    assert go(browser, server).location == "/sign-in"
    browser.ask()
    return browser.name_code(signing_in.code())


def reports(signing_in) -> list[tuple[str, str]]:
    """What was reported beside the enrollment: by whom, and what."""
    with signing_in.clinic.service.database.reading() as connection:
        rows = connection.execute(select(events).order_by(events.c.position)).all()
    return [(row.reporter, row.entry) for row in rows if row.position]


def test_the_record_is_read_after_both_proofs_and_held_until_told(signing_in, server):
    clinic, enrollment = signing_in.clinic, signing_in.enrollment
    own = clinic.token_of_patient("p1")
    before = clinic.get(f"/v1/enrollments/{enrollment}/view", own).data
    browser = signing_in.browser()
    assert go(browser, server).location == "/sign-in"
    assert server.searches == [] and reports(signing_in) == [], "the login alone brings nothing"
    browser.ask()
    assert browser.name_code(signing_in.code()).location == "/account?done=record"
    assert "Your health record was read." in browser.get("/account?done=record").text
    assert clinic.places(enrollment)["disease"] == "recurrence"
    assert clinic.get(f"/v1/enrollments/{enrollment}/view", own).data == before, "nobody has told the patient"
    assert clinic.get(f"/v1/tasks?enrollment={enrollment}", clinic.staff)["items"] != []


def test_it_is_reported_by_the_record_and_not_by_the_patient(signing_in, server):
    link(signing_in, server)
    assert {reporter for reporter, _ in reports(signing_in)} == {REPORTER}


def test_what_leaves_is_a_standalone_launch(signing_in, server):
    go(signing_in.browser(), server)
    (request,) = server.asked
    assert request["aud"] == server.base
    assert request["scope"] == "openid fhirUser launch/patient patient/*.rs"
    assert request["code_challenge_method"] == "S256" and request["state"] and request["nonce"]


def test_before_leaving_the_page_says_that_the_record_is_read(signing_in, server):
    text = signing_in.browser().get("/sign-in/with/clinic").text
    assert "From your health record: what your care guide can use" in text
    assert "you only see here after they have" in text
    assert "Your contacts, photos" not in text


def test_only_what_the_mapping_reads_is_asked_for(signing_in, server):
    link(signing_in, server)
    assert {search.split("?")[0] for search in server.searches} == {"/fhir/Condition", "/fhir/Procedure"}


def test_a_known_login_reads_the_record_again_and_a_repeat_changes_nothing(signing_in, server):
    link(signing_in, server)
    before = reports(signing_in)
    assert go(signing_in.browser(), server).location == "/account?done=record"
    assert reports(signing_in) == before
    scan = {"resourceType": "Procedure", "id": "s", "status": "completed", "performedDateTime": "2026-06-30"}
    coded = {"coding": [{"system": "http://snomed.info/sct", "code": "169069000"}]}
    server.resources["Procedure"].append(scan | {"code": coded, "subject": {"reference": "Patient/smart-1"}})
    go(signing_in.browser(), server)
    assert len(reports(signing_in)) == len(before) + 1


def test_pages_are_followed(signing_in, server):
    server.condition(id="c7", onsetDateTime="2026-06-21")
    link(signing_in, server)
    assert len([search for search in server.searches if "/Condition" in search]) == 2


def test_who_chooses_another_patient_there_needs_a_code_again(signing_in, server):
    """A parent can see the records of children: each is a login of its own."""
    link(signing_in, server)
    server.patient = "smart-2"
    assert go(signing_in.browser(), server).location == "/sign-in"
    assert len(signing_in.rows(patient_logins)) == 1


def test_neither_the_token_nor_the_record_is_logged(signing_in, server, logs):
    link(signing_in, server)
    assert "smart-1" not in str(logs) and "25173007" not in str(logs)
    assert signing_in.rows(unlinked_logins) == [], "the access token is deleted"


def of_another_patient(server):
    server.wrong["read"] = {"id": "smart-2"}


def with_next_page_elsewhere(server):
    server.wrong["page"] = {"link": [{"relation": "next", "url": "http://127.0.0.1:9/fhir/Condition"}]}


def with_endless_pages(server):
    server.wrong["page"] = {"link": [{"relation": "next", "url": f"{server.base}/Condition?patient=smart-1"}]}


def with_something_else(server):
    server.wrong["page"] = {"resourceType": "Patient"}


def with_huge_pages(server):
    server.wrong["page"] = {"entry": [{"resource": {"x": "x" * smart.LARGEST_PAGE}}]}


@pytest.mark.parametrize(
    "lie", [of_another_patient, with_next_page_elsewhere, with_endless_pages, with_something_else, with_huge_pages]
)
def test_a_record_that_is_not_right_is_not_taken_and_the_patient_is_signed_in(signing_in, server, logs, lie):
    lie(server)
    before = reports(signing_in)
    assert link(signing_in, server).location == "/account?done=no-record"
    assert reports(signing_in) == before and signing_in.rows(fhir_records) == []
    assert "record not read" in [line["event"] for line in logs]


@pytest.mark.parametrize("token", [{"patient": ""}, {"patient": None}, {"patient": 7}], ids=str)
def test_without_a_patient_there_is_no_sign_in(signing_in, server, token):
    server.wrong_record = token
    assert go(signing_in.browser(), server).location == "/sign-in?said=failed"
    assert signing_in.rows(patient_sessions) == [] == signing_in.rows(unlinked_logins)


@pytest.mark.parametrize("patient", ["../Condition", "a/b", "x" * 65, "1?x=1"])
def test_an_id_that_could_lead_elsewhere_is_not_asked_for(signing_in, server, patient):
    server.patient = patient
    assert link(signing_in, server).location == "/account?done=no-record"
    assert server.searches == []


def test_a_mapping_that_does_not_fit_is_said(signing_in, server, tmp_path):
    known = signing_in.clinic.app.extensions[PROVIDERS]
    known["clinic"] = replace(known["clinic"], mapping=str(tmp_path / "missing.yaml"))
    assert link(signing_in, server).location == "/account?done=no-record"


@pytest.mark.parametrize("missing", ["fhir", "journey", "mapping"])
def test_a_fhir_server_is_described_completely(tmp_path, missing):
    fields = {"fhir": "https://f.example/r4", "journey": "follow_up", "mapping": "m.yaml"}
    lines = [f'{name} = "{value}"' for name, value in fields.items() if name != missing]
    file = tmp_path / "providers.toml"
    file.write_text("\n".join(["[a]", 'title = "A"', 'issuer = "https://a.example"', 'client = "c"', *lines]))
    with pytest.raises(ValueError, match=f"needs {missing}"):
        read_providers(str(file))
