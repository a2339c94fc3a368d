"""Joining with Chromium on a phone's width, by keyboard alone, in both languages and every style."""

import http.server
import re
import threading
from contextlib import contextmanager

import pytest

from service.platform.database.tables import enrollments
from service.platform.server import Server
from tests.service.browsing import SMALL_PHONE, Looking, window
from tests.service.registration.visitor import ADDRESS, Joiners

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
STYLES = ["one-question-a-page", "one-page", "dialogue"]


@contextmanager
def served(joiners):
    """The address of the pages on a port of their own."""
    server = Server(joiners.app, joiners.clinic.config.__class__(port=0))
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.stop()


class Joining(Looking):
    """A page of registration."""

    def go_on(self) -> None:
        """Presses the first button."""
        self.press("main form button")

    def answer(self) -> None:
        """Answers whatever this page asks, by keyboard."""
        page = self.page
        if page.locator("#entry").count():
            page.focus("#entry")
            page.keyboard.press("Space")
        if page.locator("#contact").count():
            page.focus("#contact")
            page.keyboard.type(ADDRESS)
        if page.locator("[id=permission-consent-to-messages]").count():
            page.focus("[id=permission-consent-to-messages]")
            page.keyboard.press("Space")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_somebody_joins_by_keyboard_on_a_phone(clinic, browser, language, style):
    joiners = Joiners(clinic)
    with (
        served(joiners) as address,
        window(browser, SMALL_PHONE, locale=language, timezone_id="America/Denver") as page,
    ):
        joining = Joining(page, f"{language}-{style}")
        page.goto(f"{address}/join/north?style={style}")
        joining.look("start")
        joining.go_on()
        seen = []
        while "/step/check" not in page.url:
            name = re.search(r"/step/([a-z-]+)", page.url).group(1)
            if name in ("entry", "questions") and name not in seen:
                joining.go_on()  # nothing is answered yet
                joining.look(f"{name}-problem")
            if page.locator("#time-zone").count():
                assert page.input_value("#time-zone") == "America/Denver", "the zone is guessed, and shown"
            seen.append(name)
            joining.answer()
            joining.look(name)
            joining.go_on()
        joining.look("check")
        joining.go_on()
        joining.look("code")
        page.focus("#code")
        page.keyboard.type(joiners.code())
        with page.expect_navigation():
            page.keyboard.press("Enter")
        joining.look("done")
        assert page.url.partition("?")[0].endswith("/join/north/done")
        assert seen == (["questions"] if style == "one-page" else seen) and len(seen) in (1, 6)
        assert joining.faults == []
        assert [line for line in page.wrong if "422" not in line] == []
        assert len(joiners.rows(enrollments)) == 1


def test_a_link_goes_on_without_a_script_on_another_device(clinic, browser):
    joiners = Joiners(clinic)
    with served(joiners) as address:
        with window(browser, SMALL_PHONE, locale="es", java_script_enabled=False) as page:
            page.goto(f"{address}/join/north")
            for _ in range(2):
                with page.expect_navigation():
                    page.locator("main form button").first.click()
            page.check("#entry")
            with page.expect_navigation():
                page.locator("main form button").first.click()
            with page.expect_navigation():
                page.click("a[href$='/later']")
            page.fill("#contact", ADDRESS)
            with page.expect_navigation():
                page.locator("main form button").first.click()
        link = re.search(r"https://guide.example.org(/join/north/resume/\S+)", joiners.sent[-1].text).group(1)
        with window(browser, SMALL_PHONE, locale="es", java_script_enabled=False) as page:
            page.goto(f"{address}{link}")
            with page.expect_navigation():
                page.locator("main form button").click()
            assert page.url.endswith("/step/contact")
            page.goto(f"{address}/join/north/step/entry")
            assert page.is_checked("#entry")


@pytest.mark.parametrize("is_named", [True, False])
def test_a_site_that_is_named_may_embed_the_pages(clinic, browser, is_named):
    class Site(http.server.BaseHTTPRequestHandler):
        frame = ""

        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<title>clinic</title><iframe src='{self.frame}'></iframe>".encode())

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{site.server_port}"
    with served(Joiners(clinic, registration_origins=origin if is_named else "https://other.example")) as address:
        Site.frame = f"{address}/join/north"
        with window(browser, SMALL_PHONE) as page:
            page.goto(origin)
            page.wait_for_load_state("networkidle")
            shown = page.frames[1].get_by_text("Join North").count()
    site.shutdown()
    site.server_close()
    assert bool(shown) is is_named
