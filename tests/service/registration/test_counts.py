"""The counters say exactly where people leave, and nothing of anybody."""

import json
import random
import re

import pytest

from journeys.primitives.shares import wilson
from service.platform.database.tables import registration_counts
from service.registration.report import report_counts, report_registrations
from service.registration.store.counts import Count, CountedForm
from tests.service.cli.test_commands import run
from tests.service.registration.visitor import ANSWERS, AT, STEPS, wrong

QUESTIONS = [*STEPS, "check", "code"]
FORM = CountedForm("follow_up", "north", "f" * 12, "dialogue", "en", "2026-01-15")


def counted(joiners) -> dict:
    """The counters by question and kind, all forms, languages and days together."""
    sums = {}
    for row in joiners.rows(registration_counts):
        key = (row.question, row.kind)
        sums[key] = sums.get(key, 0) + row[-1]
    return sums


def leave_at(joiners, question: str | None, number: int, language: str = "en") -> None:
    """A visitor who leaves at a question; None: who finishes."""
    browser = joiners.browser(**{"Accept-Language": language})
    browser.begin()
    for step in STEPS:
        if step == question:
            return
        answer = f"v{number}@example.org" if step == "contact" else ANSWERS[step]
        if step.startswith("permission-consent-to-messages"):
            answer = []
        assert browser.answer(step, language if step == "language" else answer).status == 303
    if question == "check":
        return
    assert browser.post("/step/check").status == 303
    if question is None:
        assert browser.post("/code", {"code": joiners.code()}).location == f"{AT}/done"


def simulated(joiners, count: int) -> dict:
    """Visitors who leave at known questions; returns how many left at each (None: finished), by language."""
    chance = random.Random(14)
    leaving = {}
    for number in range(count):
        question, language = chance.choice([*QUESTIONS, None, None]), chance.choice(["en", "es"])
        leave_at(joiners, question, number, language)
        leaving[question, language] = leaving.get((question, language), 0) + 1
    return leaving


def compare(joiners, leaving) -> None:
    forms = report_registrations(joiners.clinic.service, "follow_up", 7)
    assert {form.locale for form in forms} == {language for _, language in leaving}
    for form in forms:
        expected = {question: leaving.get((question, form.locale), 0) for question in QUESTIONS}
        left = {each.question: each.left for each in form.questions}
        hidden = {question: number if number == 0 or number >= 5 else None for question, number in expected.items()}
        assert left == hidden
        finished = leaving.get((None, form.locale), 0)
        assert form.finished == (finished if finished == 0 or finished >= 5 else None)


def test_some_visitors_who_leave_at_known_questions_are_counted_exactly(joiners):
    leaving = simulated(joiners, 40)
    sums = counted(joiners)
    for question in QUESTIONS:
        past = sum(sums.get((question, kind), 0) for kind in ("answered", "declined", "finished"))
        expected = sum(number for (at, _), number in leaving.items() if at == question)
        assert sums.get((question, "shown"), 0) - past == expected, question
    assert sums["code", "finished"] == leaving[None, "en"] + leaving[None, "es"]


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_thousand_visitors_who_leave_at_known_questions_are_reported_exactly(joiners):
    leaving = simulated(joiners, 1000)
    compare(joiners, leaving)
    assert sum(leaving.values()) == 1000


def test_ways_back_and_errors_count_and_an_answer_counts_once(joiners):
    browser = joiners.browser()
    browser.begin()
    browser.answer("language")
    browser.answer("entry", "nothing")
    browser.answer("entry")
    browser.post("/step/contact", {"go": "back"})
    browser.answer("entry")
    browser.answer("entry")
    sums = counted(joiners)
    assert (sums["entry", "shown"], sums["entry", "answered"], sums["entry", "error"]) == (1, 1, 1)
    assert (sums["contact", "shown"], sums["contact", "back"]) == (1, 1)
    assert ("contact", "answered") not in sums


def test_what_is_declined_and_a_wrong_code_are_counted(joiners):
    browser = joiners.browser()
    browser.answer_all()
    browser.post("/step/check")
    browser.post("/code", {"code": wrong(joiners.code())})
    sums = counted(joiners)
    assert (sums[STEPS[4], "answered"], sums[STEPS[5], "declined"]) == (1, 1)
    assert (sums["code", "shown"], sums["code", "error"]) == (1, 1)


def test_pages_that_are_only_opened_count_nothing(joiners):
    browser = joiners.browser()
    for path in ("", "/step/entry", "/code", "/done", "/later"):
        browser.get(path)
    assert counted(joiners) == {}


def test_a_browser_that_refuses_measurement_is_counted_and_nothing_more(joiners):
    browser = joiners.browser(**{"Sec-GPC": "1"})
    browser.begin()
    for step in STEPS[:5]:
        browser.answer(step)
    sums = counted(joiners)
    assert sums["entry", "answered"] == 1
    assert not any(question == STEPS[5] for question, _ in sums)


def test_numbers_under_five_are_hidden_and_do_not_follow_from_the_others():
    counts = [Count(FORM, "entry", "shown", 20), Count(FORM, "entry", "answered", 17)]
    (form,) = report_counts(counts)
    (entry,) = form.questions
    assert (form.begun, entry.shown, entry.answered, entry.left, entry.leaving) == (20, 20, None, None, None)
    (form,) = report_counts([Count(FORM, "entry", "shown", 20), Count(FORM, "entry", "answered", 15)])
    assert (form.questions[0].answered, form.questions[0].left) == (15, 5)
    (form,) = report_counts([Count(FORM, "entry", "shown", 4)])
    assert (form.begun, form.questions[0].shown, form.finishing) == (None, None, None)


def test_the_command_prints_the_report_as_text_and_as_json(joiners, database_url):
    for number in range(6):
        leave_at(joiners, "contact" if number else None, number)
    words = ("registrations", "follow_up", "--days", "3000", "--database", database_url)
    text = run(*words).stdout
    assert "north · one-question-a-page · en" in text
    assert re.search(r"contact +6 +hidden +hidden +0 +0 +hidden +hidden", text), text
    assert "hidden of 6 finished: hidden" in text
    (form,) = json.loads(run(*words, "--format", "json").stdout)["forms"]
    entry = next(each for each in form["questions"] if each["question"] == "entry")
    assert (entry["answered"], entry["left"], entry["leaving"]["share"]) == (6, 0, 0.0)


def test_an_interval_is_wilsons():
    share = wilson(10, 100)
    assert [round(number, 4) for number in share] == [0.1, 0.0552, 0.1744]
    assert wilson(0, 10).low == 0.0 and wilson(10, 10).high == 1.0
