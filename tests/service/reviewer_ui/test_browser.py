"""A reviewer at work in Chromium: walks, reads Spanish, compares, rejects, signs; and what an app receives then."""

import shutil
from contextlib import contextmanager

import pytest

from service.app import create_app
from service.platform import clock
from service.platform.configuration import Configuration
from service.platform.server import Server
from tests.service.browsing import LAPTOP, PHONE, follow, serious, window
from tests.service.clinic import CONTENT, DEFINITIONS
from tests.service.people import PASSWORD, add
from tests.service.reviewer_ui.visitor import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
RELEASE = "/room/journeys/follow_up/releases/1"
PIECE = f"{RELEASE}/pieces/scan-due"


@pytest.fixture
def ready(clinic, tmp_path):
    """A second and a third version of a piece that nobody has signed, and who may."""
    shutil.copytree(CONTENT, tmp_path / "content")
    shutil.copytree(DEFINITIONS, tmp_path / "definitions")
    clinic.clock.now = clock.present()
    add(clinic, "kim", locales=["en", "es"], roles=["reviewer", "administrator"])
    publish(clinic, tmp_path, "Bring a list of your medicines.")
    return clinic


def publish(clinic, files, words):
    file = next(path for path in files.rglob("scan-due/en.md"))
    file.write_text(file.read_text().rstrip("\n") + f"\n\n{words}\n")
    clinic.publish(files / "definitions", files / "content", signed=False)


@contextmanager
def served(clinic):
    config = Configuration(database=clinic.config.database, port=0)
    app = create_app(config, clock=clinic.clock, new_id=clinic.service.new_id, service=clinic.service)
    server = Server(app, config)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()


def sign_in(page, address):
    page.goto(f"{address}/room/")
    page.fill("#name", "kim")
    page.fill("#password", PASSWORD)
    follow(page, "button.main")
    assert page.url.endswith("/room/journeys")


def test_a_reviewer_walks_reads_compares_rejects_and_signs_and_the_app_receives_those_bytes(browser, ready, tmp_path):
    """Without any script: the room needs none."""
    clinic = ready
    enrollment = clinic.enroll("p1")
    patient = clinic.token_of_patient("p1")

    def app_of_patient():
        result = clinic.get(f"/v1/enrollments/{enrollment}/content?format=html", patient)["items"]
        return next(entry["html"] for entry in result if entry["key"] == "scan-due")

    with served(clinic) as address, window(browser, LAPTOP, java_script_enabled=False) as page:
        sign_in(page, address)

        follow(page, f'a[href="{RELEASE}"]')
        follow(page, "text=Walk through the journey")
        follow(page, f'a[href="{RELEASE}/paths/disease.recurrence"]')
        steps = page.locator(".walk-steps ol > li").count()
        for _ in range(steps - 1):
            follow(page, ".walk-steps a[rel=next]")
        assert f"Step {steps} of {steps}" in page.inner_text("main")
        assert page.locator(".diagram .lit").count() > 0

        page.goto(f"{address}{PIECE}/versions/2")
        spanish = page.locator('section[aria-labelledby="in-es"]')
        assert "Es hora" in spanish.inner_text() and "Español" in spanish.inner_text()

        follow(page, "text=Compare versions")
        assert "Bring a list of your medicines." in " ".join(page.locator(".changes ins").all_inner_texts())

        page.goto(f"{address}{PIECE}/versions/2")
        english = page.locator("#standing-en")
        english.locator("summary", has_text="Reject").click()
        rejection = english.locator("details", has=page.locator("button.bad"))
        rejection.locator("textarea").fill("Say which medicines.")
        rejection.locator("input[name=name]").fill("kim")
        rejection.locator("input[type=password]").fill(PASSWORD)
        follow(page, rejection.locator("button.bad"))
        assert "Say which medicines." in page.inner_text("#standing-en")
        assert "medicines" not in app_of_patient()

        publish(clinic, tmp_path, "Prescribed matches, and those without.")
        page.goto(f"{address}{PIECE}/versions/3")
        english = page.locator("#standing-en")
        english.locator("summary", has_text="Sign as medical").click()
        signature = english.locator("details", has=page.locator("button.main"))
        for box in signature.locator("input[name=confirmed]").all():
            box.check()
        assert signature.locator("input[name=name]").count() == 0  # the rejection was this session's first signing
        signature.locator("input[type=password]").fill(PASSWORD)
        follow(page, signature.locator("button.main"))
        assert "patients see it" in page.inner_text("#standing-en")
        shown = page.request.get(f"{address}{PIECE}/versions/3/as-sent/en?channel=web").body()
        assert app_of_patient().encode() == shown and b"without" in shown

        follow(page, "text=Signatures")
        assert "Dr Kim" in page.inner_text("table") and "Say which medicines." in page.inner_text("table")
        assert page.wrong == [] and all(url.startswith(address) for url in page.requested)


