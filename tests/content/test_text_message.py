"""A text message is measured as a phone network counts it."""

import pytest

from journeys.content.text_message import measure

SPANISH = "Ya pasó un año. Pida su cita médica hoy mismo: llame a su clínica, o ábrala en la aplicación."


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "GSM 7-bit", 0, 1),
        ("a" * 160, "GSM 7-bit", 160, 1),
        ("a" * 161, "GSM 7-bit", 161, 2),
        ("a" * 306, "GSM 7-bit", 306, 2),
        ("a" * 307, "GSM 7-bit", 307, 3),
        ("año ñandú".replace("ú", "u"), "GSM 7-bit", 9, 1),
        ("€" * 80, "GSM 7-bit", 160, 1),
        ("€" * 80 + " " * 80, "GSM 7-bit", 240, 2),
        ("[]{}~|^\\€", "GSM 7-bit", 18, 1),
        ("a" * 152 + "€" + "b" * 152, "GSM 7-bit", 306, 3),
        ("line\nline\r", "GSM 7-bit", 10, 1),
        ("í" * 70, "UCS-2", 70, 1),
        ("í" * 71, "UCS-2", 71, 2),
        ("í" * 134, "UCS-2", 134, 2),
        ("í" * 135, "UCS-2", 135, 3),
        (SPANISH, "UCS-2", 93, 2),
        ("We don’t know", "UCS-2", 13, 1),
        ("a" * 141 + "🙂", "UCS-2", 143, 3),
        ("a" * 66 + "🙂" + "a" * 66, "UCS-2", 134, 3),
        ("\x1b", "UCS-2", 1, 1),
        ("`", "UCS-2", 1, 1),
    ],
)
def test_units_and_parts(text, alphabet, units, parts):
    size = measure(text)
    assert (size.alphabet, size.units, size.parts) == (alphabet, units, parts)


def test_the_characters_that_cost_are_named_once():
    assert measure("aplicación ó á").foreign == ("ó", "á")
