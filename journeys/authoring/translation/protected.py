"""The parts of a text that a translation keeps as they are: tags and values of Jinja, footnotes, targets of links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_OTHERS = re.compile(r"\[\^[^\]\s]+\]|\]\((?:\{\{.*?\}\}|[^\s)])*\)|<(?:https?://|mailto:|tel:)[^>\s]*>")


def difference(source: str, target: str) -> str:
    """What the target lacks and what it has too much, in words; empty where it keeps everything."""
    before, after = _parts(source), _parts(target)
    words = (_listed("missing", before - after), _listed("not in the source", after - before))
    return "; ".join(filter(None, words))


def _parts(text: str) -> Counter[str]:
    jinja = (" ".join(part.split()) for part in _JINJA.findall(text))
    return Counter([*jinja, *(part.removeprefix("]") for part in _OTHERS.findall(text))])


def _listed(word: str, parts: Iterable[str]) -> str:
    names = ", ".join(sorted(part[:200] for part in parts))
    return f"{word}: {names}" if names else ""
