"""A text message takes no more parts than the piece says."""

from dataclasses import replace

import pytest

from journeys.content.catalogue import PieceSource, PieceText
from journeys.content.templates import SourcePosition, Template
from tests.authoring.lint.checking import ONE_STATE, SEEN, check, piece
from tests.authoring.lint.texts import MESSAGE, check_folder, check_text

SPANISH = "Ya pasó un año. Pida su cita médica hoy mismo: llame a su clínica, o ábrala en la aplicación."
BEFORE = "programme:\n  desk: {type: text, max_length: 50, title: {en: Desk}}\n"
FRAME = '"Guide: {{ message }} STOP: the end"'  # 21 characters and the message
PIECE_TEXT = "content/sample/care/here/walk/en.md"


def check_message(words, *expected, parts=1):
    check_text(MESSAGE, *expected, front=f'text: "{words}"\n' + (f"text_parts: {parts}\n" if parts > 1 else ""))


@pytest.mark.parametrize("words", ["a" * 160, "€" * 80, "í" * 70])
def test_one_part_is_fine(words):
    check_message(words)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (SPANISH, "needs 2 parts: it has 93 characters in UCS-2, because of 'ó', 'í', 'á'"),
        ("€" * 80 + " " * 79 + ".", "needs 2 parts: it has 240 septets in GSM 7-bit"),
        ("a" * 141 + "🙂", "needs 3 parts"),
        ("We don’t know what it is. " * 4, "because of '’'"),
        ("A b\u00a0c. " * 20, "because of U+00A0 NO-BREAK SPACE"),
        ("i\u0301. " * 18, "because of U+0301 COMBINING ACUTE ACCENT"),
        ("Tráelo… «hoy». " * 5, "because of 'á', '…', '«', '»'"),
        ("a" * 147 + " {[€]}" + "^~|", "it has 164 septets in GSM 7-bit"),
    ],
)
def test_more_parts_are_refused(words, part):
    check_message(words, (4, "text-parts", part))


def test_parts_that_the_piece_allows_are_fine():
    check_message(SPANISH, parts=2)
    check_message("í" * 135, (4, "text-parts", "needs 3 parts"), parts=2)


@pytest.mark.parametrize(("length", "expected"), [(110, ()), (111, ((0, "text-parts", "needs 2 parts"),))])
def test_without_programmes_the_longest_value_counts(length, expected):
    places = {"text": SourcePosition("sample.yaml", 7, 1)}
    text = PieceText("en", "T", "S", None, "a" * length + "{{ programme.desk }}", None, Template(()), places=places)
    shown = replace(piece("call", "care"), texts={"en": text})
    source = PieceSource("call", "care/call", {"en.md": b"{{ programme.desk }}"})
    check(SEEN, *expected, before=BEFORE, after=ONE_STATE, pieces=[shown], sources=[source])


@pytest.mark.parametrize(("length", "expected"), [(139, ()), (140, ((PIECE_TEXT, 4, "text-parts"),))])
def test_a_message_is_counted_with_the_frame_around_it(tmp_path, length, expected):
    files = {
        PIECE_TEXT: f"---\ntitle: A walk\nsummary: A walk.\ntext: {'a' * length}\n---\nWalk a little each day.\n",
        "content/sample/_texts/around/piece.yaml": "kind: frame\npurpose: support\nframes: sms\n",
        "content/sample/_texts/around/en.md": f"---\ntitle: Around\nsummary: Around.\ntext: {FRAME}\n---\n",
    }
    check_folder(tmp_path, files, *expected)
