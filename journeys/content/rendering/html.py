"""Markdown with placeholders as safe HTML; the values go in last, as text.

`fixed_html` depends on the author's text alone: a value is only a number in it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

import nh3

from journeys.content.catalogue import Reference
from journeys.content.markdown import CLOSE, NOTES, OPEN, SCHEMES, parse, to_html
from journeys.content.rendering.locales import own_text
from journeys.content.templates import Filled
from journeys.primitives.locales import language_attributes

_PLACEHOLDER = re.compile(f"{OPEN}([0-9]+){CLOSE}")
_CONTACT = re.compile(r'<a href="((?:tel|mailto):)')
_LINK = re.compile(r'<a\b[^>]*?\bhref="(?!#)([^"]*)"[^>]*>.*?</a>', re.DOTALL)
_GUARD = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "strong", "em", "code", "pre", "blockquote", "section"),
        *("ul", "ol", "li", "a", "sup", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={
        "a": {"href", "id", "class", "aria-label"},
        "li": {"id"},
        "ol": {"start"},
        "section": {"class"},
        "sup": {"class"},
    },
    url_schemes=set(SCHEMES),
    url_relative="pass_through",  # the anchors of footnotes; lint refuses other relative links
    link_rel="noopener noreferrer",
)
#: Removes every element and attribute that is not listed, in case the checks missed one.


def body_html(filled: Filled, key: str, references: Sequence[Reference], locale: str) -> str:
    """The HTML of a filled text and of the notes that it cites; ids begin with `fn-<key>-`."""
    return put_in_html(fixed_html(filled.text, key, tuple(references), locale), filled.values)


def put_in_html(fixed: str, values: Sequence[str]) -> str:
    """The HTML with each value in place of its number."""
    if not values:
        return fixed
    return _GUARD.clean(_PLACEHOLDER.sub(lambda match: html.escape(values[int(match[1])]), fixed))


def put_in_mail(fixed: str, values: Sequence[str]) -> str:
    """The HTML of an e-mail, whose styles are written in, with each value in place of its number."""
    return _PLACEHOLDER.sub(lambda match: html.escape(values[int(match[1])]), fixed) if values else fixed


def fixed_html(text: str, key: str, references: tuple[Reference, ...], locale: str) -> str:
    """The HTML of a text with numbers for its values, which is the same for every patient who sees the text."""
    tokens, cited = parse(text)
    made = to_html(tokens, key)
    by_id = {reference.id: reference for reference in references}
    notes = [by_id[label] for label in cited if label in by_id]
    before, _, after = made.partition(f"<p>{NOTES}</p>\n")
    return _GUARD.clean("".join([before, *_notes(notes, key, locale), after]))


def right_to_left(body: str, locale: str) -> str:
    """A fragment in a language that is written from right to left; telephone numbers and addresses stay in order."""
    return f"<div {language_attributes(locale)}>\n{in_order(body)}</div>\n"


def in_order(body: str) -> str:
    """HTML of a right-to-left page in which numbers and addresses of links are read from left to right."""
    return _CONTACT.sub(r'<a dir="ltr" href="\1', body)


def with_targets(body: str) -> str:
    """HTML with the target of each link printed behind the link, for those who check a text; anchors are left out."""
    return _LINK.sub(r'\g<0> <code class="target" dir="ltr" lang="en">\1</code>', body)


def _notes(notes: Sequence[Reference], key: str, locale: str) -> Iterator[str]:
    if not notes:
        return
    yield f'<section class="footnotes">\n<h2>{own_text(locale, "sources")}</h2>\n<ol>\n'
    back = html.escape(own_text(locale, "back"))
    for number, note in enumerate(notes, start=1):
        title = html.escape(note.title)
        if note.url:
            title = f'<a href="{html.escape(note.url)}">{title}</a>'
        source = f", {html.escape(note.source)}" if note.source else ""
        link = f'<a href="#fnref-{key}-{number}" class="footnote-backref" aria-label="{back}">↩</a>'
        yield f'<li id="fn-{key}-{number}">{title}{source} {link}</li>\n'
    yield "</ol>\n</section>\n"


def page_html(title: str, body: str, locale: str, style: str = "") -> str:
    """A whole page around a body; it loads nothing from outside."""
    name = html.escape(title)
    css = f"<style>{style}</style>" if style else ""
    return (
        f'<!doctype html>\n<html {language_attributes(locale)}>\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>{css}</head>\n'
        f"<body>\n<main>\n<h1>{name}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
