"""The author's day at the desk, in Chromium: a walk with the phone, a mistake beside it, and a story that passes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.test import Client

from service.platform.editor import editor_named
from service.preview import Workspace
from tests.folders import SAMPLES
from tests.service.browsing import LAPTOP, PHONE, serious, window
from tests.service.preview.desks import preview_of, previewing

HOST = {"Host": "127.0.0.1"}


@pytest.fixture
def files(tmp_path):
    for name in ("definitions", "content"):
        shutil.copytree(SAMPLES / name, tmp_path / name)
    shutil.copytree(SAMPLES / "stories", tmp_path / "tests/stories/follow_up")
    return tmp_path


@pytest.fixture
def desk(files):
    bench = Workspace(files / "definitions", files / "content", only=files / "definitions/follow_up.yaml")
    bench.check()
    return Client(preview_of(bench, files / "tests/stories"))


def walked(page):
    """The words of the step that the page shows, once its script has run."""
    page.wait_for_selector("[data-walk][data-ready]")
    return page.get_attribute("[data-walk]", "data-walk")


def take(page, target, number):
    """Click, and wait until the walk has so many steps."""
    page.click(target)
    page.wait_for_selector(f"[data-walk^='Step {number}:'][data-ready]")


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_an_author_walks_watches_the_phone_mends_a_text_and_records_a_story_that_passes(browser, files, size):
    with (
        previewing(files, "follow_up") as address,
        window(browser, size, bypass_csp=True) as page,
    ):
        page.set_default_timeout(20_000)
        page.goto(f"{address}/journeys/follow_up")
        page.click("text=Walk through the journey")
        assert walked(page) == "A new walk"
        page.click("button:text-is('My treatment is over')")
        page.fill("#fact-last_scan_on", "2026-01-10")
        page.fill("#happened", "2026-01-15")
        take(page, "dialog button.main", 1)
        assert page.locator(".walk-phone .hero-title").inner_text() == "Next scan in six months"
        take(page, "#next-due", 2)
        assert page.locator(".walk-phone .hero-title").inner_text() == "Scan is due"
        assert "10 July 2026" in page.inner_text(".walk-clock")
        take(page, "#next-due", 3)
        assert "scan-reminder" in page.inner_text(".walk-messages")
        assert page.locator(".walk-phone .lock button").count() == 1
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        href = page.get_attribute(".walk-positions a", "href")
        line = (files / "definitions/follow_up.yaml").read_text().splitlines().index("          scan_due:") + 1
        assert href.startswith(f"vscode://file{files.resolve()}/definitions/follow_up.yaml:{line}:")

        text = files / "content/follow_up/disease/surveillance/scan_due/scan-due/en.md"
        page.click(".walk-phone [data-key='read-scan-due']")
        page.wait_for_selector(".walk-phone .sheet .text")
        assert page.locator(".walk-phone .sheet >> text=A sentence that was just written.").count() == 0
        text.write_text(text.read_text() + "\nA sentence that was just written.\n")
        page.wait_for_selector(".walk-phone .sheet >> text=A sentence that was just written.")
        page.wait_for_selector("header #said:has-text('Updated')")
        walked(page)
        assert page.locator(".walk-phone .lock button").count() == 1

        page.click("#staff-recurrence_confirmed")
        take(page, "dialog button.main", 4)
        assert "Held: the patient was not told yet" in page.inner_text(".walk-held")
        assert page.locator(".walk-phone .hero-title").inner_text() == "Scan is due"
        page.click(".walk-steps a#step-before")
        page.wait_for_selector("[data-walk^='Step 3:'][data-ready]")
        page.go_back()
        page.wait_for_selector("[data-walk^='Step 4:'][data-ready]")
        page.fill("[data-record] [name=title]", "It came back while a scan was due")
        page.fill("[data-record] [name=name]", "7-it-came-back")
        page.click("[data-record] button")
        page.wait_for_selector("[data-recorded]:has-text('7-it-came-back.yaml')")
        page.click("[data-record] button")
        page.wait_for_selector("[data-problem-of-walk]:has-text('exists already')")
        assert [entry for entry in page.wrong if "422" not in entry] == []
        assert all(url.startswith(address) for url in page.requested)
    command = [str(Path(sys.executable).parent / "journeys"), "test", "tests/stories/follow_up"]
    done = subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed, 0 failed" in done.stdout


@pytest.mark.long
@pytest.mark.browser
def test_the_keyboard_goes_on_where_it_was_and_each_answer_or_its_absence_is_shown(browser, files):
    def focused():
        return page.evaluate("document.activeElement.id")

    with previewing(files, "follow_up") as address, window(browser, LAPTOP, bypass_csp=True) as page:
        page.set_default_timeout(20_000)
        page.goto(f"{address}/journeys/follow_up/walk")
        page.click("button:text-is('My treatment is over')")
        take(page, "dialog button.main", 1)
        assert focused() == "main"
        page.click("#by-hand")
        page.click("dialog button.main")
        page.wait_for_selector("dialog [data-problem='facts.state.']:has-text('Choose a state.')")
        page.select_option("dialog [data-fact='state.']", "disease.recurrence")
        take(page, "dialog button.main", 2)
        assert focused() == "by-hand"
        page.fill("[data-record] [name=name]", "It came back")
        page.click("[data-record] button")
        page.wait_for_selector("[data-problem-of-walk]:has-text('lower case')")
        page.fill("[data-record] [name=name]", "7-it-came-back")
        page.click("[data-record] button")
        page.wait_for_selector("[data-recorded]:has-text('7-it-came-back.yaml')")
        assert not page.is_visible("[data-problem-of-walk]")
        page.route("**/walk/step*", lambda route: route.abort())
        page.click("#wait-P1D")
        page.wait_for_selector("[data-problem-of-walk]:has-text('No answer came')")
        page.route("**/walk/step*", lambda route: route.fulfill(body="<h1>Sign in</h1>", content_type="text/html"))
        page.click("#wait-P1D")
        page.wait_for_selector("[data-problem-of-walk]:has-text('Reload the page')")


@pytest.mark.long
@pytest.mark.browser
def test_a_form_that_is_opened_while_the_files_are_read_anew_stays_open(browser, files):
    waiting = []
    with previewing(files, "follow_up") as address, window(browser, LAPTOP, bypass_csp=True) as page:
        page.set_default_timeout(20_000)
        page.goto(f"{address}/journeys/follow_up/walk")
        walked(page)
        page.route("**/journeys/follow_up/walk*", lambda route: waiting.extend([route]))
        definition = files / "definitions/follow_up.yaml"
        definition.write_text(definition.read_text() + "# one more line\n")
        while not waiting:
            page.wait_for_timeout(50)
        page.click("button:text-is('My treatment is over')")
        page.fill("#fact-last_scan_on", "2026-01-10")
        with page.expect_response("**/journeys/follow_up/walk*"):
            waiting[0].continue_()
        page.wait_for_timeout(200)
        assert page.input_value("#fact-last_scan_on") == "2026-01-10"
        page.unroute("**/journeys/follow_up/walk*")
        page.click("dialog button:not(.main)")
        page.wait_for_selector("header #said:has-text('Updated')")


def test_a_story_is_replayed_from_its_first_step(desk):
    page = desk.get("/journeys/follow_up/walk", headers=HOST).text
    assert 'href="/journeys/follow_up/stories/2-recurrence-held"' in page
    begun = desk.get("/journeys/follow_up/stories/2-recurrence-held", headers=HOST)
    assert begun.status_code == 302
    assert "Step 1 of a walk" in desk.get(begun.location, headers=HOST).text


@pytest.mark.parametrize("name", ["absent", "..%2f..%2fsecret", "releases", "UPPER"])
def test_another_file_is_not_a_story(desk, name):
    assert desk.get(f"/journeys/follow_up/stories/{name}", headers=HOST).status_code == 404


@pytest.mark.parametrize("name", ["", "../out", "a/b", ".hidden", "x" * 65, "é"])
def test_a_walk_is_recorded_under_a_plain_name_only(desk, files, name):
    begun = desk.get("/journeys/follow_up/stories/1-scan-due", headers=HOST)
    walk = begun.location.partition("walk=")[2].partition("&")[0]
    answer = desk.post("/journeys/follow_up/walk/story", data={"name": name, "walk": walk, "step": "1"}, headers=HOST)
    assert answer.status_code == 422 and "lower case" in answer.json["errors"]["name"][0]
    assert len(list((files / "tests/stories").rglob("*.yaml"))) == len(list((SAMPLES / "stories").rglob("*.yaml")))


def test_a_page_of_another_site_records_nothing(desk):
    headers = {**HOST, "Origin": "https://example.org"}
    assert desk.post("/journeys/follow_up/walk/story", data={"name": "x"}, headers=headers).status_code == 403


def test_a_walk_whose_journey_lost_a_trigger_says_which_step_cannot_be_played(files):
    definition = files / "definitions/follow_up.yaml"
    bench = Workspace(files / "definitions", files / "content", only=definition)
    bench.check()
    desk = Client(preview_of(bench, files / "tests/stories"))
    begun = desk.get("/journeys/follow_up/stories/2-recurrence-held", headers=HOST).location
    definition.write_text(definition.read_text().replace("scan_result_reported", "result_came"))
    bench.check()
    page = desk.get(begun, headers=HOST).text
    assert "Step 2 cannot be played: type: " in page and "scan_result_reported" in page


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("vscode", "vscode://file/a/b%20c.yaml:3:5"),
        ("idea", "idea://open?file=/a/b%20c.yaml&line=3&column=5"),
        ("myeditor://{file}#{line}", "myeditor:///a/b%20c.yaml#3"),
        ("none", ""),
    ],
)
def test_an_editor_opens_a_file_at_its_line(name, address):
    assert editor_named(name).address("/a/b c.yaml", 3, 5) == address


@pytest.mark.parametrize("name", ["vscod", "javascript://{file}", "http://x", ""])
def test_an_unknown_editor_is_refused_with_what_is_accepted(name):
    with pytest.raises(ValueError, match="Accepted: vscode"):
        editor_named(name)
