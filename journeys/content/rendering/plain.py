"""Markdown with placeholders as plain text: headings, lists, links as `text (url)`, footnotes as a numbered list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from journeys.content.catalogue import Reference
from journeys.content.markdown import CLOSE, NOTES, OPEN, parse
from journeys.content.rendering.locales import own_text
from journeys.content.templates import Filled

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

#: A value, and the telephone number that it links to, if any.
_PLACEHOLDER = re.compile(f"{OPEN}([0-9]+){CLOSE}( \\(\\+?[0-9]{{3,15}}(?:;ext=[0-9]+)?\\))?")
_NO_DIGIT = re.compile("[^0-9]")


def body_plain(filled: Filled, references: Sequence[Reference], locale: str, *, headings: str = "") -> str:
    """The plain text of a filled text and of the notes that it cites, ending in one line break.

    `headings` is a prefix for each heading.
    """
    return put_in_plain(fixed_plain(filled.text, tuple(references), locale, headings), filled.values)


def put_in_plain(fixed: str, values: Sequence[str]) -> str:
    """The plain text with each value in place of its number."""
    return _PLACEHOLDER.sub(lambda match: _put_in(values[int(match[1])], match[2] or ""), fixed)


def _put_in(value: str, number: str) -> str:
    """A value, followed by the telephone number of its link unless both have the same digits."""
    return value if _NO_DIGIT.sub("", value) == _NO_DIGIT.sub("", number) else value + number


def fixed_plain(text: str, references: tuple[Reference, ...], locale: str, headings: str = "") -> str:
    """The plain text with numbers for its values, which is the same for every patient who sees the text."""
    tokens, cited = parse(text)
    from markdown_it.tree import SyntaxTreeNode

    blocks = list(_blocks(SyntaxTreeNode(tokens).children, headings))
    if NOTES not in blocks:
        blocks.append(NOTES)
    by_id = {reference.id: reference for reference in references}
    notes = [by_id[label] for label in cited if label in by_id]
    lines = [own_text(locale, "sources"), *(f"[{number}] {_note(note)}" for number, note in enumerate(notes, start=1))]
    place = blocks.index(NOTES)
    blocks[place : place + 1] = ["\n".join(lines)] if notes else []
    return "\n\n".join(blocks) + "\n"


def _note(note: Reference) -> str:
    return ", ".join(part for part in (note.title, note.source, note.url) if part)


def _blocks(nodes: Iterable[SyntaxTreeNode], headings: str) -> Iterator[str]:
    for node in nodes:
        match node.type:
            case "heading":
                yield headings + "".join(_inline(node))
            case "paragraph":
                yield "".join(_inline(node))
            case "bullet_list" | "ordered_list":
                yield _list(node, headings)
            case "blockquote":
                yield _indented("\n\n".join(_blocks(node.children, headings)), "> ", "> ")
            case "fence" | "code_block":
                yield _indented(node.content.rstrip("\n"), "    ", "    ")
            case "hr":
                yield "* * *"
            case "table":
                yield "\n".join(_rows(node))
            case _:
                yield from _blocks(node.children, headings)


def _list(node: SyntaxTreeNode, headings: str) -> str:
    first = int(node.attrs.get("start", 1))
    is_tight = all(child.hidden for item in node.children for child in item.children if child.type == "paragraph")
    items = []
    for number, item in enumerate(node.children, start=first):
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        inner = ("\n" if is_tight else "\n\n").join(_blocks(item.children, headings))
        items.append(_indented(inner, mark, " " * len(mark)))
    return ("\n" if is_tight else "\n\n").join(items)


def _rows(table: SyntaxTreeNode) -> Iterator[str]:
    for row in table.walk():
        if row.type == "tr":
            yield " | ".join("".join(_inline(cell)) for cell in row.children)


def _indented(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    rest = [f"{others}{line}".rstrip() for line in lines[1:]]
    return "\n".join([f"{first}{lines[0]}", *rest])


def _inline(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.children:
        match child.type:
            case "text" | "code_inline":
                yield child.content
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "footnote_ref":
                yield f"[{child.meta['id'] + 1}]"
            case "link":
                yield _link("".join(_inline(child)), str(child.attrs.get("href", "")))
            case _:
                yield from _inline(child)


def _link(text: str, url: str) -> str:
    bare = url.removeprefix("mailto:").removeprefix("tel:")
    return bare if text in (url, bare) else f"{text} ({bare})"