def test_axe_finds_nothing_serious_on_any_page_and_none_is_wider_than_its_screen(browser, ready):
    """With everything unfolded; axe looks at the phone, where a page has the most to give way."""
    clinic = ready
    enrollment = clinic.enroll("p1")
    reviewer = Visitor(clinic.app)
    reviewer.sign_in("kim")
    comments = f"{PIECE}/versions/2/comments"
    for text, step in (("Something.", "answered"), ("Something else.", "resolved")):
        answer = reviewer.post(comments, {"locale": "en", "sentence": "", "text": text})
        comment = answer.location.partition("#comment-")[2]
        assert reviewer.post(f"{comments}/{comment}", {"step": step, "text": "An answer."}).status == 303
    pages = [
        "/room/journeys",
        "/room/inbox",
        "/room/journeys/follow_up/queue/piece/scan-due",
        RELEASE,
        f"{RELEASE}/diagram",
        f"{RELEASE}/states/disease.surveillance.scan_due",
        f"{PIECE}/versions/2",
        f"{PIECE}/compare",
        f"{RELEASE}/paths",
        f"{RELEASE}/paths/disease.recurrence",
        f"{RELEASE}/pack",
        "/room/signatures",
        "/room/patients",
        f"/room/enrollments/{enrollment}",
        "/room/accounts",
        "/room/password",
        "/room/nothing",
    ]
    results = []
    with served(clinic) as address, window(browser, PHONE) as page:
        page.goto(f"{address}/room/sign-in")
        results += [("sign-in", *fault) for fault in serious(page)]
        sign_in(page, address)
        for path in pages:
            page.goto(f"{address}{path}")
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
            results += [(path, *fault) for fault in serious(page)]
            for size in (PHONE, LAPTOP):
                page.set_viewport_size(size)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, size)
            page.set_viewport_size(PHONE)
        assert [entry for entry in page.wrong if "404" not in entry] == []
    assert results == []


def test_everything_can_be_reached_by_the_keyboard_and_is_large_enough(browser, ready):
    """WCAG 2.2: a focus that can be seen, targets of 24 pixels (2.5.8)."""
    with served(ready) as address, window(browser, PHONE) as page:
        sign_in(page, address)
        queue = "/room/journeys/follow_up/queue"
        pages = (
            "/room/journeys",
            "/room/inbox",
            RELEASE,
            f"{PIECE}/versions/2",
            f"{RELEASE}/paths/disease.recurrence",
            queue,
            f"{queue}/piece/scan-due",
        )
        for path in pages:
            page.goto(f"{address}{path}")
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            small = page.evaluate(
                """[...document.querySelectorAll('main a, main button, main summary, main select, header a')]
                   .filter(one => !one.closest('svg') && one.getClientRects().length)
                   .filter(one => !(one.tagName === 'A' && one.closest('.words')))
                   .filter(one => one.getBoundingClientRect().height < 24)
                   .map(one => one.outerHTML.slice(0, 120))"""
            )
            assert small == [], path
            page.focus("main a")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", path
