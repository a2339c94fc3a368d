"""No text was damaged by a wrong encoding."""

import pytest

from tests.authoring.lint.texts import check_file


@pytest.mark.parametrize(
    ("damaged", "column", "message"),
    [
        ("Pida una cita mÃ©dica", 15, "'mÃ©dica' was damaged by a wrong encoding; write 'médica'."),
        ("Â¿CÃ³mo?", 1, "write '¿Cómo?'"),
        ("We donâ€™t know", 4, "write 'don’t'"),
        ("El a\ufffdo", 5, "The character U+FFFD replaces a letter"),
        ("El a&#0;o", 5, "The character U+FFFD replaces a letter"),
    ],
)
def test_damaged_words_are_reported_with_the_right_ones(damaged, column, message):
    check_file("es.md", f"---\ntitle: A\n---\n{damaged}", (4, column, "garbled-text", message))


def test_a_reference_is_text_outside_markdown():
    text = "---\ntitle: Salt &amp; sugar\n---\nSalt &amp; sugar, caf&amp;eacute;"
    check_file(
        "en.md",
        text,
        (2, 13, "garbled-text", "'&amp;' is shown as written; write '&'."),
        (4, 22, "garbled-text", "'&amp;eacute;' is shown as written; write 'é'."),
    )
    check_file("sample.yaml", "title: Caf&eacute;", (1, 11, "garbled-text", "write 'é'"))


@pytest.mark.parametrize(
    "words", ["“JOSÉ”", "«CAFÉ»…", "año — «sí»", "β₂ ≥ 5 µg ± 2 °C", "L’été à Nîmes", "https://a.org/?a=1&b=2", "نامه"]
)
def test_right_words_are_fine(words):
    check_file("en.md", f"---\ntitle: {words}\n---\n{words}")
