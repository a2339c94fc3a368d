"""The block `piece` in the front matter of a language file: split off as the bytes of `piece.yaml`, and put in again.

It works on lines and bytes. Whether the block is right is for the reader of `piece.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from journeys.definition.model import Mark

KEY = "piece"
INDENT = b"  "
NO_FRONT_MATTER = "The file must begin with front matter: a line '---', then title and summary, then a line '---'."
_FENCE = b"---"
_BOM = b"\xef\xbb\xbf"
_HEAD = re.compile(rb"([\"']?)piece\1[ \t]*:(?=[ \t\r\n]|\Z)[ \t]*")


class MisplacedBlock(Exception):
    """A block that cannot be split off; `mark` is the position of the mistake, the text says what is accepted."""

    def __init__(self, line: int, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.mark = Mark(line, column)


class UnfitForBlock(Exception):
    """Settings that cannot become a block of a language file; the text is the reason."""


@dataclass(frozen=True, slots=True)
class PieceBlock:
    """The place of a block: its language file, the line of its key, and its number of lines with that line.

    `written` are the bytes of the language file as the author wrote it.
    """

    file: str
    line: int
    height: int
    written: bytes = field(repr=False)

    def mark_of_shared(self, mark: Mark) -> Mark:
        """The position in the language file of a position in `piece.yaml`."""
        return Mark(mark.line + self.line, mark.column + len(INDENT))

    def line_of_text(self, line: int) -> int:
        """The line of the file of a line of the text without the block."""
        return line if line < self.line else line + self.height

    def line_without(self, line: int) -> int:
        """The line of the text without the block of a line of the file."""
        return line if line < self.line else line - self.height


def split_block(file: str, data: bytes) -> tuple[bytes, bytes, PieceBlock] | None:
    """The bytes of the text, those of `piece.yaml`, and the place of the block; None where the file has no block.

    Raises:
        MisplacedBlock: there are two blocks, or the block is not lines indented by two spaces.
    """
    if KEY.encode() not in data:
        return None
    lines = data.splitlines(keepends=True)
    end = _end_of_front_matter(lines)
    heads = [number for number in range(1, end) if _HEAD.match(lines[number])]
    if not heads:
        return None
    head = heads[0]
    if len(heads) > 1:
        raise MisplacedBlock(heads[1] + 1, f"The key '{KEY}' is listed twice; first in line {head + 1}.")
    _refuse_value(lines[head], head + 1)
    stop = next((n for n in range(head + 1, end) if lines[n].strip() and not lines[n].startswith(INDENT)), end)
    _refuse_indentation(lines[stop:end], stop + 1)
    block = [line.removeprefix(INDENT) for line in lines[head + 1 : stop]]
    if not any(line.strip() and not line.lstrip().startswith(b"#") for line in block):
        message = f"'{KEY}' is empty; it needs at least 'purpose', on a line below it, indented by two spaces."
        raise MisplacedBlock(head + 1, message)
    text = b"".join((*lines[:head], *lines[stop:]))
    return text, b"".join(block), PieceBlock(file, head + 1, stop - head, data)


def has_front_matter(data: bytes) -> bool:
    """Whether a language file begins with front matter."""
    return _end_of_front_matter(data.splitlines(keepends=True)) > 0


def text_without_block(data: bytes) -> bytes:
    """The bytes of a language file without its block; the file itself where it has none.

    Raises:
        MisplacedBlock: as `split_block`.
    """
    parts = split_block("", data)
    return data if parts is None else parts[0]


def with_block(text: bytes, shared: bytes) -> bytes:
    """The bytes of a language file with `piece.yaml` as the last key of its front matter.

    Raises:
        UnfitForBlock: splitting the result would not give back the same bytes.
    """
    lines = text.splitlines(keepends=True)
    end = _end_of_front_matter(lines)
    if not end:
        raise UnfitForBlock("the language file has no front matter")
    if shared.startswith(_BOM):
        raise UnfitForBlock("it begins with a byte order mark")
    if not shared.endswith((b"\n", b"\r")):
        raise UnfitForBlock("its last line has no line break, and adding one would change its version")
    line_break = lines[0][len(lines[0].rstrip(b"\r\n")) :]
    block = [line if not line.strip(b"\r\n") else INDENT + line for line in shared.splitlines(keepends=True)]
    joined = b"".join((*lines[:end], KEY.encode(), b":", line_break, *block, *lines[end:]))
    try:
        parts = split_block("", joined)
    except MisplacedBlock as error:
        raise UnfitForBlock(f"as a block it is not accepted: {error}") from None
    if parts is None or parts[:2] != (text, shared):
        raise UnfitForBlock("as a block it would not keep its bytes")
    return joined


def _end_of_front_matter(lines: Sequence[bytes]) -> int:
    """The number of the line that ends the front matter, counted from 0; 0 where there is none."""
    if not lines or lines[0].removeprefix(_BOM).rstrip() != _FENCE:
        return 0
    return next((number for number, line in enumerate(lines) if number and line.rstrip() == _FENCE), 0)


def _refuse_value(line: bytes, number: int) -> None:
    """Refuses a value beside the key; a comment may be there."""
    head = _HEAD.match(line)
    assert head is not None
    value = line[head.end() :].strip()
    if value and not value.startswith(b"#"):
        message = f"Write the keys of '{KEY}' on lines of their own below it, each indented by two spaces."
        raise MisplacedBlock(number, message, head.end() + 1)


def _refuse_indentation(lines: Sequence[bytes], first: int) -> None:
    """Refuses lines behind a block that seem to belong to it and are not indented by two spaces."""
    for number, line in enumerate(lines, start=first):
        if line.startswith(b"\t"):
            raise MisplacedBlock(number, f"A tab cannot indent the keys of '{KEY}'; write two spaces.")
        if line.startswith(b" ") and line.strip():
            message = f"The lines of '{KEY}' are together, each indented by two spaces, comments too."
            raise MisplacedBlock(first, message)
        if line.strip() and not line.startswith(b"#"):
            return
