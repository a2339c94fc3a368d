"""Pages of a review as HTML, plain text and JSON; everything is inside the document, nothing is fetched."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from journeys.catalogue import Picture
from journeys.review.annotated import AnnotatedPage
from journeys.review.labels import labels_of
from journeys.templates import Place

_FOLDER = Path(__file__).parent / "pages"
_HEADING = re.compile(r"<(/?)h([2-6])>")


@cache
def style() -> str:
    """The style of these pages, for a page that shows them in its own frame."""
    return (_FOLDER / "review.css").read_text(encoding="utf-8")


def annotated_fragment(page: AnnotatedPage, *, level: int = 1) -> str:
    """The page as HTML to put into another; its first heading is of that level (1 to 3)."""
    return _drawn("annotated.html", page.locale, page=page, level=level)


def annotated_document(page: AnnotatedPage) -> str:
    """The page as a document of its own."""
    return document(page.title, annotated_fragment(page), page.locale)


def document(title: str, body: str, locale: str) -> str:
    """A whole document around a body."""
    return _drawn("document.html", locale, title=title, body=Markup(body), style=Markup(style()))  # noqa: S704


def annotated_text(page: AnnotatedPage) -> str:
    """The page as plain text."""
    return "\n".join(_lines(page)) + "\n"


def to_json(value: Any) -> Any:
    """A value of a review as plain JSON: fields by name, sets sorted, pictures as their file and address."""
    match value:
        case Picture():
            return {"file": value.file, "media_type": value.media_type, "src": _source(value)}
        case Place():
            return {"file": value.file, "line": value.line, "column": value.column}
        case _ if is_dataclass(value) and not isinstance(value, type):
            shown = [one.name for one in fields(value) if not one.name.startswith("_")]
            return {name: to_json(getattr(value, name)) for name in shown}
        case Mapping():
            return {str(key): to_json(one) for key, one in value.items()}
        case frozenset() | set():
            return sorted(to_json(one) for one in value)
        case list() | tuple():
            return [to_json(one) for one in value]
        case _:
            return value


# --- HTML ------------------------------------------------------------------------------------------------------


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["source"] = _source
    environment.filters["body"] = _body
    return environment


def _drawn(template: str, locale: str, **values: Any) -> str:
    said = labels_of(locale)

    def label(name: str, **parts: object) -> str:
        return said[name].format(**parts) if parts else said[name]

    return _environment().get_template(template).render(label=label, locale=locale, **values)


def _source(picture: Picture) -> str:
    """A picture as an address that holds it whole."""
    return f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}"


def _body(made: str, by: int) -> Markup:
    """What `body_html` made and cleaned, its headings moved down so that they stand beneath the page's own."""

    def moved(match: re.Match[str]) -> str:
        return f"<{match[1]}h{min(int(match[2]) + by, 6)}>"

    return Markup(_HEADING.sub(moved, made))  # noqa: S704


# --- plain text --------------------------------------------------------------------------------------------------


def _lines(page: AnnotatedPage) -> Iterator[str]:
    said = labels_of(page.locale)
    yield f"{page.title} · {page.key} · {page.locale}"
    yield "=" * len(f"{page.title} · {page.key} · {page.locale}")
    yield from (f"! {problem}" for problem in page.problems)
    for name, text in _facts_of(page, said):
        yield f"{name}: {text}"
    yield ""
    for line in page.lines:
        own = f" ({said['of_our_own']})" if line.own else ""
        yield f"{said[f'line_{line.name}']}{own}: {line.text}"
        yield from (f"  {page.programmes[key]}: {text}" for key, text in line.in_programmes.items())
    for paragraph in page.paragraphs:
        yield ""
        yield f"[{paragraph.number}] {rule_text(page.locale, paragraph.rules)}"
        if not paragraph.is_reached:
            yield f"    ! {said['never_reached']}"
        yield from (f"    {one}".rstrip() for one in paragraph.text.split("\n"))
    for meeting in page.meetings:
        yield ""
        yield said[f"meeting_{meeting.kind}"].format(numbers=_listed(meeting.numbers))
        for one in meeting.combinations:
            yield f"  {said['combination'].format(numbers=_listed(one.numbers))}"
    for placeholder in page.placeholders:
        yield f"⟨{placeholder.name.strip('⟨⟩')}⟩ {placeholder.title}: {placeholder.means}"
        yield from (f"  {page.programmes[key]}: {text}" for key, text in placeholder.in_programmes.items())
    for number, note in enumerate(page.references, start=1):
        yield f"[{number}] {', '.join(part for part in (note.title, note.source, note.url) if part)}"


def _facts_of(page: AnnotatedPage, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield said["purpose"], page.purpose
    yield said["channels"], ", ".join(said[channel] for channel in page.channels)
    yield said["where"], "; ".join(page.where)
    if page.rule:
        yield said["when"], page.rule
    for sent in page.sent:
        yield said["sent"], sent
    if page.action:
        yield said["action"], page.action
    if page.image is not None:
        yield said["picture"], page.image.file
    if page.reviewed:
        yield said["reviewed"], page.reviewed


def rule_text(locale: str, rules: Any) -> str:
    """The rules of a paragraph as one line."""
    said = labels_of(locale)
    parts = [said["shown_for_each" if rule.repeats else "only_if"].format(words=rule.words) for rule in rules]
    return " · ".join(parts) or said["always"]


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
