import re

import pytest

from journeys.content.catalogue import CHANNELS, MAX_LENGTHS, PURPOSES
from journeys.review.labels import LABELS, labels_of

PARTS = re.compile(r"\{(\w*)\}")


@pytest.mark.parametrize("locale", sorted(LABELS))
def test_every_language_has_every_word_with_the_same_parts(locale):
    english, own = LABELS["en"], LABELS[locale]
    assert own.keys() == english.keys()
    assert {name: sorted(PARTS.findall(own[name])) for name in own} == {
        name: sorted(PARTS.findall(english[name])) for name in english
    }


def test_purposes_channels_and_lines_all_have_words():
    names = LABELS["en"].keys()
    assert {f"purpose_{one}" for one in PURPOSES} | set(CHANNELS) | {f"line_{one}" for one in MAX_LENGTHS} <= names


def test_no_spanish_word_is_left_in_english():
    same = {name for name, text in LABELS["es"].items() if text == LABELS["en"][name]}
    assert same == {"no"}


def test_another_language_has_the_english_words():
    assert labels_of("fr") == LABELS["en"]
    assert labels_of("es-US") == LABELS["es"]
