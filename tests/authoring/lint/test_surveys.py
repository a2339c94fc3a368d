"""A survey that cannot be asked, answered or thanked for is refused, with its line and what is right."""

import dataclasses

import pytest

from journeys.content.catalogue import PieceText
from tests.authoring.lint.checking import ONE_STATE, SEEN, check, piece

BEFORE = """\
facts:
  paid: {type: boolean, title: {en: Is it paid}, kept: for letters}
  secret: {type: boolean, title: {en: Secret matter}, hold_until: came}
  ours: {type: boolean, title: {en: Ours}, by: [staff], kept: for letters}
  stage: {type: boolean, title: {en: A stage}, kept: for letters}
  edition: {type: boolean, title: {en: An edition}, kept: for letters}
groups:
  staging: [stage, edition]
"""
SURVEY = """\
surveys:
  page_help:
    question: {en: How do our pages help?}
    why: {en: We change what does not help.}
    purpose: {en: We count the answers.}
    show_in: care.here
    facts: [paid]
    measures:
      clear: {type: choice, values: [all, some], title: {en: Clear?}, labels: {all: {en: All}, some: {en: Some}}}
    thanks: {text: {en: A page for you.}, piece: for-you}
"""
PAGE = dataclasses.replace(piece("for-you", "care.here"), channels=("web",))
OTHER = dataclasses.replace(piece("elsewhere", "care.there"), channels=("web",))


ALWAYS = piece("always", "care.here")


def checked(text, *expected, pieces=(PAGE, OTHER, ALWAYS)):
    check(text, *expected, before=BEFORE + SEEN, after=ONE_STATE, pieces=pieces)


def test_a_survey_that_keeps_its_promise_is_fine():
    checked(SURVEY)
    assert "for-you" in SURVEY


MISTAKES = {
    ("page_help:", "paid:"): (2, "surveys", "'paid' is already a fact or a group; give the survey another name."),
    ("page_help:", "staging:"): (2, "surveys", "'staging' is already a fact or a group"),
    ("care.here", "care.hre"): (6, "surveys", "Unknown state 'care.hre' in 'page_help'. Did you mean 'care.here'?"),
    ("[paid]", "[payd]"): (7, "surveys", "Unknown fact 'payd' in 'page_help'. Did you mean 'paid'?"),
    ("[paid]", "[paid, paid]"): (7, "surveys", "'paid' is listed twice in 'page_help'; remove one of them."),
    ("[paid]", "[ours]"): (7, "surveys", "Patients may not tell 'ours'; remove it, or add 'patient' to its 'by'."),
    ("[paid]", "[secret]"): (7, "surveys", "'secret' is held until 'came', so no survey asks for it; remove it."),
    ("[paid]", "[stage]"): (7, "surveys", "The facts of 'staging' are told together; add edition."),
    ("clear:", "paid:"): (9, "surveys", "'paid' is a fact of the journey; list it in 'facts' of 'page_help'"),
    ("title: {en: Clear?}, ", ""): (9, "titles", "The measure 'clear' has no title in en; write {en: …}."),
    (", some: {en: Some}}", "}"): (9, "surveys", "'clear' without a label: some; write labels: {some: {en: …}, …}."),
    ("for-you", "for-yu"): (10, "surveys", "No page has the key 'for-yu', which 'page_help' promises. Did you mean"),
    ("piece: for-you", "value: phone"): (
        10,
        "surveys",
        "no value 'phone', which 'page_help' promises. None is declared.",
    ),
    ("for-you", "elsewhere"): (10, "surveys", "'elsewhere' is not shown in 'care.here', where 'page_help' comes."),
    ("We count the answers", "It is a secret matter"): (
        5,
        "question-names-held",
        "'purpose' of the survey 'page_help'",
    ),
    ("facts: [paid]", "when: payd"): (7, "condition", "Unknown fact or condition 'payd'. Did you mean 'paid'?"),
}


def test_a_survey_says_why_it_is_asked():
    why = "    why: {en: We change what does not help.}\n"
    checked(SURVEY.replace(why, ""), (2, "surveys", "does not say why it is asked; write why: {en: …}."))
    assert why in SURVEY


def test_its_texts_are_in_the_languages_of_the_journey():
    missing = (5, "titles", "'purpose' of the survey 'page_help' has no title in en")
    wrong = (5, "titles", "has a title in 'es', which is not in 'locales'")
    checked(SURVEY.replace("purpose: {en:", "purpose: {es:"), missing, wrong)
    label = (9, "surveys", "Values of 'clear' without a label: some")
    unknown = (9, "titles", "Unknown value 'sme' in the labels of 'clear'.")
    checked(SURVEY.replace("some: {en", "sme: {en"), label, unknown)
    assert "some: {en" in SURVEY


@pytest.mark.parametrize("change", MISTAKES)
def test_a_survey_that_cannot_be_kept_is_named_with_what_is_right(change):
    assert change[0] in SURVEY
    checked(SURVEY.replace(*change), MISTAKES[change])


def test_a_promised_page_is_no_content_of_a_state():
    line = (SURVEY + ONE_STATE).split("\n").index("      here: {title: {en: Here}, on: {came: stay}}") + 1
    checked(SURVEY, (line, "state-without-content", "'here' may show no piece."), pieces=(PAGE, OTHER))
    assert PAGE.when is None


def test_a_page_that_depends_on_facts_or_is_sent_is_no_promise():
    body = type("Body", (), {"facts": frozenset({"paid"})})()
    text = PieceText("en", "A title", "A summary", None, None, None, body=body)
    reads = dataclasses.replace(PAGE, texts={"en": text})
    reminder = dataclasses.replace(PAGE, is_reminder=True)
    of_topic = dataclasses.replace(PAGE, topic="money")
    mistakes = [
        (reads, "depends on the fact 'paid'"),
        (reminder, "is sent, and not shown as a page"),
        (of_topic, "a patient who declined it would not get what"),
    ]
    for promised, words in mistakes:
        subject = Subject(promised)
        assert [words in problem.message for problem in subject.problems()] == [True]


class Subject:
    """The survey of these tests with another page, as its rule sees it."""

    def __init__(self, page):
        self.page = page

    def problems(self):
        from journeys.authoring.lint.rules import surveys
        from journeys.authoring.lint.subject import LintSubject
        from journeys.definition.reading import read_journey
        from tests.authoring.lint.checking import BEGINNING

        journey, _ = read_journey((BEGINNING + BEFORE + SEEN + SURVEY + ONE_STATE).encode(), "sample.yaml")
        return list(surveys.check(LintSubject(journey, {"for-you": self.page})))
