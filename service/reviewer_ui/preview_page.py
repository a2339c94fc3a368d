"""The values that templates show: pieces in every language and channel, comments, and states. It reads no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from babel import Locale, UnknownLocaleError
from markupsafe import Markup, escape

from journeys.authoring.diagram import WHOLE, DiagramView, DiagramWords
from journeys.content.catalogue import Piece
from journeys.content.rendering import Rendered, render_rendering
from journeys.content.screen import title_of, trigger_title
from journeys.content.templates import TooManyRenderings, renderings
from journeys.content.text_message import MessageSize, measure
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Timer
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import counted
from journeys.review.annotated import AnnotatedPage, annotate
from journeys.review.changes import compare_pages, compare_structures
from journeys.review.documents import (
    annotated_fragment,
    changes_fragment,
    pack_document,
    proof_fragment,
    structure_fragment,
)
from journeys.review.pack import make_pack
from journeys.review.proof import prove
from journeys.review.stored import to_json
from journeys.review.structure import annotate_structure
from journeys.review.ways import ways_to
from service.publishing.review import OpenRelease
from service.publishing.store.comments import Comment
from service.reviewer_ui.diagram import draw
from service.reviewer_ui.sentences import marked, sentences

#: The language of the pages themselves.
PAGE_LANGUAGE = "en"
_LINK = re.compile(r'xlink:href="#([^"]*)"')
_BODY = re.compile(r'<main class="review">(.*)</main>', re.DOTALL)
_HEADING = re.compile(r"<(/?)h([2-6])\b")
_SVG = re.compile(r"<svg.*</svg>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CommentOnVersion:
    """A comment as a version of its piece shows it.

    Attributes:
        comment: the comment.
        version: the number of the version on which it was written; None where the store no longer has that version.
        is_of_this_version: whether it was written on the version that is shown.
        is_unchanged: whether the version that is shown has the sentence; for a comment on the whole text, whether what
            is signed is the same.
    """

    comment: Comment
    version: int | None
    is_of_this_version: bool
    is_unchanged: bool

    def among(self, sentences: Iterable[str]) -> CommentOnVersion:
        """Return the comment on a version with these sentences."""
        sentence = self.comment.sentence
        return replace(self, is_unchanged=sentence in sentences) if sentence else self


@dataclass(frozen=True, slots=True)
class PiecePreview:
    """A piece in one language, in every channel, with the comments on all its versions.

    `ways` are the conditions of its variants.
    """

    locale: str
    language: str
    annotated: Markup
    proof: Markup
    ways: Sequence[str]
    email: Rendered | None
    text: str | None
    size: MessageSize | None
    push: str | None
    sentences: Sequence[str]
    comments: Sequence[CommentOnVersion]
    resolved: Sequence[CommentOnVersion]


@dataclass(frozen=True, slots=True)
class StructurePreview:
    """The titles and words of a release in one language."""

    locale: str
    language: str
    annotated: Markup


def language_of(locale: str) -> str:
    """Return the name of a language in that language (`Español`), or the locale where Babel has no name."""
    try:
        name = Locale.parse(locale.partition("-")[0]).language_name
    except (UnknownLocaleError, ValueError):
        return locale
    return name.capitalize() if name else locale


def previews_of(
    piece: Piece, release: OpenRelease, comments: Iterable[CommentOnVersion], reachable: frozenset[str]
) -> list[PiecePreview]:
    """Return the piece in each of its languages, with its comments; `reachable` are the leaves of the release."""
    by_locale: dict[str, list[CommentOnVersion]] = {locale: [] for locale in release.plan.journey.locales}
    for shown in comments:
        by_locale.setdefault(shown.comment.locale, []).append(shown)
    return [_preview(piece, release, locale, by_locale[locale], reachable) for locale in release.plan.journey.locales]


def sentences_of(page: AnnotatedPage) -> list[str]:
    """Return every sentence of a page that can be commented on, in order."""
    lines = [line.text for line in page.lines if not line.own]
    return list(dict.fromkeys([*lines, *(sentence for part in page.paragraphs for sentence in sentences(part.html))]))


def _preview(
    piece: Piece, release: OpenRelease, locale: str, comments: list[CommentOnVersion], reachable: frozenset[str]
) -> PiecePreview:
    text, plan = piece.texts[locale], release.plan
    page = annotate(piece, plan, locale, release.programmes, reachable=reachable)
    read = sentences_of(page)
    shown = [on_version.among(read) for on_version in comments]
    open_comments = [on_version for on_version in shown if on_version.comment.is_open]
    try:
        variants = renderings(text.body, plan)
    except TooManyRenderings:
        variants = []
    return PiecePreview(
        locale=locale,
        language=language_of(locale),
        annotated=_with_comments(annotated_fragment(page, level=2, text_first=True), open_comments),
        proof=Markup(proof_fragment(prove(piece, plan, locale, reachable=reachable), level=3)),  # noqa: S704
        ways=[variant.condition for variant in variants],
        email=render_rendering(piece, variants[0], locale=locale, channel="email")
        if variants and "email" in piece.channels
        else None,
        text=text.text if "sms" in piece.channels else None,
        size=_message_size(page, text.text) if text.text is not None else None,
        push=text.push if "push" in piece.channels else None,
        sentences=read,
        comments=open_comments,
        resolved=[on_version for on_version in shown if not on_version.comment.is_open],
    )


def _message_size(page: AnnotatedPage, text: str) -> MessageSize:
    """Return the size of a text message with the values of the programme that makes it longest."""
    filled = [words for line in page.lines if line.name == "text" for words in line.in_programmes.values()]
    return max((measure(words) for words in filled or [text]), key=lambda size: (size.parts, size.units))


def _with_comments(source: str, comments: Sequence[CommentOnVersion]) -> Markup:
    """Return the HTML of a text; a sentence with comments is marked, and links to them by their numbers."""
    by_sentence: dict[str, list[tuple[int, Comment]]] = {}
    for number, on_version in enumerate(comments, start=1):
        if on_version.comment.sentence:
            by_sentence.setdefault(on_version.comment.sentence, []).append((number, on_version.comment))

    def mark(text: str, written: str) -> str:
        if text not in by_sentence:
            return written
        links = "".join(
            f'<a class="to-comment" href="#comment-{escape(comment.id)}" lang="en" '
            f'aria-label="comment {number}">{number}</a>'
            for number, comment in by_sentence[text]
        )
        return f"<mark>{written}</mark>{links}"

    return Markup(marked(source, mark))  # noqa: S704 - our own rendering, which escapes what it is given


def changes_between(old: Piece | None, new: Piece, release: OpenRelease, locale: str) -> Markup | None:
    """Return the changes between two versions in one language; None where the text is the same."""
    pages = [
        to_json(annotate(piece, release.plan, locale, release.programmes)) if piece is not None else None
        for piece in (old, new)
    ]
    change = compare_pages(*pages)
    return Markup(changes_fragment([change], PAGE_LANGUAGE, level=3)) if change is not None else None  # noqa: S704


def structure_previews(release: OpenRelease) -> list[StructurePreview]:
    """Return the titles and words of a release in each of its languages."""
    previews = []
    for locale in release.plan.journey.locales:
        words = structure_fragment(annotate_structure(release.plan, locale, release.programmes), level=2)
        previews.append(StructurePreview(locale, language_of(locale), Markup(words)))  # noqa: S704
    return previews


def structure_changes(old: OpenRelease, new: OpenRelease, locale: str) -> Markup | None:
    """Return the changes between the titles and words of two releases in one language; None where they are the same."""
    pages = [to_json(annotate_structure(release.plan, locale, release.programmes)) for release in (old, new)]
    change = compare_structures(*pages)
    return Markup(changes_fragment([change], PAGE_LANGUAGE, level=3)) if change is not None else None  # noqa: S704


def review_pack(release: OpenRelease) -> Markup:
    """Return the review pack of a release, as a part of a page."""
    ways = ways_to(release.machine, release.catalogue)
    document = pack_document(make_pack(release.plan, release.pieces.values(), release.programmes, ways=ways))
    body = _BODY.search(document)
    assert body is not None
    return Markup(body[1])  # noqa: S704 - the review's own document, which escapes what it is given


def lower_headings(source: str, by: int) -> Markup:
    """Return HTML with its headings moved down by some levels, below those of the page."""
    return Markup(_HEADING.sub(lambda heading: f"<{heading[1]}h{min(int(heading[2]) + by, 6)}", source))  # noqa: S704


# --- the journey -------------------------------------------------------------------------------------------------


def linked_diagram(
    plan: ReleasePlan,
    links: Mapping[str, str],
    *,
    around: Iterable[str] = (),
    view: DiagramView = WHOLE,
    locale: str | None = None,
) -> Markup:
    """Return a diagram as a part of a page; its states are links.

    Args:
        plan: the release.
        links: the address of each state by its full path.
        around: only the part around these states; by default all.
        view: what is drawn, folded and highlighted.
        locale: the language of titles; by default the first of the journey.
    """
    journey = plan.journey
    text = draw(journey, around=around, view=view, locale=locale or journey.locales[0])
    drawing = _SVG.search(text)
    assert drawing is not None

    def linked(match: re.Match[str]) -> str:
        return f'href="{escape(links[match[1]])}"' if match[1] in links else 'class="no-link"'

    return Markup(_LINK.sub(linked, drawing[0]))  # noqa: S704 - our own drawing; Graphviz escapes labels


@dataclass(frozen=True, slots=True)
class StateExit:
    """An exit of a state: its trigger or timer, its target, and its condition in words."""

    by: str
    to: str
    condition: str


def exits_of(plan: ReleasePlan, track: str, path: str, locale: str) -> list[StateExit]:
    """Return every transition and timer of a state, in the order of the definition."""
    declared = plan.journey.tracks[track]
    state, words = declared.states[path], DiagramWords(plan.journey, locale)
    return [
        *(
            StateExit(
                trigger_title(plan, transition.trigger, locale),
                _target(plan, track, path, transition.to, locale),
                "otherwise" if transition.otherwise else words.condition(declared, transition),
            )
            for transition in state.on
        ),
        *(
            StateExit(
                _timer(timer),
                _target(plan, track, path, timer.to, locale) if timer.to else _effect(timer),
                words.condition(declared, timer),
            )
            for timer in state.after
        ),
    ]


def _target(plan: ReleasePlan, track: str, path: str, to: str, locale: str) -> str:
    target = plan.journey.tracks[track].resolve(to, path)
    return title_of(plan, track, target, locale) if target else "stays here"


def _timer(timer: Timer) -> str:
    delay = parse_duration(timer.delay)
    parts = [counted(abs(delay.months), "month")] if delay.months else []
    parts += [counted(abs(delay.rest.days), "day")] if delay.rest.days else []
    time = " and ".join(parts) or timer.delay
    if timer.start is None:
        return f"after {time}"
    return f"{time} {'before' if timer.delay.startswith('-') else 'after'} the {timer.start.replace('_', ' ')}"


def _effect(timer: Timer) -> str:
    return f"sends {timer.remind}" if timer.remind else "opens a task"
