"""Pieces and states as the room's templates draw them. It reads values and gives values; it asks no database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from babel import Locale, UnknownLocaleError
from markupsafe import Markup, escape

from journeys.content.catalogue import Piece
from journeys.content.rendering import Rendered, render_rendering
from journeys.content.screen import title_of, trigger_title
from journeys.content.templates import TooManyRenderings, renderings
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Timer, Transition
from journeys.primitives.durations import parse_duration
from journeys.primitives.problems import counted
from journeys.review import (
    AnnotatedPage,
    annotate,
    annotated_fragment,
    changes_fragment,
    compare_pages,
    make_pack,
    pack_document,
    proof_fragment,
    prove,
    reachable_leaves,
    to_json,
    ways_to,
)
from service.publishing.review import OpenRelease
from service.publishing.store.comments import Comment
from service.reviewer_ui.drawing import draw
from service.reviewer_ui.sentences import marked, sentences

#: The language that the room itself speaks.
ROOM = "en"
_LINK = re.compile(r'xlink:href="#([^"]*)"')
_BODY = re.compile(r'<main class="review">(.*)</main>', re.DOTALL)
_HEADING = re.compile(r"<(/?)h([2-6])\b")
_SVG = re.compile(r"<svg.*</svg>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Look:
    """A piece in one language, in every channel."""

    locale: str
    language: str
    annotated: Markup
    proof: Markup
    ways: Sequence[str]
    email: Rendered | None
    text: str | None
    push: str | None
    sentences: Sequence[str]
    comments: Sequence[Comment]
    lost: Sequence[Comment]


def language_of(locale: str) -> str:
    """The name of a locale's language in that language (`Español`), or the locale itself where Babel has no name."""
    try:
        name = Locale.parse(locale.partition("-")[0]).language_name
    except (UnknownLocaleError, ValueError):
        return locale
    return name.capitalize() if name else locale


def looks(piece: Piece, release: OpenRelease, comments: Iterable[Comment]) -> list[Look]:
    """The piece in each of its languages; comments on sentences that are no longer there are `lost`."""
    said = list(comments)
    return [
        _look(piece, release, locale, [one for one in said if one.locale == locale])
        for locale in release.plan.journey.locales
    ]


def sentences_of(page: AnnotatedPage) -> list[str]:
    """Every sentence of a page that something can be said about, in order."""
    lines = [line.text for line in page.lines if not line.own]
    return list(dict.fromkeys([*lines, *(one for part in page.paragraphs for one in sentences(part.html))]))


def _look(piece: Piece, release: OpenRelease, locale: str, comments: list[Comment]) -> Look:
    text, plan = piece.texts[locale], release.plan
    if plan.id not in _REACHABLE:
        _REACHABLE[plan.id] = reachable_leaves(plan)
    page = annotate(piece, plan, locale, release.programmes, reachable=_REACHABLE[plan.id])
    read = sentences_of(page)
    numbers = {one.id: number for number, one in enumerate(comments, start=1)}
    here = [one for one in comments if not one.sentence or one.sentence in read]
    try:
        found = renderings(text.body, plan)
    except TooManyRenderings:
        found = []
    return Look(
        locale=locale,
        language=language_of(locale),
        annotated=_with_comments(annotated_fragment(page, level=2), here, numbers),
        proof=Markup(proof_fragment(prove(piece, plan, locale, reachable=_REACHABLE[plan.id]), level=3)),  # noqa: S704
        ways=[one.condition for one in found],
        email=render_rendering(piece, found[0], locale=locale, channel="email")
        if found and "email" in piece.channels
        else None,
        text=text.text if "sms" in piece.channels else None,
        push=text.push if "push" in piece.channels else None,
        sentences=read,
        comments=here,
        lost=[one for one in comments if one not in here],
    )


#: The leaves that can be come to, by release: they stay the same for ever.
_REACHABLE: dict[str, frozenset[str]] = {}


