"""The pages of a link in Chromium, on a narrow phone, in both languages; their policy lets no script run."""

import re

import pytest

from service.app import create_app
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.service.browsing import NARROW, follow, serious, window
from tests.service.outreach.sample_topics import publish_with_topics
from tests.service.public_pages.visits import link, prefer, revocations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def reaching(reaching, tmp_path):
    """People whose journey has topics."""
    publish_with_topics(reaching.clinic, tmp_path)
    return reaching


@pytest.fixture
def address(clinic, reaching):
    """The address of a served clinic."""
    config = Configuration(database=clinic.config.database, port=0)
    options = {"clock": clinic.clock, "new_id": clinic.service.new_id}
    server = Server(create_app(config, service=clinic.service, **options), config)
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def narrow(browser):
    with window(browser, NARROW) as page:
        yield page


def look(page) -> list:
    """What is seriously wrong with a page: by axe, its width, and the size of what is pressed (WCAG 2.5.8)."""
    wrong = serious(page)
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

    follow(page, "main a")
    faults += look(page)
    page.focus("input[type=checkbox]")
    page.keyboard.press("Space")
    page.focus("input[name=topic-off]")
    page.keyboard.press("Space")
    page.fill("#quiet-start", "21:00")
    page.fill("#quiet-end", "08:00")
    page.select_option("#pause", "7")
    page.focus("main form > button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".saved")
    assert [entry["channel"] for entry in revocations(reaching, enrollment)] == ["email", "sms"]
    own = reaching.clinic.token_of_patient("p1")
    topics = reaching.clinic.get("/v1/me/preferences", own)["topics"]
    assert [topic["key"] for topic in topics if not topic["on"]] == ["scans"]
    faults += look(page)

    page.fill("#quiet-end", "07:00")
    follow(page, "main form > button")
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
