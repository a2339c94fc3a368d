"""What no machine can judge is asked of a reviewer, the same in each language."""

from journeys.authoring.readability import checklist


def test_both_languages_ask_the_same():
    english, spanish = checklist("en"), checklist("es-MX")
    assert [question.id for question in english.questions] == [question.id for question in spanish.questions]
    assert all(question.text.endswith("?") for question in (*english.questions, *spanish.questions))
    assert spanish.language == "es"
    assert english.version != spanish.version


def test_a_language_without_a_list_is_asked_in_english():
    assert checklist("fr") == checklist("en")
    assert checklist("../x") == checklist("en")
