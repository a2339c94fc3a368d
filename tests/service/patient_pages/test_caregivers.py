"""The pages of caregivers: invited with a code, listed, accepted without an account, and ended with one act."""

import html
import re

import pytest

from service.http import rates
from service.platform.clock import monotonic
from service.platform.configuration import Configuration
from service.platform.database.tables import caregivers as rows_of_caregivers
from service.platform.database.tables import events
from tests.service.patient_pages.visitor import ACCEPT, CAREGIVERS, INVITE, hidden

DAUGHTER = {"name": "my daughter", "sees": ["course", "scans"], "reminded": ["education"], "may": ["asked_for_help"]}
ACCEPTING = {"language": "en", "time-zone": "Europe/Madrid"}


def code_of(page) -> str:
    return re.search(r'id="code">([^<]+)<', page.source).group(1)


def key_of(page) -> str:
    return re.search(r'id="key">([^<]+)<', page.source).group(1)


@pytest.fixture
def browser(patients):
    return patients.signed_in()


def invite(browser, **fields):
    return browser.post(INVITE, DAUGHTER | fields)


def test_the_code_is_shown_once_with_what_it_shares(browser):
    assert "Nobody but you sees your pages." in browser.get(CAREGIVERS).text
    page = browser.get(INVITE)
    assert "Where you are in your care" in page.text and "Asked for help" in page.text and "Death" not in page.text
    invited = invite(browser)
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code_of(invited))
    assert "Where you are in your care, and what comes next, Tests" in invited.text
    listed = browser.get(CAREGIVERS)
    assert "my daughter" in listed.text and "Invited" in listed.text
    assert code_of(invited) not in listed.source


def test_who_has_the_code_accepts_without_an_account(patients, browser):
    code = code_of(invite(browser))
    daughter = patients.browser(language="es")
    assert "Aceptar una invitación" in daughter.get(ACCEPT).text
    accepted = daughter.post(ACCEPT, ACCEPTING | {"code": code.lower(), "language": "es"})
    assert (accepted.status, "Usted aceptó" in accepted.text) == (200, True)
    view = patients.clinic.get(patients.at("view"), key_of(accepted))
    assert view.status == 200
    assert "Active" in browser.get(CAREGIVERS).text
    assert daughter.post(ACCEPT, ACCEPTING | {"code": code}).status == 422, "once"


def test_an_end_is_one_act_and_holds_at_once(patients, browser):
    daughter = patients.browser()
    daughter.get(ACCEPT)
    key = key_of(daughter.post(ACCEPT, ACCEPTING | {"code": code_of(invite(browser))}))
    assert patients.clinic.get(patients.at("view"), key).status == 200
    listed = browser.get(CAREGIVERS)
    assert browser.post(f"{CAREGIVERS}/end", hidden(listed)).location == f"{CAREGIVERS}?done=ended"
    assert patients.clinic.get(patients.at("view"), key).status == 401
    assert "This person sees nothing more." in browser.get(f"{CAREGIVERS}?done=ended").text


def test_an_end_needs_the_own_caregiver(patients, browser):
    invite(browser)
    other = patients.clinic.enroll("p2", facts={})
    own = patients.clinic.token_of_patient("p2")
    body = {"enrollment": other, "name": "his son", "sees": ["course"]}
    theirs = patients.clinic.post("/v1/me/caregivers", own, body)["id"]
    assert browser.post(f"{CAREGIVERS}/end", {"caregiver": theirs}).status == 404
    assert browser.post(f"{CAREGIVERS}/end", {"caregiver": "made-up"}).status == 404
    assert {row.ended_at for row in patients.rows(rows_of_caregivers)} == {None}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"sees": []}, "sees"),
        ({"sees": ["made-up"]}, "sees"),
        ({"reminded": ["marketing"]}, "reminded"),
        ({"may": ["made_up"]}, "may"),
        ({"until": "soon"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"until": "2026-06-30"}, "until"),
    ],
)
def test_what_cannot_be_granted_is_said_at_its_field(patients, browser, fields, field):
    page = invite(browser, **fields)
    assert page.status == 422
    assert f'href="#{field}"' in page.source and f'id="{field}-problem"' in page.source
    assert 'value="scans" checked' in page.source or "sees" in fields, "what was chosen stays"
    assert patients.rows(rows_of_caregivers) == []


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "Мария 👩‍👧 O'Hara", "{{ 7*7 }}"]
)
def test_a_name_is_shown_as_it_was_written(browser, name):
    for page in (invite(browser, name=name), browser.get(CAREGIVERS), invite(browser, name=name, sees=[])):
        assert name in html.unescape(page.source)
        assert "<script>alert" not in page.source and "<img" not in page.source


def test_a_name_that_no_database_stores_is_refused(patients, browser):
    assert invite(browser, name="my\0daughter").status == 400
    assert patients.rows(rows_of_caregivers) == []


def test_the_last_day_is_by_the_clock_of_the_patient(patients, browser):
    assert "July 1, 2026" in invite(browser, until="2026-07-01").text
    (listed,) = patients.clinic.get("/v1/me/caregivers", patients.own())["items"]
    assert listed["grants"]["until"] == "2026-07-01T22:00:00Z", "midnight in Madrid"


def test_an_enrollment_has_a_most_of_caregivers(browser):
    for _ in range(20):
        assert invite(browser).status == 200
    assert "as many people as we can keep" in invite(browser).text


@pytest.mark.parametrize("code", ["", "0ABC-DEFG-HJKM-NPQR", "x" * 41, "<b>"])
def test_every_code_that_is_not_valid_gets_the_same_page(patients, code):
    visitor = patients.browser()
    visitor.get(ACCEPT)
    page = visitor.post(ACCEPT, ACCEPTING | {"code": code})
    assert page.status == 422
    assert page.text.count("This code cannot be used. Check it, or ask for another") == 2


def test_who_sends_many_codes_waits(patients, browser):
    hurried = Configuration(patient_reports_per_minute=1)
    patients.clinic.app.extensions[rates.EXTENSION] = rates.Rates(hurried, monotonic)
    visitor = patients.browser()
    visitor.get(ACCEPT)
    assert visitor.post(ACCEPT, ACCEPTING | {"code": "0ABC-DEFG-HJKM-NPQR"}).status == 422
    often = visitor.post(ACCEPT, ACCEPTING | {"code": code_of(invite(browser))})
    assert often.status == 429 and int(often.headers["Retry-After"]) > 0


def test_opening_the_pages_changes_nothing(patients, browser):
    before = len(patients.rows(rows_of_caregivers)), len(patients.rows(events))
    for path in (CAREGIVERS, INVITE, ACCEPT):
        assert browser.get(path).status == 200
    assert browser.get(f"{CAREGIVERS}/invite/2").status == 404
    assert (len(patients.rows(rows_of_caregivers)), len(patients.rows(events))) == before
