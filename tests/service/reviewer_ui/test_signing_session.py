"""A reviewer signs all of NSCLC, in both languages, in Chromium; the clicks and the passwords are counted."""

from __future__ import annotations

import pytest

from service.platform import clock
from service.publishing import approvals
from tests.folders import ROOT
from tests.service.browsing import LAPTOP, follow, serious, window
from tests.service.clinic import Clinic
from tests.service.people import PASSWORD, add
from tests.service.published import stored_rows
from tests.service.reviewer_ui.test_browser import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
#: A small phone.
PHONE = {"width": 360, "height": 740}
MOST_CLICKS, MOST_PASSWORDS = 250, 3
#: The most presses of a key that lead to the end of a text.
MOST_WINDOWS = 100
QUEUE = "/room/journeys/nsclc/queue"


@pytest.fixture(scope="module")
def published_rows(empty_sqlite, tmp_path_factory):
    """What publishing NSCLC stores before anybody signs it."""

    def publish(clinic: Clinic) -> None:
        clinic.publish(ROOT / "definitions", ROOT / "content", signed=False)

    return stored_rows(empty_sqlite, tmp_path_factory.mktemp("nsclc"), publish)


class Hands:
    """What a reviewer does with the mouse and the keyboard on a page, counted."""

    def __init__(self, page) -> None:
        self.page = page
        self.clicks = self.passwords = 0

    def click(self, target) -> None:
        """Click a link or a button, and wait for the page it leads to."""
        self.clicks += 1
        follow(self.page, target)

    def enter(self, name: str | None) -> None:
        """Enter a password, and the name where it is asked for."""
        self.passwords += 1
        if name is not None:
            self.page.fill("input[name=name]", name)
        self.page.fill("input[type=password]", PASSWORD)

    def read_to_the_end(self) -> None:
        """Scroll window by window to the end of the text; the page ticks the box there.

        A browser under load may leave out what is drawn between two keys; that was a jump, so it is read again, slower.
        """
        for pause in (0, 150, 500):
            self.page.keyboard.press("Home")
            self.page.wait_for_function("scrollY === 0")  # a key is answered some time after it was pressed
            for _ in range(MOST_WINDOWS):
                if self.page.is_checked("#end"):
                    return
                is_at_the_end = "scrollY + innerHeight >= document.documentElement.scrollHeight - 1"
                if pause and self.page.evaluate(is_at_the_end):
                    break
                self.page.keyboard.press("PageDown")
                self.page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
                self.page.wait_for_timeout(pause)
        self.page.wait_for_selector("#end:checked")


@pytest.fixture
def unsigned(clinic):
    """NSCLC, published and not signed, and a reviewer of both languages."""
    clinic.clock.now = clock.present()
    add(clinic, "kim", locales=["en", "es"])
    return clinic


def test_a_reviewer_signs_nsclc_in_both_languages_with_few_clicks_and_passwords(browser, unsigned):
    waiting = len(approvals.list_statuses(unsigned.service, "nsclc"))
    with served(unsigned) as address, window(browser, LAPTOP) as page:
        hands = Hands(page)
        page.goto(f"{address}/room/")
        hands.enter("kim")
        hands.click("button.main")
        hands.click(f'a[href="{QUEUE}"]')
        hands.click("text=Begin")
        pages = 0
        while "/queue/" in page.url:
            hands.read_to_the_end()
            hands.click("#approve button")
            pages += 1
        assert page.url.endswith("/room/journeys/nsclc/binder")
        hands.enter("kim")
        hands.click("button.main")
        assert f"You last signed {waiting} texts" in page.inner_text("main")
        assert page.wrong == []
    statuses = approvals.list_statuses(unsigned.service, "nsclc")
    assert {status.word for status in statuses} == {"approved"}
    counted = f"{waiting} signatures on {pages} pages: {hands.clicks} clicks, {hands.passwords} passwords"
    assert hands.clicks <= MOST_CLICKS and hands.passwords <= MOST_PASSWORDS, counted


