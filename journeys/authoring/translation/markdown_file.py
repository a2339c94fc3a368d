"""A Markdown file of a piece, or a partial, as translators see it: lines of front matter, and paragraphs."""

from __future__ import annotations

from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode

from journeys.authoring.translation.edits import compose, entry_of, lines_of, text_of
from journeys.definition.reading import read_tree

MARK = "[translate] "
#: Begins a text of a definition, or a partial, that waits for translation.
KEY = "translate"
#: The key of the front matter whose `true` says that the file waits.


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """Positions in the text of a file.

    `front` is the front matter (None in a partial), which begins at `front_start` and ends at `front_end`;
    `paragraphs` are the starts and ends of blocks of lines without an empty line in them.
    """

    text: str
    front: MappingNode | None
    front_start: int
    front_end: int
    paragraphs: tuple[tuple[int, int], ...]

    @property
    def waits(self) -> bool:
        """Whether the file is marked as waiting for translation."""
        if self.front is None:
            return self.text.startswith(MARK)
        entry = entry_of(self.front, KEY)
        return entry is not None and entry[1].value == "true"


def read_markdown(data: bytes, *, is_partial: bool) -> MarkdownFile | None:
    """The parts of a file; None where it is not text, or has no front matter that can be read."""
    try:
        text = text_of(data)
    except UnicodeDecodeError:
        return None
    if is_partial:
        start = len(MARK) if text.startswith(MARK) else 0
        return MarkdownFile(text, None, 0, 0, _paragraphs(text, start))
    lines = list(lines_of(text))
    fences = [number for number, (start, end) in enumerate(lines) if text[start:end].rstrip() == "---"]
    if len(fences) < 2 or fences[0] != 0:
        return None
    start, end = lines[0][1], lines[fences[1]][0]
    if read_tree(text[start:end].encode(), "")[1]:  # it refuses what is not safe to compose
        return None
    front = compose(text[start:end])
    if not isinstance(front, MappingNode):
        return None
    return MarkdownFile(text, front, start, end, _paragraphs(text, lines[fences[1]][1]))


def _paragraphs(text: str, first: int) -> tuple[tuple[int, int], ...]:
    paragraphs: list[tuple[int, int]] = []
    is_open = False
    for start, end in lines_of(text[first:]):
        line = text[first + start : first + end]
        content_end = first + start + len(line.rstrip("\r\n"))
        if not line.strip(" \t\r\n"):
            is_open = False
        elif is_open:
            paragraphs[-1] = (paragraphs[-1][0], content_end)
        else:
            paragraphs.append((first + start, content_end))
            is_open = True
    return tuple(paragraphs)
