"""Letters: one file, each letter with both addresses and from a new sheet, and nothing loaded."""

import re
from dataclasses import replace

import pytest

from journeys.content.rendering import Letter, letters_html
from journeys.primitives.words import PAPERS

LETTER = Letter(
    id="0193f0c0",
    locale="es",
    sender=("Riverside <Clinic>", "1 Main St"),
    recipient=("Rosa Ejemplo & Co", "Calle Mayor 1", "28001 Madrid"),
    day="2026-07-29",
    title="Su cita <pronto>",
    body="<p>Venga el lunes.</p>\n",
)


def test_a_letter_has_both_addresses_the_day_and_its_words():
    page = letters_html("Letters b1", [LETTER], "a4")
    for words in (
        "<title>Letters b1</title>",
        "Riverside &lt;Clinic&gt;",
        "Rosa Ejemplo &amp; Co",
        "29 de julio de 2026",
        "0193f0c0",
        "<h1>Su cita &lt;pronto&gt;</h1>\n<p>Venga el lunes.</p>",
        '<section class="letter" lang="es"',
    ):
        assert words in page


def test_nothing_of_a_person_shows_in_its_repr():
    assert not re.search("Rosa|Mayor|cita|Venga", repr(LETTER))


@pytest.mark.parametrize("paper", PAPERS)
def test_the_file_loads_nothing(paper):
    page = letters_html("Letters b1", [LETTER, LETTER], paper)
    assert page.count("<section") == 2
    assert not re.search(r"<(script|link|img|iframe)|url\(|@import", page)


def test_a_language_written_from_right_to_left_says_so():
    assert 'dir="rtl"' in letters_html("Letters b1", [replace(LETTER, locale="ar")], "letter")
