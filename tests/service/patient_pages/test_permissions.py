"""The page of permissions: each cell is changed with one act, and the ledger of the API says the same."""

import pytest

from tests.service.patient_pages.visitor import PERMISSIONS, hidden

CELL = "Things to read, by e-mail"


def cells(page) -> dict[tuple[str, str], dict[str, str]]:
    """The form of each cell of a page, by purpose and channel."""
    forms = [hidden(page, number) for number in range(page.source.count("<form"))]
    return {(form["purpose"], form["channel"]): form for form in forms if "purpose" in form}


def ledger(patients) -> list[tuple]:
    entries = patients.clinic.get("/v1/me/permissions", patients.own())["entries"]
    return [(entry["kind"], entry["method"], entry["purpose"], entry["channel"]) for entry in entries]


def test_nothing_is_allowed_before_the_patient_says_so(patients):
    _, page = patients.signed_in_and(PERMISSIONS)
    assert "Messages about your care" in page.text and "May we send you messages about your care?" in page.text
    assert {form["kind"] for form in cells(page).values()} == {"grant"}
    assert ("education", "email") in cells(page) and ("measurement", "") in cells(page)


def test_a_cell_is_allowed_and_stopped_with_one_act_each(patients):
    browser, page = patients.signed_in_and(PERMISSIONS)
    allowed = browser.post(PERMISSIONS, cells(page)["education", "email"])
    assert allowed.location == f"{PERMISSIONS}?done=grant"
    page = browser.get(allowed.location)
    assert "This is allowed from now on." in page.text
    assert cells(page)["education", "email"]["kind"] == "revoke"
    assert cells(page)["education", "sms"]["kind"] == "grant"
    assert browser.post(PERMISSIONS, cells(page)["education", "email"]).location == f"{PERMISSIONS}?done=revoke"
    assert ledger(patients) == [("grant", "web", "education", "email"), ("revoke", "web", "education", "email")]
    assert cells(browser.get(PERMISSIONS))["education", "email"]["kind"] == "grant"


def test_everything_is_stopped_with_one_act(patients):
    browser, page = patients.signed_in_and(PERMISSIONS)
    for cell in (("education", "email"), ("adherence", "sms"), ("measurement", "")):
        browser.post(PERMISSIONS, cells(page)[cell])
    assert browser.post(f"{PERMISSIONS}/stop").location == f"{PERMISSIONS}?done=all"
    assert ledger(patients)[-1] == ("revoke", "web", None, None)
    assert {form["kind"] for form in cells(browser.get(PERMISSIONS)).values()} == {"grant"}


def test_a_grant_names_the_text_that_was_shown(patients):
    browser, page = patients.signed_in_and(PERMISSIONS)
    form = cells(page)["education", "email"]
    for wrong in ({"version": "2"}, {"locale": "fr"}, {"text": "verification-code"}, {"purpose": "marketing"}):
        assert browser.post(PERMISSIONS, form | wrong).status == 422
    for wrong in ({"version": "x"}, {"version": "9999999"}):
        assert browser.post(PERMISSIONS, form | wrong).status == 404
    assert ledger(patients) == []


def test_a_browser_that_refuses_measurement_is_not_asked_for_it(patients):
    browser, page = patients.signed_in_and(PERMISSIONS)
    measured = cells(page)["measurement", ""]
    refusing = browser.get(PERMISSIONS, **{"Sec-GPC": "1"})
    assert ("measurement", "") not in cells(refusing)
    assert "Your browser asks us" in refusing.text
    assert browser.post(PERMISSIONS, measured, **{"Sec-GPC": "1"}).status == 404
    assert browser.post(PERMISSIONS, measured).status == 303
    assert cells(browser.get(PERMISSIONS, **{"Sec-GPC": "1"}))["measurement", ""]["kind"] == "revoke"


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_is_in_the_language_of_the_patient(patients, language):
    patients.speak(language)
    browser, page = patients.signed_in_and(PERMISSIONS)
    title = {"en": "What we may send you", "es": "Qué podemos enviarle"}[language]
    assert f'<html lang="{language}"' in page.source and title in page.text
    browser.post(PERMISSIONS, cells(page)["education", "email"])
    receipt = patients.clinic.get("/v1/me/permissions", patients.own())["entries"][0]
    assert receipt["text"]["locale"] == language
