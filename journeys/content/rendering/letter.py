"""Makes the print file of letters: HTML with its style inside, each letter from a new sheet. It loads nothing.

The address is where both windows show it: that of a C5/6 or DL envelope for A4 folded in three (DIN 5008, form B: 20 mm
from the left, 45 to 90 mm from the top), and that of a #10 envelope for US Letter folded in three (7/8 inch from the
left; depending on how the sheet lies in it, 2 to 3.6 inches from the top).
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from journeys.content.rendering.locales import date_text
from journeys.primitives.locales import language_attributes
from journeys.primitives.words import Paper

_MANY_LINES = 6
_STYLE = """
@page { size: %s; margin: 20mm 20mm 20mm 25mm; }
body { margin: 0; color: #000000; font: 11pt/1.4 Arial, Helvetica, sans-serif; overflow-wrap: anywhere; }
.letter { position: relative; break-after: page; }
.letter:last-child { break-after: auto; }
.top { height: 78mm; }
.sender { position: absolute; top: 0; left: 0; width: 90mm; font-size: 9pt; line-height: 1.3; }
.sender p, .recipient p { margin: 0; }
.recipient { position: absolute; top: 43mm; left: 0; width: 80mm; height: 27mm; line-height: 1.2; font-size: 10.5pt; }
.recipient.small { font-size: 8pt; }
.date { position: absolute; top: 43mm; right: 0; width: 60mm; margin: 0; text-align: end; font-size: 9pt; }
h1 { font-size: 16pt; line-height: 1.25; margin: 0 0 5mm; }
h2, h3, h4 { font-size: 12.5pt; line-height: 1.3; margin: 6mm 0 2mm; break-after: avoid; }
p, li { orphans: 2; widows: 2; }
a { color: inherit; }
a[href^="http"]::after { content: " (" attr(href) ")"; }
.footnotes a { text-decoration: none; }
.footnote-backref, sup a::after { display: none; }
table { border-collapse: collapse; }
th, td { border: 0.3mm solid #000000; padding: 1mm 2mm; text-align: start; }
"""
_SIZES = {"a4": "A4", "letter": "8.5in 11in"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to a person. None of its words show in `repr`.

    Attributes:
        id: shown beside the date, so that a letter that comes back names itself.
        locale: the language of its words.
        sender, recipient: the lines of both postal addresses.
        day: the day on which it was written (`2026-01-15`).
        title: its title.
        body: safe HTML, as a piece is rendered for `post`.
    """

    id: str
    locale: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...] = field(repr=False)
    day: str
    title: str = field(repr=False)
    body: str = field(repr=False)


def letters_html(name: str, letters: Iterable[Letter], paper: Paper) -> str:
    """The print file of letters, with a name for staff; the same letters give the same text."""
    title, style = html.escape(name), _STYLE % _SIZES[paper]
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{style}</style></head>\n<body>\n{''.join(map(_section, letters))}</body>\n</html>\n"
    )


def _section(letter: Letter) -> str:
    is_small = len(letter.recipient) > _MANY_LINES
    return (
        f'<section class="letter" {language_attributes(letter.locale)}>\n<div class="top">\n'
        f'<div class="sender">{"".join(_lines(letter.sender))}</div>\n'
        f'<div class="recipient{" small" if is_small else ""}">{"".join(_lines(letter.recipient))}</div>\n'
        f'<p class="date">{html.escape(date_text(letter.day, letter.locale))}<br>{html.escape(letter.id)}</p>\n'
        f"</div>\n<h1>{html.escape(letter.title)}</h1>\n{letter.body}</section>\n"
    )


def _lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f'<p dir="auto">{html.escape(line)}</p>'