def test_the_queue_is_read_by_keyboard_and_the_text_comes_first(browser, unsigned):
    with served(unsigned) as address, window(browser, LAPTOP) as page:
        sign_in(page, address)
        page.goto(f"{address}{QUEUE}")
        follow(page, "text=Begin")
        first = page.url
        assert page.locator("#in-en").bounding_box()["y"] < LAPTOP["height"] / 2
        bar = page.locator(".verdict-bar").bounding_box()
        assert bar["y"] + bar["height"] == pytest.approx(LAPTOP["height"], abs=1)

        press(page, "j")
        second = page.url
        assert second != first
        press(page, "k")
        assert page.url == first

        page.keyboard.press("c")
        page.keyboard.type("jkar")
        assert page.locator("#text-en").input_value() == "jkar" and page.url == first
        page.locator("h1").click()

        for _ in range(2):  # the text was not read: the browser points to the box, and the jump there does not tick it
            page.keyboard.press("a")
            page.wait_for_timeout(200)
            assert page.url == first and not page.is_checked("#end")
        page.keyboard.press("r")
        page.keyboard.type("Say it more gently.")
        follow(page, ".to-reject form button")
        assert page.url == second
        Hands(page).read_to_the_end()
        press(page, "a")
        page.goto(f"{address}/room/journeys/nsclc/binder")
        assert "2 texts approved" in page.inner_text("main") and "2 texts rejected" in page.inner_text("main")
        assert page.wrong == []


def test_the_two_languages_are_in_line_beside_each_other_and_not_below(browser, unsigned):
    blocks = """[...document.querySelectorAll('.side-by-side > section')].map(column =>
        [...column.querySelectorAll('.paragraph .words > *')].map(block => block.getBoundingClientRect().top))"""
    margins = "[...document.querySelectorAll('.words > *')].filter(block => block.style.marginTop).length"
    with served(unsigned) as address, window(browser, LAPTOP) as page:
        sign_in(page, address)
        page.goto(f"{address}{QUEUE}/piece/what-hospice-is")
        english, spanish = page.evaluate(blocks)
        assert len(english) > 5 and english == pytest.approx(spanish, abs=7)  # 7 pixels: the gap below a rule
        page.set_viewport_size(PHONE)
        page.wait_for_function(f"{margins} === 0")
        assert page.wrong == []


def test_without_a_script_the_box_at_the_end_is_ticked_by_hand(browser, unsigned):
    with served(unsigned) as address, window(browser, LAPTOP, java_script_enabled=False) as page:
        sign_in(page, address)
        page.goto(f"{address}{QUEUE}")
        follow(page, "text=Begin")
        first = page.url
        page.locator("#approve button").click()
        assert page.url == first  # the box is required
        page.check("#end")
        follow(page, "#approve button")
        assert "/queue/" in page.url and page.url != first


def test_the_pages_of_the_queue_fit_a_phone_and_axe_finds_nothing_serious(browser, unsigned):
    faults = []
    with served(unsigned) as address, window(browser, PHONE) as page:
        sign_in(page, address)
        page.goto(f"{address}{QUEUE}")
        item = page.locator("#texts ~ div th a").first.get_attribute("href")
        structure = page.locator("#texts ~ div th a").last.get_attribute("href")
        page.goto(f"{address}{item}")
        Hands(page).read_to_the_end()
        follow(page, "#approve button")
        for path in (QUEUE, item, page.url.removeprefix(address), structure, "/room/journeys/nsclc/binder"):
            page.goto(f"{address}{path}")
            page.evaluate("document.querySelectorAll('main details').forEach(details => { details.open = true; })")
            faults += [(path, *fault) for fault in serious(page)]
            for size in (PHONE, LAPTOP):
                page.set_viewport_size(size)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, size)
            page.set_viewport_size(PHONE)
        assert page.wrong == []
    assert faults == []


def press(page, key: str) -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def sign_in(page, address) -> None:
    page.goto(f"{address}/room/")
    page.fill("#name", "kim")
    page.fill("#password", PASSWORD)
    follow(page, "button.main")
