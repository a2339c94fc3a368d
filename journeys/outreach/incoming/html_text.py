"""Reduces the HTML of a mail to its text, in linear time; quotations get the `>` that they have in plain text.

Python's HTML parser takes quadratic time on unfinished tags and comments. Nothing here is shown as HTML.
"""

from __future__ import annotations

import html
import re

_UNSEEN = ("script", "style", "template", "title")
#: Elements whose text nobody sees; their end tags may not be left out, as that of `head` may.
_LINES = frozenset(
    {
        *(
            "address",
            "article",
            "blockquote",
            "br",
            "center",
            "dd",
            "div",
            "dl",
            "dt",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
        ),
        *("h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"),
    }
)
#: Elements that begin a line.
_NAME = re.compile(r"/?[a-z][a-z0-9]{0,15}", re.IGNORECASE)
_REFERENCE = re.compile(r"&#?[A-Za-z0-9]{1,32};")


def text_of_html(source: str) -> str:
    """The text of an HTML document, a line for each block, with `> ` before the lines of quotations."""
    first, *pieces = source.split("<")
    fragments = [first]
    quotations = 0
    closing = ""  # the end of the comment or of the unseen element around a piece
    for piece in pieces:
        tag, end, words = piece.partition(">")
        if piece.startswith("!--") and not closing:
            closing = "-->"
        if closing == "-->":
            _, end, words = piece.partition(closing)
            closing = "" if end else closing
        elif closing:
            closing = "" if tag[: len(closing)].lower() == closing else closing
        else:
            match = _NAME.match(tag)
            if not end or not (match or tag.startswith(("!", "?"))):
                fragments.append(f"<{piece}")
                continue
            name = match[0].lower() if match else ""
            closing = f"/{name}" if name in _UNSEEN else ""
            if name.endswith("blockquote"):
                quotations = max(0, quotations + (-1 if name.startswith("/") else 1))
            if name.lstrip("/") in _LINES:
                fragments.append("\0> " if quotations else "\0")
        if not closing:
            fragments.append(words)
    text = re.sub(r"[ \t\r\n\f]+", " ", "".join(fragments))
    lines = _REFERENCE.sub(lambda match: html.unescape(match[0]), text).split("\0")
    return "\n".join(line.strip() for line in lines).strip()
