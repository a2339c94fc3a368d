"""Chromium for the tests of pages: windows that remember what went wrong, clicks that wait for the next page, axe."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

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
#: The width at which no page may need to be scrolled sideways (WCAG 1.4.10).
NARROW = {"width": 320, "height": 640}
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
