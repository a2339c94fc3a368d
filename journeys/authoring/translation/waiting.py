"""The texts that wait for translation, found in files as they are written: lint says so once for each, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ruamel.yaml.error import StringMark
from ruamel.yaml.nodes import ScalarNode

from journeys.authoring.translation.edits import compose, entry_of, text_of, walk
from journeys.authoring.translation.markdown_file import KEY, MARK, read_markdown
from journeys.content.catalogue.sources import PARTIALS
from journeys.definition.reading import read_tree
from journeys.definition.reading.shape import LOCALE
from journeys.primitives.problems import Problem

RULE = "translation"


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text that waits, with its first and last position; `is_file`: the whole file waits."""

    file: str
    locale: str
    start: tuple[int, int]
    end: tuple[int, int]
    is_file: bool

    def covers(self, problem: Problem) -> bool:
        """Whether a problem is about this text."""
        is_inside = self.start <= (problem.line, problem.column) <= self.end
        return problem.file == self.file and (self.is_file or is_inside)

    @property
    def problem(self) -> Problem:
        """The warning, which becomes an error where the journey is published."""
        mark = f"'{MARK.strip()}' in front of it" if not self.file.endswith(".md") or self._is_partial else f"'{KEY}'"
        message = (
            f"This text waits for translation into '{self.locale}', and nothing is published until it is translated. "
            f"Translate it and remove {mark}."
        )
        return Problem(self.file, *self.start, "warning", RULE, message)

    @property
    def _is_partial(self) -> bool:
        return PurePosixPath(self.file).parent.name == PARTIALS


def waiting_texts(files: Mapping[str, bytes]) -> tuple[WaitingText, ...]:
    """Every text of these files that waits, by file and position; a file that cannot be read has none."""
    return tuple(text for name in sorted(files) for text in _in_file(name, files[name]))


def without_waiting(problems: Iterable[Problem], texts: Iterable[WaitingText]) -> list[Problem]:
    """The problems, with one warning for each text that waits in place of those about it."""
    waiting = tuple(texts)
    if not waiting:
        return list(problems)
    others = [problem for problem in problems if not any(text.covers(problem) for text in waiting)]
    return sorted({*others, *(text.problem for text in waiting)})


def _in_file(name: str, data: bytes) -> Iterator[WaitingText]:
    path = PurePosixPath(name)
    if path.suffix == ".md" and KEY.encode() in data:
        is_partial = path.parent.name == PARTIALS
        markdown = read_markdown(data, is_partial=is_partial)
        if markdown is not None and markdown.waits:
            entry = entry_of(markdown.front, KEY) if markdown.front is not None else None
            start = (entry[0].start_mark.line + 2, 1) if entry is not None else (1, 1)
            yield WaitingText(name, path.stem.rpartition(".")[2], start, start, is_file=True)
    elif path.suffix == ".yaml" and MARK.encode() in data and not read_tree(data, name)[1]:
        for _, node in walk(compose(text_of(data))):
            for key, value in node.value:
                is_text = isinstance(value, ScalarNode) and LOCALE.fullmatch(key.value)
                if is_text and value.value.startswith(MARK):
                    start, end = _position(key.start_mark), _position(value.end_mark)
                    yield WaitingText(name, key.value, start, end, is_file=False)


def _position(mark: StringMark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1
