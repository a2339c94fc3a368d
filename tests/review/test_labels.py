from journeys.content.catalogue import CHANNELS, MAX_LENGTHS
from journeys.primitives.words import MESSAGE_PURPOSES
from journeys.review.labels import labels_of


def test_purposes_channels_and_lines_all_have_labels():
    keys = labels_of("en").keys()
    lines = {f"line_{name}" for name in MAX_LENGTHS}
    assert {f"purpose_{purpose}" for purpose in MESSAGE_PURPOSES} | set(CHANNELS) | lines <= keys


def test_no_spanish_label_is_left_in_english():
    english, spanish = labels_of("en"), labels_of("es")
    assert {key for key, text in spanish.items() if text == english[key]} == {"no"}


def test_another_language_has_the_english_labels():
    assert labels_of("fr") is labels_of("en")
    assert labels_of("es-US") is labels_of("es")
