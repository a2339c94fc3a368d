"""The page of questions: one at a time with its reason, and after an answer what it changed."""

import re

import pytest

from tests.service.patient_pages.visitor import CAREGIVERS, INVITE, PERMISSIONS, QUESTIONS, hidden, send

DAY = "2026-01-20"


def test_the_questions_of_the_api_are_asked_one_at_a_time(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    asked = patients.asked()
    assert hidden(page)["question"] == asked[0] == "last_scan_on"
    assert "On which day was your last scan?" in page.text
    assert "We count from that day" in page.text and "A day close to it is fine." in page.text
    assert "Do you smoke" not in page.text
    answered = send(browser, QUESTIONS, page, last_scan_on=DAY, go="answer")
    assert answered.status == 200
    page = browser.get(QUESTIONS)
    assert hidden(page)["question"] == patients.asked()[0] == "smokes"
    assert "You decide whether you answer." in page.text


def test_an_answer_says_what_it_changed(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    answered = send(browser, QUESTIONS, page, last_scan_on=DAY, go="answer")
    assert "Because you told us this" in answered.text
    decided = patients.clinic.get(patients.at("view"), patients.own())
    (date,) = [item for item in decided["next"] if item["kind"] == "state"]
    assert date["title"] in answered.text


def test_the_same_form_twice_is_one_answer_with_the_same_page(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    fields = hidden(page) | {"last_scan_on": DAY, "go": "answer"}
    first, second = browser.post(QUESTIONS, fields), browser.post(QUESTIONS, fields)
    assert (second.status, second.text) == (200, first.text)
    assert patients.reported().count("answered") == 1


def test_another_answer_in_the_same_form_corrects_the_first(patients):
    """As after the browser's own way back."""
    browser, page = patients.signed_in_and(QUESTIONS)
    for day in (DAY, "2026-02-03"):
        patients.clinic.clock.pass_by(seconds=5)
        assert send(browser, QUESTIONS, page, last_scan_on=day, go="answer").status == 200
    facts = patients.clinic.get(patients.at("facts"), patients.own())["items"]
    assert [fact["value"] for fact in facts if fact["name"] == "last_scan_on"] == ["2026-02-03"]


def test_two_windows_may_answer_the_same_question(patients):
    """The later answer holds; none of the two meets an error."""
    browser, first = patients.signed_in_and(QUESTIONS)
    second = browser.get(QUESTIONS)
    assert hidden(first)["form"] != hidden(second)["form"]
    for page, day in ((first, DAY), (second, "2026-02-03")):
        patients.clinic.clock.pass_by(seconds=5)
        assert send(browser, QUESTIONS, page, last_scan_on=day, go="answer").status == 200
    facts = patients.clinic.get(patients.at("facts"), patients.own())["items"]
    assert [fact["value"] for fact in facts if fact["name"] == "last_scan_on"] == ["2026-02-03"]


def test_who_would_rather_not_say_is_asked_again_only_where_they_open_it(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    declined = send(browser, QUESTIONS, page, go="decline")
    assert "We will not ask you this again." in declined.text
    page = browser.get(QUESTIONS)
    assert hidden(page)["question"] == "smokes"
    assert f'href="{QUESTIONS}?declined=1"' in page.source
    opened = browser.get(f"{QUESTIONS}?declined=1")
    assert hidden(opened)["question"] == "last_scan_on"
    assert send(browser, QUESTIONS, opened, last_scan_on=DAY, go="answer").status == 200
    assert f"{QUESTIONS}?declined=1" not in browser.get(QUESTIONS).source


def test_a_question_that_is_put_off_comes_back(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    assert "We will ask you again later." in send(browser, QUESTIONS, page, go="later").text
    assert "last_scan_on" not in patients.asked()
    patients.clinic.clock.pass_by(days=30)
    assert "last_scan_on" in patients.asked()


@pytest.mark.parametrize("value", ["", "yesterday", "2026-02-30", "0206-01-01"])
def test_an_answer_that_is_missing_or_wrong_is_shown_at_its_field(patients, value):
    browser, page = patients.signed_in_and(QUESTIONS)
    wrong = send(browser, QUESTIONS, page, last_scan_on=value, go="answer")
    assert wrong.status == 422
    assert 'href="#last_scan_on"' in wrong.source and 'aria-invalid="true"' in wrong.source
    assert "Check the date" in wrong.text
    assert patients.asked() == ["last_scan_on", "smokes"]


def test_where_nothing_is_to_be_asked_the_page_says_so(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    send(browser, QUESTIONS, page, last_scan_on=DAY, go="answer")
    last = send(browser, QUESTIONS, browser.get(QUESTIONS), smokes="false", go="answer")
    assert "Next question" not in last.text
    page = browser.get(QUESTIONS)
    assert "We have no question for you now." in page.text and "<form" not in page.source


def test_a_question_rests_after_it_was_shown_often(patients):
    """Showing it is reported, as the API asks for it."""
    browser, _ = patients.signed_in_and(QUESTIONS)
    for _ in range(2):
        browser.get(QUESTIONS)
    assert patients.reported().count("seen") == 1, "once a day"
    for _ in range(2):
        patients.clinic.clock.pass_by(days=1)
        patients.signed_in_and(QUESTIONS)
    assert "last_scan_on" in patients.asked()
    patients.clinic.clock.pass_by(days=1)
    assert "last_scan_on" not in patients.asked()


def test_what_is_no_question_of_the_patient_is_not_found(patients):
    other = patients.clinic.enroll("p2", facts={})
    browser, page = patients.signed_in_and(QUESTIONS)
    fields = hidden(page) | {"last_scan_on": DAY, "go": "answer"}
    assert browser.post(QUESTIONS, fields | {"enrollment": other}).status == 404
    assert browser.post(QUESTIONS, fields | {"enrollment": "made-up"}).status == 404


@pytest.mark.parametrize("fact", ["boolean nothing", "text scan_result", "choice <script>", "", "date last_scan_on x"])
def test_a_form_that_was_tampered_with_stores_nothing(patients, fact):
    browser, page = patients.signed_in_and(QUESTIONS)
    name = fact.partition(" ")[2]
    answer = browser.post(QUESTIONS, hidden(page) | {"fact": fact, name or "x": "clear", "go": "answer"})
    assert answer.status in (303, 422)
    assert "answered" not in patients.reported()


def test_the_page_is_in_the_language_of_the_patient(patients):
    patients.speak("es")
    browser, page = patients.signed_in_and(QUESTIONS)
    assert '<html lang="es"' in page.source
    assert "¿Qué día fue su última prueba?" in page.text and "Prefiero no decirlo" in page.text
    answered = send(browser, QUESTIONS, page, last_scan_on=DAY, go="answer")
    assert "de julio de 2026" in answered.text


def test_no_address_of_the_page_names_a_fact(patients):
    browser, page = patients.signed_in_and(QUESTIONS)
    send(browser, QUESTIONS, page, go="decline")
    addresses = re.findall(r'(?:href|action)="([^"]*)"', browser.get(QUESTIONS).source)
    assert addresses
    assert [address for address in addresses if "scan" in address or "smokes" in address] == []


def test_the_pages_are_the_same_whether_or_not_something_is_held(patients):
    """What a person has to say first shows in no page, not even in what a caregiver may tell."""
    browser = patients.signed_in()

    def shown() -> list[str]:
        pages = [browser.get(path).source for path in (QUESTIONS, CAREGIVERS, INVITE, PERMISSIONS)]
        return [re.sub(r'name="(from_here|form)" value="[^"]*"', "", page) for page in pages]

    before = shown()
    held = patients.clinic.report(patients.enrollment, patients.clinic.staff, "recurrence_confirmed")
    assert held["now"]["held"] != []
    assert shown() == before
