"""What a reader does with a diagram in Chromium: fits, zooms, pans, folds, and lights the way between two states."""

import pytest

from tests.service.browsing import LAPTOP, PHONE, serious, window
from tests.service.reviewer_ui.test_browser import RELEASE, ready, served, sign_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
__all__ = ["ready"]
DIAGRAM = f"{RELEASE}/diagram"
FOLDED = "state:disease.surveillance"


def seen(page) -> list[float]:
    """The part of the drawing that is seen: left, top, width, height."""
    return [float(number) for number in page.get_attribute("[data-diagram] svg", "viewBox").split()]


def settled(page) -> None:
    page.wait_for_selector("[data-diagram]:not([aria-busy])")


def test_the_diagram_fits_zooms_and_pans_by_buttons_keys_and_mouse(browser, ready):
    with served(ready) as address, window(browser, LAPTOP) as page:
        sign_in(page, address)
        page.goto(f"{address}{DIAGRAM}")
        fitted = seen(page)
        box = page.locator("[data-diagram]").bounding_box()
        drawn = page.locator("[data-diagram] .sheet").bounding_box()
        assert drawn["width"] <= box["width"] + 1 and drawn["height"] <= box["height"] + 1

        for _ in range(6):
            page.click("[aria-label=Larger]")
        closer = seen(page)
        assert closer[2] < fitted[2]
        page.click("[aria-label='Move right']")
        assert seen(page)[0] > closer[0]
        page.click("[aria-label='Move down']")
        assert seen(page)[1] > closer[1]
        page.click("text=Fit")
        assert seen(page) == fitted

        page.focus("[data-diagram]")
        scrolled = page.evaluate("scrollY")
        for key in "+++-++++":
            page.keyboard.press(key)
        assert seen(page)[2] == pytest.approx(closer[2])
        for key, axis, direction in (("Right", 0, 1), ("Left", 0, -1), ("Down", 1, 1), ("Up", 1, -1)):
            before = seen(page)
            page.keyboard.press(f"Arrow{key}")
            assert (seen(page)[axis] - before[axis]) * direction > 0, key
        page.keyboard.press("0")
        assert seen(page) == fitted
        assert page.evaluate("scrollY") == scrolled

        for _ in range(6):
            page.keyboard.press("+")
        before = seen(page)
        box = page.locator("[data-diagram]").bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] - 60, middle[1] - 40, steps=4)
        page.mouse.up()
        assert seen(page)[0] > before[0] and seen(page)[1] > before[1]
        assert page.url.endswith("/diagram")  # a drag over a state is no click on it
        assert page.wrong == []


def test_a_state_that_is_reached_by_tab_comes_into_sight(browser, ready):
    with served(ready) as address, window(browser, LAPTOP) as page:
        sign_in(page, address)
        page.goto(f"{address}{DIAGRAM}")
        page.focus("[data-diagram]")
        for _ in range(6):
            page.keyboard.press("+")
        for _ in range(6):
            page.keyboard.press("Tab")
            is_seen = page.evaluate(
                """() => {
                   const link = document.activeElement;
                   const [box, seen] = [link.closest('[data-diagram]'), link].map(e => e.getBoundingClientRect());
                   return seen.right > box.left && seen.left < box.right
                     && seen.bottom > box.top && seen.top < box.bottom;
                }"""
            )
            assert is_seen


def test_states_fold_and_unfold_and_the_way_lights_up(browser, ready):
    with served(ready) as address, window(browser, LAPTOP) as page:
        sign_in(page, address)
        page.goto(f"{address}{DIAGRAM}")
        states = page.locator("[data-diagram] .state").count()
        button = f"[id='{FOLDED}'] .fold-button"
        assert page.get_attribute(button, "aria-expanded") == "true"
        page.focus(button)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"[id='{FOLDED}'].folded")
        settled(page)
        assert page.locator("[data-diagram] .state").count() < states
        assert page.get_attribute(button, "aria-expanded") == "false"
        assert page.evaluate("document.activeElement.getAttribute('data-state')") == "disease.surveillance"
        assert "folded=disease.surveillance" in page.url
        page.click("text=Unfold all")
        page.wait_for_selector(f"[id='{FOLDED}'].composite")
        assert page.locator("[data-diagram] .state").count() == states

        page.select_option("[name=from]", "disease.surveillance.scan_due")
        page.select_option("[name=to]", "disease.recurrence")
        page.wait_for_selector(".diagram-way li")
        settled(page)
        assert page.locator("[data-diagram] .state.chosen").count() >= 2
        assert page.locator("[data-diagram] .way.chosen").count() >= 1
        way = page.inner_text("[data-diagram-way]")
        page.reload()
        assert page.inner_text("[data-diagram-way]") == way
        page.select_option("[name=locale]", "es")
        page.wait_for_function("before => document.querySelector('[data-diagram-way]').innerText !== before", arg=way)
        assert page.wrong == []


def test_without_a_script_the_whole_diagram_is_shown_and_the_form_still_acts(browser, ready):
    with served(ready) as address, window(browser, LAPTOP, java_script_enabled=False) as page:
        sign_in(page, address)
        page.goto(f"{address}{DIAGRAM}")
        assert page.locator("[data-diagram] .state").count() > 5
        assert page.locator(".diagram-tools").count() == 0
        page.select_option("[name=from]", "disease.surveillance.scan_due")
        page.select_option("[name=to]", "disease.recurrence")
        with page.expect_navigation():
            page.click("text=Show")
        assert page.locator(".diagram-way li").count() >= 2
        assert page.locator("[data-diagram] .chosen").count() >= 3


def test_axe_finds_nothing_serious_with_the_controls_and_all_states_folded(browser, ready):
    results = []
    with served(ready) as address, window(browser, PHONE) as page:
        sign_in(page, address)
        for path in (DIAGRAM, f"{RELEASE}/states/disease.surveillance.scan_due"):
            page.goto(f"{address}{path}")
            page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
            results += [(path, *fault) for fault in serious(page)]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.goto(f"{address}{DIAGRAM}?from=disease.surveillance.scan_due&to=disease.recurrence")
        page.click("text=Fold all")
        page.wait_for_selector("[data-diagram] .folded")
        results += [("folded", *fault) for fault in serious(page)]
        assert page.wrong == []
    assert results == []
