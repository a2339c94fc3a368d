"""Known texts have the grades that were worked out by hand."""

import pytest

from journeys.authoring.readability import count, language_of
from journeys.authoring.readability.formulas import fernandez_huerta, flesch_kincaid, spanish_grade
from journeys.content.catalogue import Glossary

ENGLISH, SPANISH = language_of("en"), language_of("es")


def test_a_sentence_with_a_published_grade():
    """13 words in 1 sentence, 24 syllables: 0.39 * 13 + 11.8 * 24 / 13 - 15.59 = 5.07 + 21.7846 - 15.59 = 11.26.

    The example of Wikipedia's page on the formula, which says 11.3.
    """
    text = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    counted = count(text, ENGLISH, Glossary())
    assert (counted.words, counted.syllables, len(counted.sentences)) == (13, 24, 1)
    assert counted.grade(ENGLISH) == pytest.approx(11.26, abs=0.01)


def test_a_plain_text():
    """The cat sat on the mat: 6 words, 6 syllables. It was fat: 3 and 3. 9 words, 9 syllables, 2 sentences:

    0.39 * 4.5 + 11.8 * 1 - 15.59 = 1.755 + 11.8 - 15.59 = -2.035.
    """
    assert count("The cat sat on the mat. It was fat.", ENGLISH, Glossary()).grade(ENGLISH) == pytest.approx(-2.035)


def test_a_spanish_text():
    """Lla-me a su e-qui-po mé-di-co: 5 words, 2+1+1+3+3 = 10 syllables. A-llí le a-yu-dan: 3 words, 2+1+3 = 6.

    8 words, 16 syllables, 2 sentences: L = 206.84 - 60 * 2 - 1.02 * 4 = 82.76; between 90 (4) and 80 (5): 4.724.
    """
    counted = count("Llame a su equipo médico. Allí le ayudan.", SPANISH, Glossary())
    assert (counted.words, counted.syllables, len(counted.sentences)) == (8, 16, 2)
    assert fernandez_huerta(8, 2, 16) == pytest.approx(82.76)
    assert counted.grade(SPANISH) == pytest.approx(4.724)


def with_ease(ease):
    """Return counts of one-word sentences with that ease: 206.84 - 60 * syllables / 1000 - 1.02."""
    return 1000, 1000, (206.84 - 1.02 - ease) / 60 * 1000


@pytest.mark.parametrize(
    ("ease", "grade"),
    [(100, 3), (90, 4), (80, 5), (75, 5.5), (70, 6), (65, 7), (60, 8), (55, 10), (50, 12), (30, 16), (20, 18)],
)
def test_the_bands_of_the_spanish_table_are_grades(ease, grade):
    assert spanish_grade(*with_ease(ease)) == pytest.approx(grade)


def test_longer_words_and_sentences_are_harder():
    for formula in (flesch_kincaid, spanish_grade):
        assert formula(100, 10, 150) < formula(100, 10, 170) < formula(100, 5, 170)
