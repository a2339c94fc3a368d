"""What no machine can judge is asked of a reviewer, the same in each language."""

from dataclasses import replace

import pytest

from journeys.review.checklist import CONDITIONS, checklist
from tests.review.journeys_shipped import shipped


def test_both_languages_ask_the_same():
    english, spanish = checklist("en"), checklist("es-MX")
    assert [question.id for question in english.questions] == [question.id for question in spanish.questions]
    assert all(question.text.endswith("?") for question in (*english.questions, *spanish.questions))
    assert spanish.language == "es"
    assert english.version != spanish.version


def test_a_language_without_a_list_is_asked_in_english():
    assert checklist("fr") == checklist("en")
    assert checklist("../x") == checklist("en")


def asked_about(key, locale="en"):
    """Return the ids of the questions about a shipped piece."""
    return {question.id for question in checklist(locale).about(shipped().catalogue.pieces[key]).questions}


@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_question_is_asked_only_where_it_applies(locale):
    every = {question.id for question in checklist(locale).questions}
    with_picture = next(piece.key for piece in shipped().catalogue.pieces.values() if piece.image is not None)
    assert asked_about(with_picture, locale) == every
    assert asked_about("what-hospice-is", locale) == every - {"picture"}
    assert asked_about("frame-of-email", locale) == every - CONDITIONS.keys()


def test_each_condition_is_that_of_a_question_and_leaves_the_version_as_it_is():
    assert CONDITIONS.keys() <= {question.id for question in checklist("en").questions}
    piece = replace(shipped().catalogue.pieces["what-hospice-is"], image=None)
    assert checklist("en").about(piece).version == checklist("en").version
