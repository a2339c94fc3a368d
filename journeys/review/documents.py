"""Writes the pages of a review as HTML and plain text; a document contains everything and loads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from journeys.content.catalogue import Reference
from journeys.content.rendering.html import in_order, with_targets
from journeys.primitives.locales import direction_of, language_attributes
from journeys.review.annotated import AnnotatedPage
from journeys.review.changes import Run, TextChange
from journeys.review.framed import FramedMessage
from journeys.review.labels import labels_of
from journeys.review.pack import Pack, Part, sums
from journeys.review.proof import Proof, Shown
from journeys.review.stored import source_of
from journeys.review.structure import StructurePage

_FOLDER = Path(__file__).parent / "pages"
STYLE = (_FOLDER / "review.css").read_text(encoding="utf-8")
#: The style sheet of the pages, for a page that shows them in its own frame.

_HEADING = re.compile(r"<(/?)h([2-6])>")


def annotated_fragment(page: AnnotatedPage, *, level: int = 1, text_first: bool = False) -> str:
    """The page as HTML to put into another page.

    Args:
        page: the page.
        level: the level of its first heading, 1 to 3.
        text_first: whether the text comes before the table of what the piece declares.
    """
    return _drawn("annotated.html", page.locale, page=page, level=level, text_first=text_first)


def annotated_document(page: AnnotatedPage) -> str:
    """The page as a document of its own."""
    return document(page.title, annotated_fragment(page), page.locale)


def structure_fragment(page: StructurePage, *, level: int = 1) -> str:
    """The words of the structure as HTML to put into another page."""
    return _drawn("structure.html", page.locale, page=page, level=level)


def structure_document(page: StructurePage) -> str:
    """The words of the structure as a document of its own."""
    return document(page.title, structure_fragment(page), page.locale)


def claims_fragment(part: Part, *, level: int = 2) -> str:
    """The claims of one language as a table: their sources, and the pieces that make them."""
    return _drawn("claims.html", part.locale, part=part, level=level)


def proof_fragment(proof: Proof, *, level: int = 2) -> str:
    """All renderings of a piece as a table: the paragraphs of each, and the facts and states that lead to it."""
    return _drawn("proof.html", proof.locale, proof=proof, level=level)


def changes_fragment(changes: Sequence[TextChange], locale: str, *, level: int = 2) -> str:
    """The changes with inserted and deleted words marked; `locale` is the language of the labels."""
    labels = labels_of(locale)
    return _drawn("changes.html", locale, changes=changes, level=level, called=lambda name: _called(name, labels))


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
    return _drawn("document.html", locale, title=title, body=Markup(body), style=Markup(STYLE))  # noqa: S704


def annotated_text(page: AnnotatedPage) -> str:
    """The page as plain text."""
    return "\n".join(_lines(page)) + "\n"


# --- HTML ------------------------------------------------------------------------------------------------------


def _make_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["source"] = source_of
    environment.filters["language"] = lambda locale: Markup(language_attributes(locale))  # noqa: S704
    environment.filters["body"] = _body
    environment.filters["of_body"] = _of_body
    environment.globals |= {
        "said": lambda locale, name: labels_of(locale)[name],
        "annotated": lambda page, level: Markup(annotated_fragment(page, level=level)),  # noqa: S704
        "claimed": lambda part, level: Markup(claims_fragment(part, level=level)),  # noqa: S704
        "proven": lambda proof, level: Markup(proof_fragment(proof, level=level)),  # noqa: S704
        "structured": lambda page, level: Markup(structure_fragment(page, level=level)),  # noqa: S704
        "changed": lambda changes, locale, level: Markup(changes_fragment(changes, locale, level=level)),  # noqa: S704
    }
    return environment


def _drawn(template: str, locale: str, **values: Any) -> str:
    labels = labels_of(locale)

    def label(name: str, **parts: object) -> str:
        return labels[name].format(**parts) if parts else labels[name]

    return _TEMPLATES.get_template(template).render(label=label, locale=locale, **values)


def _body(made: str, by: int, locale: str) -> Markup:
    """The HTML of `body_html`, in the order in which patients read it, its headings moved down, with link targets."""

    def moved(match: re.Match[str]) -> str:
        return f"<{match[1]}h{min(int(match[2]) + by, 6)}>"

    body = _HEADING.sub(moved, made)
    ordered = in_order(body) if direction_of(locale) == "rtl" else body
    return Markup(with_targets(ordered))  # noqa: S704


# --- plain text --------------------------------------------------------------------------------------------------


def _lines(page: AnnotatedPage) -> Iterator[str]:
    labels = labels_of(page.locale)
    yield f"{page.title} · {page.key} · {page.locale}"
    yield "=" * len(f"{page.title} · {page.key} · {page.locale}")
    yield from (f"! {problem}" for problem in page.problems)
    for name, text in _facts_of(page, labels):
        yield f"{name}: {text}"
    yield ""
    for line in page.lines:
        own = f" ({labels['of_our_own']})" if line.own else ""
        own += f" ({labels['text_parts'].format(number=line.parts)})" if line.parts > 1 else ""
        yield f"{labels[f'line_{line.name}']}{own}: {line.text}"
        yield from (f"  {page.programmes[key]}: {text}" for key, text in line.in_programmes.items())
    for paragraph in page.paragraphs:
        yield ""
        yield f"[{paragraph.number}] {rule_text(page.locale, paragraph.rules)}"
        if not paragraph.is_reached:
            yield f"    ! {labels['never_reached']}"
        yield from (f"    {line_of_text}".rstrip() for line_of_text in paragraph.text.split("\n"))
    for meeting in page.meetings:
        yield ""
        yield labels[f"meeting_{meeting.kind}"].format(numbers=_listed(meeting.numbers))
        for combination in meeting.combinations:
            yield f"  {labels['combination'].format(numbers=_listed(combination.numbers))}"
    for placeholder in page.placeholders:
        yield f"⟨{placeholder.name.strip('⟨⟩')}⟩ {placeholder.title}: {placeholder.means}"
        yield from (f"  {page.programmes[key]}: {text}" for key, text in placeholder.in_programmes.items())
    for number, note in enumerate(page.references, start=1):
        yield f"[{number}] {_source(note)}"


def _facts_of(page: AnnotatedPage, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield labels["purpose"], labels[f"purpose_{page.purpose}"]
    yield labels["channels"], ", ".join(labels[channel] for channel in page.channels)
    yield (labels["kind"], page.kind) if page.kind else (labels["where"], "; ".join(page.where))
    if page.rule:
        yield labels["when"], page.rule
    for sent in page.sent:
        yield labels["sent"], sent
    if page.action:
        yield labels["action"], page.action
    if page.image is not None:
        yield labels["picture"], page.image.file
    if page.reviewed:
        yield labels["reviewed"], page.reviewed


def rule_text(locale: str, rules: Any) -> str:
    """The rules of a paragraph as one line."""
    labels = labels_of(locale)
    parts = [labels["shown_for_each" if rule.repeats else "only_if"].format(words=rule.words) for rule in rules]
    return " · ".join(parts) or labels["always"]


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)


def _pack_lines(pack: Pack) -> Iterator[str]:
    locale = pack.parts[0].locale
    labels = labels_of(locale)
    yield labels["pack"].format(title=pack.title)
    yield f"{labels['release']}: {pack.release[:12]}"
    yield f"{labels['languages']}: {', '.join(part.locale for part in pack.parts)}"
    yield f"{labels['pieces']}: {len(pack.parts[0].chapters)}"
    for language, channel, made, counted in sums(pack.counts):
        yield f"{language} · {labels[channel]}: {labels['count_made']} {made}, {labels['count_counted']} {counted}"
    yield labels["count_right" if pack.is_complete else "count_wrong"]
    problems = [f"! {part.locale} · {key}: {text}" for part in pack.parts for key, text in part.problems]
    yield from problems or [labels["no_problems"]]
    if pack.changes is not None:
        yield ""
        yield f"{labels['changes']} ({labels['since'].format(since=pack.since)})"
        yield from (line for change in pack.changes for line in change_lines(change, labels))
        if not pack.changes:
            yield labels["changes_none"]
    for part in pack.parts:
        yield ""
        yield from _structure_lines(part.structure)
        yield ""
        yield from _claim_lines(part)
        for chapter in part.chapters:
            yield ""
            yield from _lines(chapter.page)
            if chapter.way:
                yield f"{labels_of(part.locale)['way']}: {chapter.way}"
            yield from _message_lines(chapter.messages, labels_of(part.locale))
            yield from _proof_lines(chapter.proof)


def _message_lines(messages: Iterable[FramedMessage], labels: Mapping[str, str]) -> Iterator[str]:
    for message in messages:
        yield f"{labels['framed'].format(channel=labels[message.channel], frame=message.frame)}:"
        yield from (f"  {line}" for line in (*filter(None, [message.subject]), *message.text.splitlines()))


def _structure_lines(page: StructurePage) -> Iterator[str]:
    yield f"{page.title} · {page.locale}"
    for group in page.groups:
        yield f"{group.title}:"
        yield from (f"  {word.name}: {word.text}" for word in group.words)


def _claim_lines(part: Part) -> Iterator[str]:
    labels = labels_of(part.locale)
    unsourced = sum(not claim.sources for claim in part.claims)
    yield f"{labels['claims']} · {part.locale}"
    yield labels["claims_how"].format(number=len(part.claims), open=unsourced)
    for claim in part.claims:
        sources = "; ".join(_source(note) for note in claim.sources) or labels["to_be_confirmed"]
        yield f"  {claim.text} ({', '.join(claim.pages)}): {sources}"


def _source(note: Reference) -> str:
    return ", ".join(part for part in (note.title, note.source, note.url) if part)


def _proof_lines(proof: Proof) -> Iterator[str]:
    labels = labels_of(proof.locale)
    counts = ", ".join(f"{labels[count.channel]} {count.made} = {count.counted}" for count in proof.counts)
    yield f"{labels['renderings']}: {counts}"
    for shown in _of_body(proof):
        note = "" if shown.reached else f" ! {labels['not_reached']}"
        yield f"  {shown.number}. {_listed(shown.paragraphs)}: {shown.given}{note}"


def _of_body(proof: Proof) -> list[Shown]:
    """The renderings of the text, each once: those of the first channel that takes it."""
    channel = next((shown.channel for shown in proof.shown if shown.paragraphs), "")
    return [shown for shown in proof.shown if shown.channel == channel]


def change_lines(change: TextChange, labels: Mapping[str, str]) -> Iterator[str]:
    """A change as plain text: inserted words as {+ … +}, deleted words as [- … -]."""
    yield f"* {change.locale} · {change.key or '–'} · {change.title}: {labels[f'change_{change.kind}']}"
    for difference in change.differences:
        marked = "".join(_marked(run) for run in difference.runs).replace("\n", "\n      ")
        yield f"    {_called(difference.name, labels)}: {marked}"


def _called(name: str, labels: Mapping[str, str]) -> str:
    """The name of a difference in the words of a reader; a name from the definition is unchanged."""
    subject, dot, programme = name.partition(" · ")
    kind, _, rest = subject.partition(" ")
    if kind in ("paragraph", "source") and rest.isdigit():
        return labels[kind].format(number=rest)
    if kind not in labels:
        return name
    return " ".join(part for part in (labels[kind], rest, dot.strip(), programme) if part)


def _marked(run: Run) -> str:
    match run.how:
        case "inserted":
            return f"{{+{run.text}+}}"
        case "deleted":
            return f"[-{run.text}-]"
        case _:
            return run.text


_TEMPLATES = _make_environment()
