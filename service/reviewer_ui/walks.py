"""Pages of walks through a release: the reader chooses events, or replays a story or the shortest way to a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any

from flask import Response, request, url_for
from markupsafe import Markup

from journeys.authoring.diagram import DiagramView
from journeys.authoring.stories import Stage, Story, WalkTooLong
from journeys.content.catalogue import Piece, Reason, consider, explain, world_of
from journeys.content.rendering import Renderer
from journeys.content.rendering.html import with_targets
from journeys.content.screen import fact_title, label_of, title_of
from journeys.definition.programmes import Values, values_of
from journeys.primitives.canonical import time_text
from journeys.primitives.state_path import StatePath
from service.http.context import service
from service.platform import errors
from service.publishing import review, stories
from service.publishing.paths import path_to_piece, path_to_state
from service.publishing.review import OpenRelease
from service.reviewer_ui.blueprint import NAME, blueprint, page, page_with_diagram, to
from service.reviewer_ui.preview_page import language_of, linked_diagram, lower_headings
from service.walks.answers import answer_step, json_answer, story_file
from service.walks.phone import WalkAddresses, body_of, joining_of, phone_of
from service.walks.walk import Walk, WalkScene, fate_of, scene_of, walk_of

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
    """A piece that the patient sees after a step; `is_new` since the step before, or sent in it."""

    piece: Piece
    is_new: bool
    is_reminder: bool
    why: str
    received: Sequence[Received]


@blueprint.route(f"{_RELEASE}/paths")
def paths(journey: str, number: int) -> Response:
    """Return the page where a walk begins: the entries, the stories, and all states with the shortest way to each."""
    opened = review.open_release(service(), journey, number)
    locale = opened.plan.journey.locales[0]
    states = [(full, _title_of(opened, full, locale)) for full in opened.plan.journey.state_paths]
    display = {name: request.args[name] for name in ("programme", "locale") if request.args.get(name)}
    today = time_text(datetime.combine(service().clock().date(), time(), UTC))
    return page_with_diagram(
        "paths",
        release=opened,
        states=states,
        stories=stories.list_stories(service(), journey),
        data=joining_of(opened.plan, _addresses(journey, number), display, today),
        display=display,
    )


@blueprint.route(f"{_RELEASE}/paths/<name>")
def path(journey: str, number: int, name: str) -> Response:
    """Begin a walk along the shortest path to a state."""
    opened = review.open_release(service(), journey, number)
    story = path_to_state(service(), opened, name)
    return _begun(opened, story, f"To {_title_of(opened, name, opened.plan.journey.locales[0])}", 1)


@blueprint.route(f"{_RELEASE}/pieces/<id:key>/path")
def path_of_piece(journey: str, number: int, key: str) -> Response:
    """Begin a walk at the end of the shortest path to a step at which the patient sees a piece."""
    opened = review.open_release(service(), journey, number)
    story = path_to_piece(service(), opened, key)
    return _begun(opened, story, f"To {key}", len(story.steps) if story is not None else 0)


@blueprint.route(f"{_RELEASE}/stories/<name>")
def story(journey: str, number: int, name: str) -> Response:
    """Begin a walk with the steps of a published story."""
    opened = review.open_release(service(), journey, number)
    published = stories.read_published_story(service(), journey, name)
    return _begun(opened, published, published.title, 1)


@blueprint.route(f"{_RELEASE}/walk")
def walk(journey: str, number: int) -> Response:
    """Return the page of one step of a walk."""
    opened, scene = _scene(journey, number)
    data = phone_of(scene, _addresses(journey, number), is_draft=False)
    leaf = scene.moved_leaf
    here = _parts(journey, number)
    links = {full: url_for(f"{NAME}.state", state=full, **here) for full in scene.plan.journey.state_paths}
    return page_with_diagram(
        "walk",
        release=opened,
        scene=scene,
        data=data,
        diagram=linked_diagram(scene.plan, links, around=[leaf], view=DiagramView(lit=frozenset([leaf]))),
        state_url=lambda full: links[full],
        step_url=lambda step: url_for(f"{NAME}.walk", **here, **{**scene.walk.query, "step": step}),
        record_url=url_for(f"{NAME}.walk_story", **here, **scene.walk.query),
        fate=fate_of,
        told=_fact_rows(scene),
        shown=_shown_pieces(scene),
    )


@blueprint.route(f"{_RELEASE}/walk/step")
def walk_step(journey: str, number: int) -> Response:
    """Return the address of a walk with one more step, as JSON; nothing is stored."""
    opened = review.open_release(service(), journey, number)
    stage, values = _stage(opened, request.args.get("programme", ""))
    return answer_step(stage, values, request.args, _addresses(journey, number), service().clock())


@blueprint.route(f"{_RELEASE}/walk/pieces/<id:name>")
def walk_piece(journey: str, number: int, name: str) -> Response:
    """Return the body of a piece on the phone of a walk, as JSON."""
    _, scene = _scene(journey, number)
    return json_answer(body_of(scene, name))


@blueprint.route(f"{_RELEASE}/walk/pictures/<id:name>")
def walk_picture(journey: str, number: int, name: str) -> Response:
    """Lead to the picture of a piece."""
    opened = review.open_release(service(), journey, number)
    if name not in opened.pieces:
        raise errors.NotFound
    return to("picture", **_parts(journey, number), key=name, version=opened.numbers[name])


@blueprint.route(f"{_RELEASE}/walk/story.yaml")
def walk_story(journey: str, number: int) -> Response:
    """Return a walk as the file of a story."""
    opened = review.open_release(service(), journey, number)
    chosen = walk_of(request.args, journey)
    stage, _ = _stage(opened, chosen.programme)
    response = Response(story_file(chosen, stage, request.args.get("title", "").strip()), mimetype="text/yaml")
    response.headers["Content-Disposition"] = 'attachment; filename="walk.yaml"'
    return response


def _begun(opened: OpenRelease, story: Story | None, title: str, step: int) -> Response:
    """The redirect to a step of a walk, or the page of a state that no path reaches."""
    if story is None:
        return page("no_path", release=opened, title=title)
    try:
        query = Walk(replace(story, title=title, patient="walk-1"), step).query
    except WalkTooLong as error:
        raise errors.NotFound from error
    return to("walk", **_parts(opened.stored.journey, opened.stored.number), **query)


def _scene(journey: str, number: int) -> tuple[OpenRelease, WalkScene]:
    opened = review.open_release(service(), journey, number)
    chosen = walk_of(request.args, journey)
    scene = scene_of(chosen, *_stage(opened, chosen.programme))
    if scene is None:
        raise errors.NotFound
    return opened, scene


def _stage(opened: OpenRelease, programme: str) -> tuple[Stage, Values]:
    chosen = opened.programmes.by_key.get(programme) or next(iter(opened.programmes.by_key.values()), None)
    values = values_of(chosen) if chosen is not None else {}
    questionnaire = service().library.compiled.questionnaire
    return Stage(opened.machine, opened.catalogue_in(chosen), questionnaire=questionnaire), values


def _addresses(journey: str, number: int) -> WalkAddresses:
    return WalkAddresses(
        page=f"{NAME}.walk",
        step=f"{NAME}.walk_step",
        body=f"{NAME}.walk_piece",
        picture=f"{NAME}.walk_picture",
        parts=_parts(journey, number),
    )


def _parts(journey: str, number: int) -> dict[str, Any]:
    return {"journey": journey, "number": number}


def _title_of(opened: OpenRelease, full_path: str, locale: str) -> str:
    state = StatePath.parse(full_path)
    return title_of(opened.plan, state.track, state.path, locale)


def _fact_rows(scene: WalkScene) -> list[tuple[str, str]]:
    """The facts that came with the event of the step, in words."""
    plan, locale = scene.plan, scene.plan.journey.locales[0]
    rows = []
    for name, value in scene.told_facts.items():
        fact = plan.journey.facts.get(name)
        if fact is not None:
            values = value if isinstance(value, list) else [value]
            rows.append(
                (
                    fact_title(plan, fact, locale),
                    ", ".join(label_of(plan, fact, item, locale) for item in values) or "none",
                )
            )
    return rows


def _shown_pieces(scene: WalkScene) -> list[PieceAtStep]:
    """The pieces that the patient sees after the step, and the reminders of the step: those first, then new ones."""
    new = set(scene.line.sees) - set(scene.new_lines[0].saw if scene.new_lines else scene.line.sees)
    reminders = {key for line in scene.new_lines for key in line.reminders}
    reasons = [reason for reason in explain(scene.catalogue, scene.view, scene.now) if reason.is_shown]
    shown = [_piece_at_step(scene, reason, is_new=reason.piece.key in new, is_reminder=False) for reason in reasons]
    for key in sorted(reminders & scene.catalogue.pieces.keys()):
        reason = consider(scene.plan, scene.catalogue.pieces[key], scene.view, scene.now, as_reminder=True)
        shown.append(_piece_at_step(scene, reason, is_new=True, is_reminder=True))
    return sorted(shown, key=lambda piece: (not piece.is_reminder, not piece.is_new))


def _piece_at_step(scene: WalkScene, reason: Reason, *, is_new: bool, is_reminder: bool) -> PieceAtStep:
    piece, plan, renderer = reason.piece, scene.plan, Renderer()
    state = StatePath.parse(reason.state or "")
    stay = next((stay for stay in scene.view.tracks.get(state.track, ()) if stay.state == state.path), None)
    world = world_of(scene.view, scene.now, stay)
    received = []
    for locale in plan.journey.locales:
        text = piece.texts[locale]
        has_mail = "email" in piece.channels
        mail = renderer.render(piece, plan, world, locale=locale, channel="email") if has_mail else None
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
    return PieceAtStep(piece, is_new, is_reminder, reason.text, received)
