"""An author's day in Chromium: a journey by pattern, a walk that becomes a story, and Spanish from XLIFF."""

import subprocess
import sys
from pathlib import Path

import pytest

from journeys.authoring.translation import TranslationFile, read_translation, write_xliff
from tests.service.browsing import LAPTOP, PHONE, serious, window
from tests.service.preview.desks import previewing

JOURNEYS = str(Path(sys.executable).parent / "journeys")


def run(folder, *arguments):
    """What a command printed; it must succeed."""
    done = subprocess.run([JOURNEYS, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def translate(data: bytes) -> bytes:
    """An export of the journey, as a translator gives it back."""
    file = read_translation(data)
    rows = tuple(type(row)(row.id, row.source, f"Hola: {row.source}", "translated") for row in file.rows)
    return write_xliff(TranslationFile(file.journey, file.source_locale, file.locale, rows))


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_an_author_makes_a_journey_clicks_a_story_and_adds_spanish(browser, tmp_path, size):
    run(tmp_path, "new", "journey", "hip", "--pattern", "course", "--states", "planned,operation,rehab")
    with (
        previewing(tmp_path, "hip") as address,
        window(browser, size, bypass_csp=True) as page,
    ):
        page.set_default_timeout(20_000)
        page.goto(f"{address}/journeys/hip/walk")
        page.wait_for_selector("[data-walk][data-ready]")
        page.locator(".entries button").first.click()
        page.click("dialog button.main")
        page.wait_for_selector("[data-walk^='Step 1:'][data-ready]")
        assert page.locator(".walk-phone .hero-title").inner_text() == "Planned"
        page.locator(".walk-journey button.moves").first.click()
        page.click("dialog button.main")
        page.wait_for_selector("[data-walk^='Step 2:'][data-ready]")
        assert page.locator(".walk-phone .hero-title").inner_text() == "Operation"
        page.fill("[data-record] [name=name]", "2-from-the-desk")
        page.click("[data-record] button")
        page.wait_for_selector("[data-recorded]:has-text('2-from-the-desk.yaml')")
        assert serious(page) == []

        said = run(tmp_path, "new", "locale", "es", "hip")
        assert "wait for translation into 'es'" in said
        export = tmp_path / "hip.es.xlf"
        run(tmp_path, "translation", "export", "hip", "es", "--output", str(export))
        export.write_bytes(translate(export.read_bytes()))
        assert "0 texts wait" in run(tmp_path, "translation", "import", str(export))
        spanish = page.locator(".walk-phone [data-key='speak-es']")
        spanish.wait_for()
        spanish.click()
        page.wait_for_selector(".walk-phone .hero-title:text-is('Hola: Operation')")
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.wrong == []
    assert "2 passed, 0 failed" in run(tmp_path, "test", "tests/stories/hip")
