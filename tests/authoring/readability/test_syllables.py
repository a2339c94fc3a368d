"""Syllables as they are said, or one too many."""

import pytest

from journeys.authoring.readability.syllables import english, spanish

#: Words of one syllable, of two, of three.
ENGLISH = (
    "the made asked scans stage 2026 CT",
    "treated today again cancer table nurses doctor's",
    "family hospital follow-up",
)

PARTED = """
    cán-cer pul-món pa-ís a-ho-ra prohi-bir bú-ho ve-hí-cu-lo ciu-dad cons-truí o-í-do que gue-rra pin-güi-no guía hoy
    muy y yo re-yes le-íais al-co-hol rehén qui-mio-te-ra-pia ra-dia-ción con-ti-nú-a cui-da-do mé-di-co a-é-re-o TC
"""


@pytest.mark.parametrize(
    ("word", "number"),
    [(w, n) for n, words in enumerate(ENGLISH, 1) for w in words.split()],
)
def test_english(word, number):
    assert english(word) == number


@pytest.mark.parametrize("parted", PARTED.split())
def test_spanish(parted):
    """Parted by hand; `guía` is guí-a, `rehén` re-hén, `leíais` le-í-ais."""
    by_hand = {"guía": 2, "rehén": 2, "le-íais": 3}
    assert spanish(parted.replace("-", "")) == by_hand.get(parted, parted.count("-") + 1)


def test_parts_of_a_word_with_a_hyphen_are_added():
    assert spanish("médico-paciente") == 3 + 3
