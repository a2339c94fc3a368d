"""The pages of a link in Chromium, on a narrow phone, in both languages; their policy lets no script run."""

import re
import shutil

import pytest

from service.app import create_app
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.service.demo.showing import CHROMIUM, FLAGS
from tests.service.public_pages.visits import link, prefer, revocations

pytestmark = [pytest.mark.browser, pytest.mark.long]
#: The width at which no page may need to be scrolled sideways (WCAG 1.4.10).
NARROW = {"width": 320, "height": 640}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def database_url(empty_sqlite, tmp_path):
    """One database is enough for what a browser sees."""
    shutil.copy(empty_sqlite, tmp_path / "journeys.db")
    return f"sqlite:///{tmp_path / 'journeys.db'}"


@pytest.fixture
def address(clinic, reaching):
    """The address of a served clinic."""
    config = Configuration(database=clinic.config.database, port=0)
    options = {"clock": clinic.clock, "new_id": clinic.service.new_id}
    server = Server(create_app(config, service=clinic.service, **options), config)
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def narrow():
    """A page of 320 pixels that remembers what went wrong and what it requested."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (no 'chromium' in the path)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport=NARROW)
        page.wrong, page.requested = [], set()
        page.on("console", lambda entry: page.wrong.append(entry.text) if entry.type == "error" else None)
        page.on("request", lambda request: page.requested.add(request.url))
        yield page
        browser.close()


def look(page) -> list:
    """What is seriously wrong with a page: by axe, its width, and the size of what is pressed (WCAG 2.5.8)."""
    from axe_playwright_python.sync_playwright import Axe

    answer = Axe().run(page, options={"runOnly": WCAG}).response
    wrong = [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in answer["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        wrong.append(("wide", page.url))
    small = page.evaluate(
        """[...document.querySelectorAll('main a, main button, main select, main input')]
           .filter(target => target.getBoundingClientRect().height < 24).map(target => target.outerHTML)"""
    )
    return wrong + small


def prepared(reaching, language: str) -> str:
    enrollment = reaching.reachable_patient()
    own = reaching.clinic.token_of_patient("p1")
    reaching.clinic.post("/v1/me/contacts", own, {"channel": "sms", "address": "+15055550178"})
    prefer(reaching, enrollment, language=language)
    return enrollment


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_person_with_a_keyboard_stops_mail_and_asks_for_quiet(reaching, address, narrow, language):
    """Tab, space and enter are all that is used."""
    page, enrollment = narrow, prepared(reaching, language)
    token = link(reaching, enrollment)
    faults = []

    page.goto(f"{address}/u/{token}")
    assert page.get_attribute("html", "lang") == language
    faults += look(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_selector("main form", state="detached")
    assert [entry["channel"] for entry in revocations(reaching, enrollment)] == ["email"]
    faults += look(page)

    page.click("main a")
    faults += look(page)
    page.focus("input[type=checkbox]")
    page.keyboard.press("Space")
    page.fill("#quiet-start", "21:00")
    page.fill("#quiet-end", "08:00")
    page.select_option("#pause", "7")
    page.focus("main form > button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".saved")
    assert [entry["channel"] for entry in revocations(reaching, enrollment)] == ["email", "sms"]
    faults += look(page)

    page.fill("#quiet-end", "07:00")
    page.click("main form > button")
    page.wait_for_selector(".problem")
    faults += look(page)
    assert [entry for entry in page.wrong if "422" not in entry] == []

    page.goto(f"{address}/u/x{token}")
    faults += look(page)
    assert faults == []
    assert {re.sub(r"/[^/]*$", "", url) for url in page.requested} <= {
        f"{address}/u",
        f"{address}/preferences",
        f"{address}/public",
        "data:,",
    }
