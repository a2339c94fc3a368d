"""A line of any script is accepted where a file asks for one line of plain text."""

import pytest

from journeys.primitives.characters import is_plain_line, refusal_of_hidden, without_hidden


@pytest.mark.parametrize("text", ["Ana", "نامه\u200cای", "5\u00a0mg", "👩\u200d⚕️", "Donau\u00addampf", ""])
def test_a_line_of_any_script_is_plain(text):
    assert is_plain_line(text)
    assert without_hidden(text) == text


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\rb", "a\u202eb", "a\u200bb", "a\u2028b", "a\x00b", "a\u200db"])
def test_other_lines_are_not(text):
    assert not is_plain_line(text)


def test_hidden_characters_are_taken_out():
    assert without_hidden("\u202eAn\u200b\u0000a\U000e0041\nand\tme") == "Ana\nand\tme"


def test_a_text_that_somebody_typed_is_refused_with_the_place():
    assert refusal_of_hidden("Un\r\nتع\u2066ab") == (
        "The hidden character U+2066 LEFT-TO-RIGHT ISOLATE (line 2, column 3) is not accepted; remove it."
    )
    assert refusal_of_hidden("نامه\u200cای\r\n\tDonau\u00addampf &#x202e;") == ""
