"""Compares two versions of a page word by word, as a reviewer reads them. It does not judge the changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

How = Literal["same", "inserted", "deleted"]
Kind = Literal["added", "removed", "changed"]
Stored = Mapping[str, Any]
#: A page as `to_json` returns it.

#: A placeholder, a word or a mark, each with the blanks after it; or the end of a line.
_WORDS = re.compile(r"(?:⟨[^⟩]*⟩|\w+(?:[-'’.,:/@]\w+)*|[^\w\s])[^\S\n]*|\n\s*|[^\S\n]+")
_ABOUT = ("place", "kind", "purpose", "channels", "where", "rule", "sent", "action", "reviewed")


@dataclass(frozen=True, slots=True)
class Run:
    """Words that are the same, inserted or deleted."""

    how: How
    text: str


@dataclass(frozen=True, slots=True)
class TextDifference:
    """A part of a page that differs, and its words.

    `name` is a name among the labels (`line_title`, `where`), `paragraph 3`, `source 1`, or a name from the definition
    (`state disease.hospice`, `⟨programme.phone⟩`); with ` · riverside`, the words are those of that programme.
    """

    name: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class TextChange:
    """A page that was added, removed or changed. `key` is None for the structure."""

    kind: Kind
    key: str | None
    locale: str
    title: str
    differences: tuple[TextDifference, ...] = ()


def compare_pages(before: Stored | None, after: Stored | None) -> TextChange | None:
    """The differences between two annotated pages of a piece in one language, or None."""
    page = after if after is not None else before
    if page is None:
        return None
    title = next((line["text"] for line in page["lines"] if line["name"] == "title"), page["key"])
    return _change(page["key"], page["locale"], title, before, after, _page_parts)


def compare_structures(before: Stored | None, after: Stored | None) -> TextChange | None:
    """The differences between two pages of the structure in one language, or None."""
    page = after if after is not None else before
    if page is None:
        return None
    return _change(None, page["locale"], page["title"], before, after, _structure_parts)


def words_compared(before: str, after: str) -> tuple[Run, ...]:
    """Two texts compared word by word; marks are separate, lines are kept, and the number of blanks does not matter."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    runs: list[Run] = []
    for is_same, start, end, begin, stop in _stretches(old, new):
        if is_same:
            runs.append(Run("same", "".join(new[begin:stop])))
            continue
        if start < end:
            runs.append(Run("deleted", "".join(old[start:end])))
        if begin < stop:
            runs.append(Run("inserted", "".join(new[begin:stop])))
    return tuple(runs)


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Equal and changed stretches in turn; a single mark between two changes belongs to them."""
    matched = SequenceMatcher(None, [_bare(word) for word in old], [_bare(word) for word in new], autojunk=False)
    waiting: tuple[int, int, int, int] | None = None
    codes = matched.get_opcodes()
    for index, (tag, start, end, begin, stop) in enumerate(codes):
        is_between = waiting is not None and index < len(codes) - 1
        if tag == "equal" and not (is_between and all(_is_mark(word) for word in new[begin:stop])):
            if waiting is not None:
                yield False, *waiting
            waiting = None
            yield True, start, end, begin, stop
        else:
            waiting = (waiting[0], end, waiting[2], stop) if waiting is not None else (start, end, begin, stop)
    if waiting is not None:
        yield False, *waiting


def _bare(word: str) -> str:
    return "\n" if word.startswith("\n") else word.rstrip() or " "


def _is_mark(word: str) -> bool:
    return not word.startswith(("\n", "⟨")) and not any(sign.isalnum() for sign in word)


def _change(
    key: str | None, locale: str, title: str, before: Stored | None, after: Stored | None, parts: Any
) -> TextChange | None:
    if before is None:
        return TextChange("added", key, locale, title)
    if after is None:
        return TextChange("removed", key, locale, title)
    differences = tuple(_differences(list(parts(before)), list(parts(after))))
    return TextChange("changed", key, locale, title, differences) if differences else None


def _differences(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> Iterator[TextDifference]:
    """The differences of parts with the same name; parts without a name are matched in order."""
    old = [part for part in before if part[0]]
    new = [part for part in after if part[0]]
    names = dict.fromkeys([name for name, _ in new] + [name for name, _ in old])
    texts, earlier = dict(new), dict(old)
    for name in names:
        yield from _difference(name, earlier.get(name, ""), texts.get(name, ""))
    yield from _paragraphs([text for name, text in before if not name], [text for name, text in after if not name])


def _difference(name: str, before: str, after: str) -> Iterator[TextDifference]:
    runs = words_compared(before, after)
    if any(run.how != "same" for run in runs):
        yield TextDifference(name, runs)


def _paragraphs(before: Sequence[str], after: Sequence[str]) -> Iterator[TextDifference]:
    matched = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, begin, stop in matched.get_opcodes():
        if tag == "equal":
            continue
        for offset in range(max(end - start, stop - begin)):
            old = before[start + offset] if start + offset < end else ""
            new = after[begin + offset] if begin + offset < stop else ""
            number = begin + offset + 1 if begin + offset < stop else start + offset + 1
            yield from _difference(f"paragraph {number}", old, new)


def _page_parts(page: Stored) -> Iterator[tuple[str, str]]:
    """The parts of a page by name, paragraphs (nameless) in their order."""
    yield from _numbered(_named_parts(page))
    for paragraph in page["paragraphs"]:
        rule = " · ".join(rule["words"] for rule in paragraph["rules"])
        yield "", f"[{rule}]\n{paragraph['text']}" if rule else paragraph["text"]


def _named_parts(page: Stored) -> Iterator[tuple[str, str]]:
    for line in page["lines"]:
        yield f"line_{line['name']}", line["text"]
        for programme, text in line["in_programmes"].items():
            yield f"line_{line['name']} · {programme}", text
    for name in _ABOUT:
        value = page.get(name, "")
        yield name, value if isinstance(value, str) else "; ".join(value)
    if page["image"]:
        digest = hashlib.sha256(page["image"]["src"].encode()).hexdigest()
        yield "image", f"{page['image']['file']} {digest[:12]}"
    for placeholder in page["placeholders"]:
        yield f"⟨{placeholder['name']}⟩", f"{placeholder['title']}: {placeholder['means']}"
        for programme, text in placeholder["in_programmes"].items():
            yield f"⟨{placeholder['name']}⟩ · {programme}", text
    for number, note in enumerate(page["references"], start=1):
        yield f"source {number}", ", ".join(part for part in (note["title"], note["source"], note["url"]) if part)


def _structure_parts(page: Stored) -> Iterator[tuple[str, str]]:
    yield from _numbered((word["name"], word["text"]) for group in page["groups"] for word in group["words"])


def _numbered(parts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The parts; from the second part of the same name on, the name has a number."""
    seen: dict[str, int] = {}
    for name, text in parts:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})", text
