"""YAML as a tree of texts with positions; what works with stored releases alone never loads the parser."""

from __future__ import annotations

from collections.abc import Callable

from journeys.definition.model import Mark
from journeys.definition.reading.nodes import Node
from journeys.primitives.problems import Problem

MAX_BYTES = 256 * 1024


def read_tree(
    data: bytes, file: str, *, place: Callable[[Mark], Mark] | None = None
) -> tuple[Node | None, list[Problem]]:
    """The tree of a YAML text, or None, and its problems.

    Args:
        data: the file's bytes, UTF-8.
        file: its name, for the problems.
        place: the position in the file of a position in `data`, where `data` is a part of the file.
    """
    problems: list[Problem] = []

    def problem(mark: Mark, message: str) -> None:
        at = mark if place is None else place(mark)
        problems.append(Problem(file, at.line, at.column, "error", "yaml", message))

    if len(data) > MAX_BYTES:
        problem(Mark(), f"The file is larger than {MAX_BYTES} bytes ({MAX_BYTES // 1024} KB).")
        return None, problems
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        problem(Mark(before.count(b"\n") + 1, column), "The file is not UTF-8 text. Save it as UTF-8.")
        return None, problems
    text = text.removeprefix("\ufeff")
    from journeys.definition.reading.parsing import parse

    node, mistakes = parse(text, place)
    for mark, message in mistakes:
        problem(mark, message)
    return node, problems
