"""No word mixes letters that look alike."""

import pytest

from tests.authoring.lint.texts import check_file


@pytest.mark.parametrize(
    ("words", "column", "part"),
    [
        ("Please \u0421all", 8, "(U+0421 CYRILLIC CAPITAL LETTER ES)"),
        ("Please c\u0430ll", 9, "(U+0430 CYRILLIC SMALL LETTER A)"),
        ("\u0391spirin", 1, "(U+0391 GREEK CAPITAL LETTER ALPHA)"),
        ("médic\u043e", 6, "(U+043E CYRILLIC SMALL LETTER O)"),
        ("Now \U0001d402\U0001d41a\U0001d425\U0001d425 us", 5, "write 'Call'"),
        ("Now \uff23\uff41\uff4c\uff4c us", 5, "write 'Call'"),
    ],
)
def test_a_word_of_two_alphabets_is_refused(words, column, part):
    check_file("en.md", words, (1, column, "lookalike-letter", part))


@pytest.mark.parametrize(
    "words", ["TNFα, β-blocker, µg, ΔT, 5 Ω", "Прогулки с «EGFR»", "EGFR-тест", "Η ασπιρίνη", "año — «sí»", "検査A"]
)
def test_other_words_are_fine(words):
    check_file("en.md", words)
