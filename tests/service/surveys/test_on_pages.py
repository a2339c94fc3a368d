"""A survey on the pages of a signed-in patient: its reason, its answers, its thanks, and two windows."""

import pytest

from service.platform.database.tables import survey_answers
from tests.service.patient_pages.visitor import QUESTIONS, Patients, hidden, send

ANSWERS = {"pack_years": "20", "clear": "in_part", "used": "true"}


class Surveyed(Patients):
    """A clinic whose patient p1 has told all that joining asks for, and lets us measure."""

    def patient(self, patient: str) -> str:
        return self.clinic.enroll(patient)


@pytest.fixture
def patients(clinic, surveyed):
    surveyed.allow()
    return Surveyed(clinic)


def survey_page(patients):
    """A browser of p1, and the page with the survey, which comes when nothing else is asked."""
    browser, page = patients.signed_in_and(QUESTIONS)
    while "survey" not in hidden(page):
        assert hidden(page)["question"] in ("smokes", "last_scan_on")
        assert send(browser, QUESTIONS, page, go="decline").status == 200
        page = browser.get(QUESTIONS)
    return browser, page


def test_a_survey_is_answered_and_thanked_for(patients):
    browser, page = survey_page(patients)
    assert "How do our pages help?" in page.text and "We change what does not help." in page.text
    answered = send(browser, QUESTIONS, page, **ANSWERS, go="answer")
    assert answered.status == 200 and "A page for you." in answered.text
    assert len(patients.rows(survey_answers)) == 1
    facts = patients.clinic.get(patients.at("facts"), patients.own())["items"]
    assert [fact["value"] for fact in facts if fact["name"] == "pack_years"] == [20]


def test_half_a_survey_is_the_form_again_with_what_is_missing(patients):
    browser, page = survey_page(patients)
    half = send(browser, QUESTIONS, page, pack_years="20", used="true", go="answer")
    assert half.status == 422 and hidden(half)["survey"] == "page_help"
    assert patients.rows(survey_answers) == []


def test_a_survey_that_was_finished_in_another_window_leads_to_the_next_question(patients):
    browser, first = survey_page(patients)
    second = browser.get(QUESTIONS)
    assert send(browser, QUESTIONS, first, **ANSWERS, go="answer").status == 200
    late = send(browser, QUESTIONS, second, **ANSWERS | {"clear": "clear"}, go="answer")
    assert (late.status, late.location) == (303, QUESTIONS)
    assert len(patients.rows(survey_answers)) == 1


def test_a_survey_that_the_patient_would_rather_not_answer_is_asked_no_more(patients):
    browser, page = survey_page(patients)
    assert "We will not ask you this again." in send(browser, QUESTIONS, page, go="decline").text
    assert 'name="survey"' not in browser.get(QUESTIONS).source
    assert patients.rows(survey_answers) == []
