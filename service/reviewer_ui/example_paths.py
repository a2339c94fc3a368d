"""Pages that walk a patient's path through a journey step by step, with the reported facts and visible pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request, url_for
from markupsafe import Markup

from journeys.authoring.diagram import DiagramView
from journeys.authoring.stories import StoryLine
from journeys.content.catalogue import Catalogue, Piece, consider, world_of
from journeys.content.rendering import Renderer
from journeys.content.rendering.html import with_targets
from journeys.content.screen import fact_title, label_of, title_of
from journeys.primitives.state_path import StatePath
from service.http.context import service
from service.platform import errors
from service.publishing import review
from service.publishing.paths import VisiblePiece, play_path_to
from service.publishing.review import OpenRelease
from service.reviewer_ui.blueprint import NAME, blueprint, page, page_with_diagram
from service.reviewer_ui.preview_page import language_of, linked_diagram, lower_headings

_RELEASE = "/journeys/<id:journey>/releases/<int(max=1000000):number>"


@dataclass(frozen=True, slots=True)
class Received:
    """A piece in one language as a patient receives it at a step; None for a channel that the piece does not use."""

    locale: str
    language: str
    title: str
    html: Markup
    subject: str | None
    text: str | None
    push: str | None


@dataclass(frozen=True, slots=True)
class PieceAtStep:
    """A piece that the patient sees at a step."""

    piece: Piece
    is_new: bool
    is_reminder: bool
    why: str
    received: Sequence[Received]


@blueprint.route(f"{_RELEASE}/paths")
def paths(journey: str, number: int) -> Response:
    """Return the page of all states, each with a link to its shortest path."""
    opened = review.open_release(service(), journey, number)
    locale = opened.plan.journey.locales[0]
    states = [(full, _title_of(opened, full, locale)) for full in opened.plan.journey.state_paths]
    return page("paths", release=opened, states=states)


@blueprint.route(f"{_RELEASE}/paths/<name>")
def path(journey: str, number: int, name: str) -> Response:
    """Return the page of one step on the path to a state."""
    opened = review.open_release(service(), journey, number)
    walk = play_path_to(service(), opened, name)
    plan, locale = opened.plan, opened.plan.journey.locales[0]
    title = _title_of(opened, name, locale)
    if walk is None:
        return page("no_path", release=opened, title=title)
    step = request.args.get("step", 1, type=int)
    if not 1 <= step <= len(walk.lines):
        raise errors.NotFound
    line = walk.lines[step - 1]
    links = {
        full: url_for(f"{NAME}.state", journey=journey, number=number, state=full) for full in plan.journey.state_paths
    }
    truth = [f"{track}.{stays[-1].state}" for track, stays in line.state.tracks.items()]
    return page_with_diagram(
        "path",
        release=opened,
        name=name,
        title=title,
        step=step,
        lines=[(other.at, walk.event_text(other, locale)) for other in walk.lines],
        line=line,
        happened=walk.event_text(line, locale),
        told=_fact_rows(opened, walk.reported_facts(line), locale),
        notes=[note for note in walk.notes(line, locale) if not note.startswith("sees: ")],
        places=_places(opened, {track: stays[-1].state for track, stays in line.state.tracks.items()}, locale),
        seen=_places(opened, {track: stays[-1].state for track, stays in line.view.tracks.items()}, locale),
        is_held=bool(line.news),
        diagram=linked_diagram(plan, links, around=truth, view=DiagramView(lit=frozenset(truth))),
        shown=[_piece_at_step(walk.catalogue, line, visible) for visible in walk.visible_pieces(line)],
    )


def _title_of(opened: OpenRelease, full_path: str, locale: str) -> str:
    state = StatePath.parse(full_path)
    return title_of(opened.plan, state.track, state.path, locale)


def _places(opened: OpenRelease, leaves: Mapping[str, str], locale: str) -> list[tuple[str, str, str]]:
    return [
        (track, title_of(opened.plan, track, path, locale), f"{track}.{path}")
        for track, path in leaves.items()
        if track in opened.plan.tracks
    ]


def _fact_rows(opened: OpenRelease, facts: Mapping[str, object], locale: str) -> list[tuple[str, str]]:
    rows = []
    for name, value in facts.items():
        fact = opened.plan.journey.facts.get(name)
        if fact is None:
            continue
        values = value if isinstance(value, list | tuple) else [value]
        rows.append(
            (
                fact_title(opened.plan, fact, locale),
                ", ".join(label_of(opened.plan, fact, _plain(item), locale) for item in values) or "none",
            )
        )
    return rows


def _plain(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _piece_at_step(catalogue: Catalogue, line: StoryLine, visible: VisiblePiece) -> PieceAtStep:
    piece, plan = visible.selected.piece, catalogue.plan
    world = world_of(line.view, line.at, visible.selected.stay)
    received = []
    renderer = Renderer()
    for locale in plan.journey.locales:
        text = piece.texts[locale]
        mail = (
            renderer.render(piece, plan, world, locale=locale, channel="email") if "email" in piece.channels else None
        )
        web = renderer.render(piece, plan, world, locale=locale, channel="web")
        received.append(
            Received(
                locale,
                language_of(locale),
                text.title,
                lower_headings(with_targets(web.html or ""), 3),
                mail.subject if mail is not None else None,
                text.text if "sms" in piece.channels else None,
                text.push if "push" in piece.channels else None,
            )
        )
    reason = consider(plan, piece, line.view, line.at, as_reminder=visible.is_reminder)
    return PieceAtStep(piece, visible.is_new, visible.is_reminder, reason.text, received)
