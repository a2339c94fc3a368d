"""The digest to sign covers every byte that a patient reads."""

import pytest

from journeys.content.catalogue import PieceSource, read_piece
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from journeys.review.digests import digest_of

JOURNEY = b"""\
journey: sample
title: {en: A sample}
locales: [en]
tracks:
  care:
    initial: begun
    states:
      begun: {title: {en: Begun}}
"""
TEXT = "---\ntitle: A walk\nsummary: A walk.\ntext: Hello\n{}push: Hi\n---\nWalk.\n{}"


def digest(front="", body=""):
    """Return the digest of a piece with more lines in its front matter and in its body."""
    plan = compile_journey(read_journey(JOURNEY, "sample.yaml")[0])
    files = {"piece.yaml": b"purpose: education\n", "en.md": TEXT.format(front, body).encode()}
    source = PieceSource("walk", "care/begun/walk", files)
    piece, problems = read_piece(source, plan)
    assert piece is not None, problems
    return digest_of(piece, source, "en", plan)


def test_a_signature_stays_valid_when_only_the_parts_of_the_text_message_change():
    assert digest("text_parts: 2\n") == digest() == digest("text_parts: 3\n")


@pytest.mark.parametrize(
    ("front", "body"),
    [
        ("text_parts: 2\nwhy: Because\n", ""),
        ("why: Because\n", ""),
        ("", "text_parts: 2\n"),
        ("text_parts: 2\n", "text_parts: 2\n"),
        ("text_parts: 2 # a note\n", ""),
    ],
)
def test_every_other_line_is_signed(front, body):
    assert digest(front, body) != digest()
