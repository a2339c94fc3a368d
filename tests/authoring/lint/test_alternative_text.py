"""An alternative text says what the picture shows."""

import pytest

from tests.authoring.lint.texts import MESSAGE, check_text


@pytest.mark.parametrize("words", ["Two feet in shoes", "Imagine two feet in shoes"])
def test_what_it_shows_is_fine(words):
    check_text(MESSAGE, front=f"image_alt: {words}\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("figure.svg", "“figure.svg” is a file name; describe what the picture shows."),
        ("figure", "is a file name"),
        ("A picture of two feet", "begins with “A picture of”, which screen readers say already"),
        ("Imagen de dos pies", "begins with “Imagen de”"),
        ("Two feet", "has fewer than 3 words"),
    ],
)
def test_nothing_else_is_accepted(words, complaint):
    check_text(MESSAGE, (4, "alternative-text", complaint), front=f"image_alt: {words}\n")
