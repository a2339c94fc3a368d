"""The difference of two texts as they are read: words that went and words that came. It reads and marks, no more."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKENS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Run:
    """Some words that are the `same` in both, `gone`, or `new`."""

    kind: str
    text: str


def difference(before: str, after: str) -> list[Run]:
    """How one text became another, word by word, in order."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    return list(_joined(_runs(old, new)))


def _runs(old: list[str], new: list[str]) -> Iterator[Run]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            yield Run("same", "".join(new[new_from:new_to]))
            continue
        if old_to > old_from:
            yield Run("gone", "".join(old[old_from:old_to]))
        if new_to > new_from:
            yield Run("new", "".join(new[new_from:new_to]))


def _joined(runs: Iterator[Run]) -> Iterator[Run]:
    """Blanks that are the same between two changed runs of words belong to both, so that a phrase reads as one."""
    gone, new = "", ""
    for run in runs:
        if run.kind == "same" and (run.text.strip() or "\n" in run.text or not (gone or new)):
            yield from _pair(gone, new)
            gone, new = "", ""
            yield run
        elif run.kind == "same":
            gone, new = gone + run.text, new + run.text
        elif run.kind == "gone":
            gone += run.text
        else:
            new += run.text
    yield from _pair(gone, new)


def _pair(gone: str, new: str) -> Iterator[Run]:
    if gone:
        yield Run("gone", gone)
    if new:
        yield Run("new", new)
