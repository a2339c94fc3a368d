"""The reviewers' page about where people leave: the numbers of the command, with bars that are read as text too."""

import json
import os
import re
from pathlib import Path

import pytest

from service.registration.store.counts import CountedForm, raise_counts
from tests.service.browsing import NARROW, serious, window
from tests.service.cli.test_commands import run
from tests.service.people import PASSWORD, add
from tests.service.registration.test_browser import served
from tests.service.registration.visitor import Joiners
from tests.service.reviewer_ui.visitor import Visitor

PAGE = "/room/journeys/follow_up/registrations"
#: A folder for pictures of each page, for those who look at them.
PICTURES = os.environ.get("JOURNEYS_TEST_PICTURES")


@pytest.fixture
def counted(clinic):
    """A clinic with counters of two languages: of one, many; of the other, fewer than five."""
    day = clinic.clock().date().isoformat()
    kinds = {("entry", "shown"): 40, ("entry", "answered"): 31, ("entry", "error"): 6, ("entry", "back"): 2}
    kinds |= {("code", "shown"): 31, ("code", "finished"): 25}
    with clinic.service.database.writing() as connection:
        for locale, most in (("en", 40), ("es", 3)):
            form = CountedForm("follow_up", "north", "a" * 12, "dialogue", locale, day)
            for happened, number in kinds.items():
                for _ in range(min(number, most)):
                    raise_counts(connection, form, [happened])
    return clinic


def rows(page) -> list[list[str]]:
    """The cells of each row of the tables, as they are read."""
    lines = re.findall(r'<tr><th scope="row">.*?</tr>', page.source, re.DOTALL)
    return [[as_read(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)] for line in lines]


def as_read(cell: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip().replace("&lt;", "<")


def test_the_page_has_the_numbers_of_the_command(counted):
    add(counted, "kim")
    kim = Visitor(counted.app)
    kim.sign_in("kim")
    page = kim.get(PAGE)
    words = ("--days", "3000", "--database", counted.config.database, "--format", "json")
    answer = json.loads(run("registrations", "follow_up", *words).stdout)
    expected = []
    for form in answer["forms"]:
        for each in form["questions"]:
            names = ("shown", "answered", "declined", "back", "error", "left")
            numbers = ["hidden" if each[name] is None else str(each[name]) for name in names]
            share = each["leaving"]
            text = "hidden"
            if share is not None:
                text = f"{share['share']:.0%} ({share['low']:.0%} to {share['high']:.0%})"
            expected.append([each["question"], *numbers, text])
    assert rows(page) == expected
    assert expected[0][:2] == ["entry", "40"] and "hidden" in {row[-1] for row in expected}
    assert "25 of 40 finished: 62%" in page.text


def test_what_is_hidden_has_no_bar(counted):
    add(counted, "kim")
    kim = Visitor(counted.app)
    kim.sign_in("kim")
    english, spanish = re.findall(r"<section.*?</section>", kim.get(PAGE).source, re.DOTALL)
    assert english.count("<svg") == 3
    assert "<svg" not in spanish and "hidden of " in spanish


@pytest.mark.parametrize("query", ["?days=7", "?days=90", "?days=-1", "?days=x"])
def test_the_days_can_be_chosen(counted, query):
    add(counted, "kim")
    kim = Visitor(counted.app)
    kim.sign_in("kim")
    counted.clock.pass_by(days=20)
    page = kim.sign_in("kim") and kim.get(PAGE + query)
    assert ("Nobody has begun" in page.text) == (query == "?days=7")


def test_a_journey_that_was_not_published_is_not_found(counted):
    add(counted, "kim")
    kim = Visitor(counted.app)
    kim.sign_in("kim")
    assert kim.get("/room/journeys/made_up/registrations").status == 404
    assert PAGE in kim.get("/room/journeys").source


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, NARROW], ids=["laptop", "narrow"])
def test_the_bars_are_read_on_every_width(counted, browser, size):
    add(counted, "kim")
    with served(Joiners(counted)) as address, window(browser, size) as page:
        page.goto(f"{address}{PAGE}")
        page.fill("#name", "kim")
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.goto(f"{address}{PAGE}")
        assert page.locator("svg.share").count() == 3
        assert page.locator("svg.share .part").first.bounding_box()["width"] > 50
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"report-{size['width']}.png", full_page=True)
        assert serious(page) == []
        assert page.wrong == []
