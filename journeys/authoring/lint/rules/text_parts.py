"""A text message takes no more parts than the piece says: one, or `text_parts` in the front matter.

A phone network sends 160 characters of its own alphabet (GSM 03.38) in one part; the euro sign and `[ ] { } ~ | ^ \\`
count twice. A character that the alphabet lacks, such as á, í, ó, ú, a typographic apostrophe or a picture, makes it
UCS-2: 70 characters. Longer messages are sent in parts of 153 or 67, and each part is paid for. The message counts
with the frame of text messages around it, if the journey has one. Values of the programme count as each programme sets
them (`long-programme-line`), or with their greatest length.

Wrong: 93 characters with `í`, without `text_parts`. Right: `text_parts: 2` below the line, or at most 70 characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.templates import SourcePosition
from journeys.content.text_message import MOST_PARTS, MessageSize, measure
from journeys.definition.programmes import filled_line, longest, references_in
from journeys.primitives.problems import Problem, counted

ID = "text-parts"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each text message that needs more parts than the piece says."""
    declared = subject.journey.programme
    bounds = {name: "x" * longest(value) for name, value in declared.items()}
    has_programmes = subject.programmes is not None and bool(subject.programmes.by_key)
    for piece in (subject.pieces or {}).values():
        for text in piece.texts.values():
            sent = subject.as_sent(piece, text)
            if sent is None or (has_programmes and references_in(sent)):
                continue
            size = measure(filled_line(sent, bounds, text.locale))
            if size.parts > text.text_parts:
                position = text.places.get("text", SourcePosition("", 1, 1))
                hint = f"write 'text_parts: {size.parts}', or shorten it" if size.parts <= MOST_PARTS else "shorten it"
                message = f"'text' {needs(size)}; at most {text.text_parts} is accepted. In the front matter, {hint}."
                yield subject.problem_in_text(position, message)


def needs(size: MessageSize) -> str:
    """The parts that a message needs, and why, as the end of a sentence."""
    because = ", ".join(map(_shown, size.foreign[:8]))
    unit = "septet" if size.alphabet == "GSM 7-bit" else "character"
    alone, each = size.limits
    why = f", because of {because}" if because else ""
    return (
        f"needs {counted(size.parts, 'part')}: it has {counted(size.units, unit)} in {size.alphabet}{why} "
        f"(one part has {alone}, several have {each} each)"
    )


def _shown(character: str) -> str:
    """A character in quotes, or its name where it has no shape of its own: `U+00A0 NO-BREAK SPACE`."""
    if character.isprintable() and not unicodedata.combining(character):
        return f"'{character}'"
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
