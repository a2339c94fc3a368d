"""The sentences of a rendered text: listed, or marked in its HTML. It changes no word."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "li", "h2", "h3", "h4", "h5", "h6", "td", "th", "pre", "dt", "dd"})
_VOID = frozenset({"br", "hr", "img"})
#: The gap between two sentences.
_BETWEEN = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÖØ-Þ¿¡“\"(⟨0-9])")
#: The same with markup in between, such as the number of a note.
_ENDS = re.compile(r"[.!?…]\s*(\[?[0-9]+\]?)?$")
_BEGINS = re.compile(r"\s+[A-ZÀ-ÖØ-Þ¿¡“\"(⟨0-9]")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The text of a sentence, and its HTML."""

    text: str
    html: str


def sentences(source: str) -> list[str]:
    """Return the sentences of rendered HTML, in order, as text."""
    return [part.text for part in _parts(source) if isinstance(part, Sentence)]


def marked(source: str, mark: Callable[[str, str], str]) -> str:
    """Return rendered HTML with every sentence replaced by what `mark` returns for its text and its HTML."""
    return "".join(mark(part.text, part.html) if isinstance(part, Sentence) else part for part in _parts(source))


def _parts(source: str) -> Iterator[Sentence | str]:
    cutter = _Cutter()
    cutter.feed(source)
    cutter.close()
    yield from cutter.parts


class _Cutter(HTMLParser):
    """Cuts HTML into sentences and the markup around them; markup across two sentences keeps them together."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[Sentence | str] = []
        self._html: list[str] = []
        self._text: list[str] = []
        self._inside = 0
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        if tag in _BLOCKS:
            self._end()
            self._inside += 1
            self.parts.append(raw)
        elif self._inside and tag not in ("ul", "ol", "table", "section", "blockquote"):
            self._depth += tag not in _VOID
            self._html.append(raw)
        else:
            self._end()
            self.parts.append(raw)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        if self._inside:
            self._html.append(raw)
        else:
            self.parts.append(raw)

    def handle_endtag(self, tag: str) -> None:
        raw = f"</{tag}>"
        if tag in _BLOCKS:
            self._end()
            self._inside = max(0, self._inside - 1)
            self.parts.append(raw)
        elif self._inside and self._depth:
            self._depth -= 1
            self._html.append(raw)
        else:
            self._end()
            self.parts.append(raw)

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.parts.append(data)
            return
        if self._depth:
            self._html.append(data)
            self._text.append(data)
            return
        if self._html[-1:] and self._html[-1].startswith("</") and _BEGINS.match(data) and self._has_ended():
            self._end()
        begin = 0
        for match in _BETWEEN.finditer(data):
            self._say(data[begin : match.start()])
            self._end()
            self.parts.append(match[0])
            begin = match.end()
        self._say(data[begin:])

    def handle_entityref(self, name: str) -> None:
        self._say_reference(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._say_reference(f"&#{name};")

    def close(self) -> None:
        super().close()
        self._end()

    def _has_ended(self) -> bool:
        """Return whether the text so far ends a sentence, with or without the number of a note after it."""
        return _ENDS.search("".join(self._text)) is not None

    def _say(self, text: str) -> None:
        self._html.append(text)
        self._text.append(text)

    def _say_reference(self, raw: str) -> None:
        if not self._inside:
            self.parts.append(raw)
            return
        self._html.append(raw)
        self._text.append(html.unescape(raw))

    def _end(self) -> None:
        text = _BLANKS.sub(" ", "".join(self._text)).strip()
        written = "".join(self._html)
        if text:
            self.parts.append(Sentence(text, written))
        elif written:
            self.parts.append(written)
        self._html, self._text, self._depth = [], [], 0
