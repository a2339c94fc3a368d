"""Chromium for the tests of pages: windows that remember what went wrong, clicks that wait for the next page, axe."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
#: The width of many phones, for which the pages of patients are made.
SMALL_PHONE = {"width": 360, "height": 740}
#: The width at which no page may need to be scrolled sideways (WCAG 1.4.10).
NARROW = {"width": 320, "height": 640}
#: A folder for pictures of each page, for those who look at them.
PICTURES = os.environ.get("JOURNEYS_TEST_PICTURES")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@contextmanager
def window(browser, size: dict[str, int], **options) -> Iterator:
    """A page of its own context that moves nothing.

    It has `wrong` (errors of the console and of scripts) and `requested` (addresses).
    """
    context = browser.new_context(viewport=size, reduced_motion="reduce", **options)
    page = watched(context.new_page())
    yield page
    context.close()


def watched(page):
    """The page, which from now on remembers what went wrong in `wrong`, and what it `requested`."""
    page.wrong, page.requested = [], set()
    page.on("console", lambda entry: page.wrong.append(entry.text) if entry.type == "error" else None)
    page.on("pageerror", lambda error: page.wrong.append(str(error)))
    page.on("request", lambda request: page.requested.add(request.url))
    return page


def follow(page, target) -> None:
    """Click a link or a button (a selector or a locator), and wait for the page it leads to.

    Playwright's click returns before the next page is there, so that a count or a list taken then is the old page's.
    """
    with page.expect_navigation():
        (page.locator(target).first if isinstance(target, str) else target).click()


def serious(page) -> list[tuple[str, str]]:
    """What axe finds serious or critical in a page at rest: the rule, and the element.

    In the midst of a transition colours are mixed, and their contrast is that of neither end.
    """
    from axe_playwright_python.sync_playwright import Axe

    page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
    answer = Axe().run(page, options={"runOnly": WCAG, "preload": False}).response
    return [
        (violation["id"], violation["nodes"][0]["html"][:200])
        for violation in answer["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


class Looking:
    """A page of patients, used by keyboard, and what is seriously wrong with each of its states in `faults`."""

    def __init__(self, page, name: str) -> None:
        self.page, self.name, self.faults = page, name, []

    def look(self, state: str) -> None:
        """By axe, its width, and the size of what is pressed (WCAG 2.5.8)."""
        page = self.page
        self.faults += [(state, fault) for fault in serious(page)]
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            self.faults.append((state, "wide"))
        small = """[...document.querySelectorAll(
                     'main a, main button, main input:not([type=hidden]), main select, footer a')]
                   .filter(target => target.getBoundingClientRect().height < 24).map(target => target.outerHTML)"""
        self.faults += [(state, target) for target in page.evaluate(small)]
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{self.name}-{state}.png", full_page=True)

    def press(self, selector: str) -> None:
        """Presses what leads to another page."""
        self.page.locator(selector).first.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def choose(self, selector: str) -> None:
        """Ticks a box or a choice."""
        self.page.focus(selector)
        self.page.keyboard.press("Space")

    def write(self, selector: str, text: str) -> None:
        """Writes into a field."""
        self.page.focus(selector)
        self.page.keyboard.type(text)
