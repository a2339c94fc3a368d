"""The pages of patients with Chromium on a phone's width, by keyboard alone, in both languages, without a script."""

import pytest

from service.app import create_app
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.service.browsing import SMALL_PHONE, Looking, window
from tests.service.patient_pages.visitor import ACCEPT, CAREGIVERS, INVITE, PERMISSIONS, QUESTIONS
from tests.service.sign_in.visitor import ADDRESS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def address(clinic):
    """The address of a served clinic."""
    config = Configuration(database=clinic.config.database, port=0)
    app = create_app(config, service=clinic.service, clock=clinic.clock, new_id=clinic.service.new_id)
    server = Server(app, config)
    yield f"http://localhost:{server.port}"
    server.stop()


def sign_in(page, address: str, patients) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#contact", ADDRESS)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.fill("#code", patients.code())
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_patient_answers_and_allows_by_keyboard(patients, address, browser, language):
    patients.speak(language)
    with window(browser, SMALL_PHONE, locale=language) as page:
        looking = Looking(page, language)
        sign_in(page, address, patients)
        looking.look("account")
        looking.press(f"a[href='{QUESTIONS}']")
        looking.look("question-date")
        looking.press("main form button")
        looking.look("question-problem")
        assert page.get_attribute("#last_scan_on", "aria-invalid") == "true"
        page.focus(".problem a")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "last_scan_on"
        page.fill("#last_scan_on", "2026-01-20")
        looking.press("main form button")
        looking.look("answered")
        looking.press("main a.button")
        looking.look("question-yes-or-no")
        looking.press("main button[value=decline]")
        looking.look("declined")
        page.goto(f"{address}{QUESTIONS}")
        looking.look("no-question")
        looking.press(f"a[href='{QUESTIONS}?declined=1']")
        looking.choose("#smokes")
        looking.press("main form button")
        page.goto(f"{address}{PERMISSIONS}")
        looking.look("permissions")
        looking.press("td button")
        looking.look("permission-allowed")
        assert page.locator(".yes").count() == 1
        assert looking.faults == []
        assert [line for line in page.wrong if "422" not in line] == []
        assert {url.partition(address)[0] for url in page.requested} <= {"", "data:,"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_patient_invites_a_caregiver_who_accepts_by_keyboard(patients, address, browser, language):
    patients.speak(language)
    with window(browser, SMALL_PHONE, locale=language) as page:
        looking = Looking(page, language)
        sign_in(page, address, patients)
        page.goto(f"{address}{CAREGIVERS}")
        looking.look("no-caregivers")
        looking.press(f"a[href='{INVITE}']")
        looking.press("main form button")
        looking.look("invite-problem")
        page.focus("#name")
        page.keyboard.type("Carmen")
        looking.choose("#sees")
        looking.choose("#may")
        page.fill("#until", "2027-01-01")
        looking.look("invite")
        looking.press("main form button")
        looking.look("invited")
        code = page.inner_text("#code")
        looking.press("main a.button")
        looking.look("caregivers")
        with window(browser, SMALL_PHONE, locale=language, timezone_id="Europe/Madrid") as other:
            hers = Looking(other, language)
            other.goto(f"{address}{ACCEPT}")
            assert other.input_value("#time-zone") == "Europe/Madrid", "the zone is guessed, and shown"
            hers.press("main form button")
            hers.look("accept-problem")
            other.focus("#code")
            other.keyboard.type(code)
            hers.look("accept")
            hers.press("main form button")
            hers.look("accepted")
            assert other.locator("#key").count() == 1
        looking.press("main .rows form button")
        looking.look("caregiver-ended")
        assert looking.faults + hers.faults == []
        assert [line for line in page.wrong + other.wrong if "422" not in line] == []


def test_every_page_works_without_a_script(patients, address, browser):
    with window(browser, SMALL_PHONE, java_script_enabled=False) as page:
        sign_in(page, address, patients)
        page.goto(f"{address}{QUESTIONS}")
        page.fill("#last_scan_on", "2026-01-20")
        with page.expect_navigation():
            page.click("main form button")
        assert page.locator("main h2").count() >= 1, "it says what changed"
        page.goto(f"{address}{INVITE}")
        page.fill("#name", "Carmen")
        page.check("#sees")
        with page.expect_navigation():
            page.click("main form button")
        code = page.inner_text("#code")
        page.goto(f"{address}{ACCEPT}")
        page.fill("#code", code)
        with page.expect_navigation():
            page.click("main form button")
        key = page.inner_text("#key")
        assert patients.clinic.get(patients.at("view"), key).status == 200
