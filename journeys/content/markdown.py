"""Parses Markdown into tokens: one parser for all pieces, without HTML, and with links only to https, tel and mailto.

It knows nothing about facts or pieces, and keeps nothing between two texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

SCHEMES = ("https", "mailto", "tel")

OPEN, CLOSE = "\ue000", "\ue001"
#: Around the number of a value. Values are filled in after Markdown is parsed, so that no value is read as Markdown.
#: These are private characters that no source may contain.
NOTES = "\ue005"
#: A paragraph of this character is the place of the footnotes; in a text without it they come last.
_OPEN_QUOTED = "%EE%80%80"


def accepts_link(url: str) -> bool:
    """Whether a link may have this target: https with a host, mailto or tel, without a patient's value."""
    if OPEN in url or _OPEN_QUOTED in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname) and "@" not in parts.netloc
    return parts.scheme in SCHEMES and bool(parts.path)


def _caption(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return f"[{tokens[index].meta['id'] + 1}]"


class _Parser:
    """The parser, made with the first text, as its library takes 10 ms to import. Texts leave no state in it."""

    @cached_property
    def markdown(self) -> MarkdownIt:
        from markdown_it import MarkdownIt
        from mdit_py_plugins.footnote import footnote_plugin

        markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        markdown.validateLink = accepts_link  # type: ignore[method-assign]
        # Definitions stay in place, so that a check can refuse them: notes come from `references`.
        footnote_plugin(markdown, inline=False, move_to_end=False, always_match_refs=True)
        markdown.add_render_rule("footnote_caption", _caption)
        return markdown


_PARSER = _Parser()


def parse(text: str) -> tuple[list[Token], tuple[str, ...]]:
    """The tokens of a text, and the labels of its footnotes in the order of their first citation."""
    environment: dict[str, Any] = {}
    tokens = _PARSER.markdown.parse(text, environment)
    notes: Mapping[int, Mapping[str, str]] = environment.get("footnotes", {}).get("list", {})
    return tokens, tuple(note["label"] for note in notes.values())


def to_html(tokens: Sequence[Token], prefix: str) -> str:
    """The tokens as HTML; ids of footnotes begin with `prefix`, so that one page can show several pieces."""
    markdown = _PARSER.markdown
    return str(markdown.renderer.render(tokens, markdown.options, {"docId": prefix}))


@dataclass(frozen=True, slots=True)
class Remark:
    """A part of a text that needs a check: its kind, its content, and its line (from 1)."""

    kind: Literal["footnote", "definition", "link", "image", "heading", "html"]
    text: str
    line: int


def remarks(text: str) -> Iterator[Remark]:
    """The parts of a text that are accepted only under conditions, in order."""
    line = 1
    lines = text.split("\n")
    for token in parse(text)[0]:
        if token.map is not None:
            line = token.map[0] + 1
        if token.type == "heading_open":
            yield Remark("heading", token.tag, line)
        elif token.type == "footnote_reference_open":
            yield Remark("definition", token.meta["label"], line)
        elif token.type == "inline":
            yield from _inline_remarks(token, lines, line)


def _inline_remarks(token: Token, lines: Sequence[str], line: int) -> Iterator[Remark]:
    def line_of(words: str) -> int:
        last = token.map[1] if token.map else line
        return next((number for number in range(line, last + 1) if words in lines[number - 1]), line)

    for child in token.children or ():
        if child.type == "footnote_ref":
            label = child.meta["label"]
            yield Remark("footnote", label, line_of(f"[^{label}]"))
        elif child.type == "link_open":
            yield Remark("link", str(child.attrGet("href")), line)
        elif child.type == "image":
            yield Remark("image", child.content, line_of("!["))
        elif child.type == "text":
            yield from _refused_in_text(child.content, line_of)


def _refused_in_text(content: str, line_of: Any) -> Iterator[Remark]:
    """Links that were not accepted, and HTML; both are shown as text."""
    position = content.find("](")
    while position >= 0:
        end = content.find(")", position)
        target = content[position + 2 : end if end >= 0 else None]
        opening = content.rfind("[", 0, position)
        is_image = opening > 0 and content[opening - 1] == "!"
        yield Remark("image" if is_image else "link", target, line_of(f"]({target[:20]}"))
        position = content.find("](", position + 2)
    for position, character in enumerate(content):
        following = content[position + 1 : position + 2]
        if character == "<" and (following.isalpha() or following in ("/", "!")):
            tag = content[position : position + 40].partition(">")[0] + ">"
            yield Remark("html", tag, line_of(content[position : position + 5]))
