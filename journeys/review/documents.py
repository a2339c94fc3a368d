"""Pages of a review as HTML and plain text; everything is inside the document, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from journeys.review.annotated import AnnotatedPage
from journeys.review.changes import Change, Run
from journeys.review.labels import labels_of
from journeys.review.pack import Pack, sums
from journeys.review.proof import Proof, Shown
from journeys.review.stored import source_of
from journeys.review.structure import StructurePage

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


def structure_fragment(page: StructurePage, *, level: int = 1) -> str:
    """The words of the structure as HTML to put into another page."""
    return _drawn("structure.html", page.locale, page=page, level=level)


def structure_document(page: StructurePage) -> str:
    """The words of the structure as a document of its own."""
    return document(page.title, structure_fragment(page), page.locale)


def proof_fragment(proof: Proof, *, level: int = 2) -> str:
    """All renderings of a piece as a table: which paragraphs each has, and what gives it."""
    return _drawn("proof.html", proof.locale, proof=proof, level=level)


def changes_fragment(changes: Sequence[Change], locale: str, *, level: int = 2) -> str:
    """What changed, words that came and went marked; `locale` is whose words say what each is."""
    said = labels_of(locale)
    return _drawn("changes.html", locale, changes=changes, level=level, called=lambda name: _called(name, said))


def pack_document(pack: Pack) -> str:
    """The pack as one document to read or print."""
    locale = pack.parts[0].locale
    body = _drawn("pack.html", locale, pack=pack, sums=sums(pack.counts))
    return document(labels_of(locale)["pack"].format(title=pack.title), body, locale)


def pack_text(pack: Pack) -> str:
    """The pack as plain text."""
    return "\n".join(_pack_lines(pack)) + "\n"


def document(title: str, body: str, locale: str) -> str:
    """A whole document around a body."""
    return _drawn("document.html", locale, title=title, body=Markup(body), style=Markup(style()))  # noqa: S704


def annotated_text(page: AnnotatedPage) -> str:
    """The page as plain text."""
    return "\n".join(_lines(page)) + "\n"


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
    environment.filters["source"] = source_of
    environment.filters["body"] = _body
    environment.filters["of_body"] = _of_body
    environment.globals |= {
        "said": lambda locale, name: labels_of(locale)[name],
        "annotated": lambda page, level: Markup(annotated_fragment(page, level=level)),  # noqa: S704
        "proven": lambda proof, level: Markup(proof_fragment(proof, level=level)),  # noqa: S704
        "structured": lambda page, level: Markup(structure_fragment(page, level=level)),  # noqa: S704
        "changed": lambda changes, locale, level: Markup(changes_fragment(changes, locale, level=level)),  # noqa: S704
    }
    return environment


def _drawn(template: str, locale: str, **values: Any) -> str:
    said = labels_of(locale)

    def label(name: str, **parts: object) -> str:
        return said[name].format(**parts) if parts else said[name]

    return _environment().get_template(template).render(label=label, locale=locale, **values)


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
    yield said["purpose"], said[f"purpose_{page.purpose}"]
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


def _pack_lines(pack: Pack) -> Iterator[str]:
    locale = pack.parts[0].locale
    said = labels_of(locale)
    yield said["pack"].format(title=pack.title)
    yield f"{said['release']}: {pack.release[:12]}"
    yield f"{said['languages']}: {', '.join(part.locale for part in pack.parts)}"
    yield f"{said['pieces']}: {len(pack.parts[0].chapters)}"
    for one, channel, made, counted in sums(pack.counts):
        yield f"{one} · {said[channel]}: {said['count_made']} {made}, {said['count_counted']} {counted}"
    yield said["count_right" if pack.is_complete else "count_wrong"]
    problems = [f"! {part.locale} · {key}: {text}" for part in pack.parts for key, text in part.problems]
    yield from problems or [said["no_problems"]]
    if pack.changes is not None:
        yield ""
        yield f"{said['changes']} ({said['since'].format(since=pack.since)})"
        yield from (line for change in pack.changes for line in change_lines(change, said))
        if not pack.changes:
            yield said["changes_none"]
    for part in pack.parts:
        yield ""
        yield from _structure_lines(part.structure)
        for chapter in part.chapters:
            yield ""
            yield from _lines(chapter.page)
            if chapter.way:
                yield f"{labels_of(part.locale)['way']}: {chapter.way}"
            yield from _proof_lines(chapter.proof)


def _structure_lines(page: StructurePage) -> Iterator[str]:
    yield f"{page.title} · {page.locale}"
    for group in page.groups:
        yield f"{group.title}:"
        yield from (f"  {word.name}: {word.text}" for word in group.words)


def _proof_lines(proof: Proof) -> Iterator[str]:
    said = labels_of(proof.locale)
    counts = ", ".join(f"{said[one.channel]} {one.made} = {one.counted}" for one in proof.counts)
    yield f"{said['renderings']}: {counts}"
    for one in _of_body(proof):
        note = "" if one.reached else f" ! {said['not_reached']}"
        yield f"  {one.number}. {_listed(one.paragraphs)}: {one.given}{note}"


def _of_body(proof: Proof) -> list[Shown]:
    """The renderings of the text, each once: those of the first channel that takes it."""
    channel = next((one.channel for one in proof.shown if one.paragraphs), "")
    return [one for one in proof.shown if one.channel == channel]


def change_lines(change: Change, said: Mapping[str, str]) -> Iterator[str]:
    """A change as plain text: words that came as {+ … +}, words that went as [- … -]."""
    yield f"* {change.locale} · {change.key or '–'} · {change.title}: {said[f'change_{change.kind}']}"
    for one in change.differences:
        marked = "".join(_marked(run) for run in one.runs).replace("\n", "\n      ")
        yield f"    {_called(one.name, said)}: {marked}"


def _called(name: str, said: Mapping[str, str]) -> str:
    """What something that differs is called in the words of a reader; what a definition names keeps its name."""
    what, dot, programme = name.partition(" · ")
    kind, _, rest = what.partition(" ")
    if kind in ("paragraph", "source") and rest.isdigit():
        return said[kind].format(number=rest)
    if kind not in said:
        return name
    return " ".join(part for part in (said[kind], rest, dot.strip(), programme) if part)


def _marked(run: Run) -> str:
    match run.how:
        case "inserted":
            return f"{{+{run.text}+}}"
        case "deleted":
            return f"[-{run.text}-]"
        case _:
            return run.text
