"""Reviewers read and sign every word of a survey, when it comes, and what it promises."""

from journeys.review.structure import annotate_structure
from tests.surveys.small import JOURNEY, SURVEYS, Patient


def test_the_structure_page_has_every_text_and_setting_of_a_survey():
    page = annotate_structure(Patient().plan, "en")
    (group,) = [group for group in page.groups if group.kind == "surveys"]
    assert group.title == "Surveys"
    words = {word.name: word.text for word in group.words}
    assert words["question page_help"] == "How do our pages help?"
    assert words["why page_help"] == "We change what does not help."
    assert words["purpose page_help"] == "We count the answers."
    assert words["thanks page_help"] == "A page for you."
    assert words["piece page_help"] == "for-you"
    assert words["task after_the_stay"] == "Call and say thanks"
    assert words["value after_news"] == "phone"
    assert words["again page_help"] == "again 90 days after the last answer"
    assert words["again after_the_stay"] == "once"
    assert "Ward" in words["show_in page_help"]
    assert "10" in words["when page_help"]
    assert (words["measure clear"], words["value clear in_part"]) == ("Are they clear?", "In part")


def test_a_changed_word_is_another_structure_to_sign():
    plans = [Patient(JOURNEY + text).plan for text in (SURVEYS, SURVEYS.replace("We count", "We add"))]
    assert plans[0].id != plans[1].id
