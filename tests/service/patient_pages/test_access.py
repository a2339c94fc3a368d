"""Who may open the pages of patients: the table has each, forms come from here, and strangers sign in first."""

import pytest

from service.patient_pages.access import PAGES
from service.platform.database.tables import caregivers, events, permission_entries
from tests.service.patient_pages.visitor import ACCEPT, CAREGIVERS, INVITE, PERMISSIONS, QUESTIONS

FORMS = {
    QUESTIONS: {"go": "answer", "fact": "boolean smokes", "smokes": "true"},
    PERMISSIONS: {"kind": "revoke"},
    f"{PERMISSIONS}/stop": {},
    INVITE: {"name": "my daughter", "sees": "course"},
    f"{CAREGIVERS}/end": {"caregiver": "x"},
}


def test_the_table_has_every_page(clinic):
    endpoints = {rule.endpoint for rule in clinic.app.url_map.iter_rules()}
    assert {name for name in endpoints if name.startswith("patient_pages.")} == set(PAGES)


@pytest.mark.parametrize("path", [QUESTIONS, PERMISSIONS, CAREGIVERS, INVITE])
def test_who_is_not_signed_in_signs_in_first(patients, path):
    visitor = patients.browser()
    assert visitor.get(path).location == "/sign-in?said=ended"


@pytest.mark.parametrize("path", FORMS)
def test_a_form_of_somebody_else_does_nothing(patients, path):
    browser = patients.signed_in()
    before = [len(patients.rows(table)) for table in (caregivers, events, permission_entries)]
    assert browser.post(path, FORMS[path], with_proof=False).status == 403
    assert browser.post(path, FORMS[path], Origin="https://evil.example").status == 403
    stranger = patients.browser()
    stranger.get("/sign-in")
    assert stranger.post(path, FORMS[path]).status == 303
    assert [len(patients.rows(table)) for table in (caregivers, events, permission_entries)] == before


def test_the_pages_run_only_scripts_of_this_site_and_are_not_kept(patients):
    browser = patients.signed_in()
    for path in (QUESTIONS, PERMISSIONS, CAREGIVERS, INVITE, ACCEPT):
        headers = browser.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_the_account_leads_to_every_page(patients):
    source = patients.signed_in().get("/account").source
    for path in (QUESTIONS, PERMISSIONS, CAREGIVERS):
        assert f'href="{path}"' in source


def test_a_patient_without_an_enrollment_gets_pages_too(patients):
    """Such as a caregiver who confirmed a contact of their own."""
    browser = patients.signed_in()
    patients.clinic.report(patients.enrollment, patients.own(), "left")
    for path in (QUESTIONS, PERMISSIONS, CAREGIVERS):
        assert browser.get(path).status == 200