def _with_comments(source: str, comments: list[Comment], numbers: Mapping[str, int]) -> Markup:
    """The HTML of a text; a sentence that something was said about is marked, and leads there."""
    by_sentence: dict[str, list[Comment]] = {}
    for one in comments:
        if one.sentence:
            by_sentence.setdefault(one.sentence, []).append(one)

    def mark(text: str, written: str) -> str:
        if text not in by_sentence:
            return written
        links = "".join(
            f'<a class="to-comment" href="#comment-{escape(one.id)}" lang="en" '
            f'aria-label="comment {numbers[one.id]}">{numbers[one.id]}</a>'
            for one in by_sentence[text]
        )
        return f"<mark>{written}</mark>{links}"

    return Markup(marked(source, mark))  # noqa: S704 - our own rendering, which escapes what it is given


def changed(old: Piece | None, new: Piece, release: OpenRelease, locale: str) -> Markup | None:
    """What changed between two versions in one language, as it is read, said in the room's own; None: nothing did."""
    pages = [
        to_json(annotate(piece, release.plan, locale, release.programmes)) if piece is not None else None
        for piece in (old, new)
    ]
    change = compare_pages(*pages)
    return Markup(changes_fragment([change], ROOM, level=3)) if change is not None else None  # noqa: S704


def pack_of(release: OpenRelease) -> Markup:
    """The review pack of a release, to stand in a page."""
    key = release.stored.id, tuple(sorted((piece.key, piece.version) for piece in release.pieces.values()))
    if key not in _PACKS:
        _PACKS.clear()  # one is large enough
        ways = ways_to(release.machine, release.catalogue)
        document = pack_document(make_pack(release.plan, release.pieces.values(), release.programmes, ways=ways))
        found = _BODY.search(document)
        assert found is not None
        _PACKS[key] = found[1]
    return Markup(_PACKS[key])  # noqa: S704 - the review's own document, which escapes what it is given


def lowered(source: str, by: int) -> Markup:
    """Rendered HTML with its headings moved down, to stand beneath those of a page."""
    return Markup(_HEADING.sub(lambda one: f"<{one[1]}h{min(int(one[2]) + by, 6)}", source))  # noqa: S704


#: The pack that was asked for last.
_PACKS: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}


# --- the journey -------------------------------------------------------------------------------------------------


def drawn(
    plan: ReleasePlan,
    links: Mapping[str, str],
    *,
    track: str | None = None,
    around: Iterable[str] = (),
    lit: Iterable[str] = (),
) -> Markup:
    """A diagram as it stands in a page, its states linked.

    Args:
        plan: the release.
        links: the address of each state by its full path.
        track: only this track; all unless given.
        around: only what lies around these states; all unless given.
        lit: the states that are lit.
    """
    journey = plan.journey
    if track is not None:
        journey = replace(journey, tracks={track: journey.tracks[track]})
    text = draw(journey, around=around, lit=lit, locale=journey.locales[0])
    found = _SVG.search(text)
    assert found is not None

    def linked(match: re.Match[str]) -> str:
        return f'href="{escape(links[match[1]])}"' if match[1] in links else 'class="no-link"'

    return Markup(_LINK.sub(linked, found[0]))  # noqa: S704 - our own drawing; Graphviz escapes labels


@dataclass(frozen=True, slots=True)
class Way:
    """How a state is left: by what, to where, and under which condition in words."""

    by: str
    to: str
    condition: str


def ways_of(plan: ReleasePlan, track: str, path: str, locale: str) -> list[Way]:
    """Every reaction and timer of a state, in the order of the definition."""
    state = plan.journey.tracks[track].states[path]
    return [
        *(
            Way(trigger_title(plan, one.trigger, locale), _target(plan, track, path, one.to, locale), _condition(one))
            for one in state.on
        ),
        *(
            Way(_timer(one), _target(plan, track, path, one.to, locale) if one.to else _effect(one), _condition(one))
            for one in state.after
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


def _condition(one: Transition | Timer) -> str:
    if isinstance(one, Transition) and one.otherwise:
        return "otherwise"
    return one.when.text if one.when is not None else ""
