"""The preview pages: the pieces that a persona sees in a state, each piece, and each mistake with its lines.

They change nothing, and nobody signs in: they are for this machine only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from markupsafe import Markup

from journeys.authoring.stories import NoSuchState, imagine
from journeys.content.catalogue import (
    Catalogue,
    Piece,
    Reason,
    consider,
    explain,
    find,
    in_frame_of,
    world_of,
)
from journeys.content.rendering import Channel, Rendered, Renderer, own_text, render_rendering
from journeys.content.rendering.html import with_targets
from journeys.content.templates import TooManyRenderings, UnknownValue, renderings
from journeys.definition.compiler import ReleasePlan
from journeys.engine import State
from journeys.outreach.simulate import SimulatedMessage
from journeys.primitives.canonical import parse_day
from journeys.primitives.locales import served_locale
from journeys.primitives.problems import Problem
from service.app import Application
from service.http.context import to_json
from service.platform import errors
from service.platform.loopback import LoopbackOnly
from service.platform.page_frame import headers_of_pages, policy_of_pages, policy_of_sent, use_frame
from service.preview.desk import Desk
from service.preview.workspace import TODAY, CheckedFiles, PreviewedJourney
from service.reviewer_ui.diagram_page import diagram_page
from service.reviewer_ui.preview_page import language_of, lower_headings
from service.walks.parts import shared_parts
from service.walks.walk import fate_of

POLICY = policy_of_pages(
    "script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'",
    form_action="self",
)
POLICY_OF_SENT = policy_of_sent(frame_ancestors="self")
AROUND = 8


@dataclass(frozen=True, slots=True)
class PersonaMessage:
    """A message of a persona: what became of it, and the words that left with the key of their frame."""

    piece: str
    fate: str
    words: str
    locale: str
    frame: str | None


@dataclass(frozen=True, slots=True)
class Scene:
    """The reader of a page: a journey, a persona's facts and state, and the parameters of the request."""

    journey: str
    shown: PreviewedJourney
    view: State
    persona: str
    state: str
    on: str
    programme: str
    has_ended: bool
    wrong: str

    @property
    def asked(self) -> dict[str, str]:
        """The parameters that links repeat."""
        values = {"persona": self.persona, "state": self.state, "on": self.on, "programme": self.programme}
        return {name: value for name, value in values.items() if value}

    @property
    def catalogue(self) -> Catalogue:
        """The pieces as they read in the chosen programme, or in the first."""
        return self.shown.catalogues.get(self.programme, self.shown.catalogue)

    @property
    def messages(self) -> list[PersonaMessage]:
        """The messages of the persona until their day, the newest first."""
        person = self.shown.people.get(self.persona)
        if person is None:
            return []
        locale = served_locale(person.locale, self.shown.release.plan.journey.locales)
        return [_persona_message(message, locale) for message in reversed(person.messages)]

    @property
    def shown_pieces(self) -> list[Reason]:
        """The pieces that the persona sees, in order, and why."""
        reasons = explain(self.catalogue, self.view, self.view.folded_to)
        return [reason for reason in reasons if reason.is_shown]


@dataclass(frozen=True, slots=True)
class Place:
    """A line in the list of states: its depth, whether the patient is in this state, and its pieces."""

    full: str
    title: str
    depth: int
    is_open: bool
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class PieceQuery:
    """A piece in one language, in every channel; `missing` is the reason why it cannot be shown.

    E-mail, text message (`sms`) and push are in the frame of their channel. `variants` are all its texts on the web,
    each with its condition; empty where there is only one.
    """

    locale: str
    language: str
    text: Any
    web: Markup | None
    plain: str
    email: Rendered | None
    missing: str
    sms: str | None = None
    push: str | None = None
    variants: tuple[tuple[str, Markup], ...] = ()


def make_preview(desk: Desk) -> LoopbackOnly:
    """The application, for this machine only."""
    return LoopbackOnly(make_pages(desk))


def make_pages(desk: Desk) -> Application:
    """The preview pages, and those of the desk."""
    bench, editor = desk.bench, desk.editor
    app = Application("service.preview", static_url_path="/static")
    app.register_blueprint(
        Blueprint(
            "room", "service.reviewer_ui", template_folder="templates", static_folder="static", url_prefix="/room"
        )
    )

    use_frame(app, headers_of_pages(POLICY))
    app.register_blueprint(shared_parts("/walks"))
    app.register_blueprint(desk.blueprint())
    app.register_error_handler(errors.NotFound, lambda _: ("", 404))

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        return {
            "checked": bench.checked,
            "place_of": place_of,
            "editor": editor,
            "draft": lambda locale: own_text(locale, "draft"),
        }

    @app.get("/")
    def start() -> Any:
        if len(bench.checked.journeys) == 1 and not request.args:
            return redirect(url_for("journey", key=next(iter(bench.checked.journeys))))
        return render_template("bench/start.html")

    @app.get("/journeys/<key>")
    def journey(key: str) -> str:
        scene = scene_of(bench.checked, key)
        return render_template("bench/journey.html", scene=scene, tracks=tracks_of(scene), language_of=language_of)

    @app.get("/journeys/<key>/diagram")
    def diagram(key: str) -> str:
        scene = scene_of(bench.checked, key)
        plan = scene.shown.release.plan
        links = {full: url_for("journey", key=key, state=full) for full in plan.journey.state_paths}
        try:
            shown = diagram_page(plan, request.args, links)
        except errors.NotFound:
            abort(404)
        return render_template("bench/diagram.html", scene=scene, shown=shown)

    @app.get("/journeys/<key>/pieces/<name>")
    def piece(key: str, name: str) -> str:
        scene = scene_of(bench.checked, key)
        piece = _piece(scene, name)
        view = scene.view
        reason = consider(scene.shown.release.plan, piece, view, view.folded_to, as_reminder=piece.is_reminder)
        return render_template(
            "bench/piece.html",
            scene=scene,
            tracks=tracks_of(scene),
            piece=piece,
            reason=reason,
            looks=list(looks(scene, piece)),
            is_kept=name in scene.shown.kept,
        )

    @app.get("/journeys/<key>/pieces/<name>/mail/<locale>")
    def mail(key: str, name: str, locale: str) -> Response:
        scene = scene_of(bench.checked, key)
        piece = _piece(scene, name)
        if locale not in piece.texts or "email" not in piece.channels:
            abort(404)
        try:
            rendered = _rendered(scene, in_its_frame(scene, piece, "email"), locale)("email")
        except UnknownValue:
            abort(404)
        response = Response(rendered.html or "", mimetype="text/html")
        response.headers["Content-Security-Policy"] = POLICY_OF_SENT
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @app.get("/journeys/<key>/pieces/<name>/picture")
    def picture(key: str, name: str) -> Response:
        image = _piece(scene_of(bench.checked, key), name).image
        if image is None:
            abort(404)
        response = Response(image.data, mimetype=image.media_type)
        response.headers["Content-Security-Policy"] = POLICY_OF_SENT
        return response

    @app.get("/mistake")
    def mistake() -> Any:
        file, line = request.args.get("file", ""), request.args.get("line", 1, type=int)
        file_problems = [problem for problem in bench.checked.problems if problem.file == file]
        lines = list(lines_around(file, line)) if file_problems else []  # only a file with a mistake is ever opened
        return render_template("bench/mistake.html", file=file, line=line, here=file_problems, lines=lines)

    @app.get("/pulse")
    def pulse() -> Response:
        return Response(to_json({"number": bench.checked.number}), mimetype="application/json")

    return app


def scene_of(checked: CheckedFiles, key: str) -> Scene:
    """The scene of a request: a persona, in a state, on a day; the page shows which of them are unknown."""
    shown = checked.journeys.get(key)
    if shown is None:
        abort(404)
    persona, state, on, programme = (request.args.get(name, "") for name in ("persona", "state", "on", "programme"))
    person = shown.people.get(persona)
    wrong = f"Unknown persona '{persona}'." if persona and person is None else ""
    view = person.view if person is not None else imagine(shown.release.plan, TODAY)
    if state:
        try:
            view = imagine(shown.release.plan, view.folded_to, [state], base=view)
        except NoSuchState as error:
            wrong, state = str(error), ""
    if on:
        try:
            view = replace(view, folded_to=datetime.combine(parse_day(on), time(), UTC))
        except ValueError:
            wrong, on = f"'{on}' is not a day. Write days as 2026-01-15.", ""
    if programme and programme not in shown.programmes:
        wrong, programme = f"Unknown programme '{programme}'.", ""
    has_ended = person is not None and person.has_ended and not state
    return Scene(key, shown, view, persona if person is not None else "", state, on, programme, has_ended, wrong)


def tracks_of(scene: Scene) -> list[tuple[str, str, list[Place], list[Piece]]]:
    """Every track: its name and title, its states, and the pieces of the whole track."""
    plan, by_place = scene.shown.release.plan, scene.catalogue.by_place
    pieces = scene.catalogue.pieces
    first = plan.journey.locales[0]
    sections = []
    for name, track in plan.journey.tracks.items():
        open_here = {stay.state for stay in scene.view.tracks.get(name, ())}
        places = [
            Place(
                f"{name}.{path}",
                state.title.get(first) or state.name.replace("_", " "),
                path.count("."),
                path in open_here,
                [pieces[key] for key in by_place.get(f"{name}.{path}", ())],
            )
            for path, state in track.states.items()
        ]
        track_pieces = [pieces[key] for key in by_place.get(name, ())]
        sections.append((name, track.title.get(first) or name.replace("_", " "), places, track_pieces))
    return sections


def looks(scene: Scene, piece: Piece) -> Iterator[PieceQuery]:
    """The piece in each language."""
    for locale in scene.shown.release.plan.journey.locales:
        text = piece.texts.get(locale)
        if text is None:
            continue
        rendered = _rendered(scene, replace(piece, key=f"{piece.key}-{locale}"), locale)  # the ids of two stay apart
        try:
            web = lower_headings(with_targets(rendered("web").html or ""), 2)
            email = rendered("email") if "email" in piece.channels else None
            look = PieceQuery(locale, language_of(locale), text, web, rendered("text").text, email, "")
        except UnknownValue as error:
            look = PieceQuery(locale, language_of(locale), text, None, "", None, str(error))
        lines = {name: in_its_frame(scene, piece, name).texts[locale] for name in ("sms", "push")}
        variants = _variants(piece, scene.shown.release.plan, locale)
        yield replace(look, sms=lines["sms"].text, push=lines["push"].push, variants=variants)


def _variants(piece: Piece, plan: ReleasePlan, locale: str) -> tuple[tuple[str, Markup], ...]:
    """Every text of a piece with its condition, values as placeholders; none where no condition decides."""
    try:
        variants = renderings(piece.texts[locale].body, plan)
    except TooManyRenderings:
        return ()
    if len(variants) < 2:
        return ()
    pages = (render_rendering(piece, variant, locale=locale, channel="web").html or "" for variant in variants)
    shown = (lower_headings(with_targets(page), 3) for page in pages)
    return tuple((variant.condition, html) for variant, html in zip(variants, shown, strict=True))


def in_its_frame(scene: Scene, piece: Piece, channel: str) -> Piece:
    """The piece with the words of the message frame of a channel around it, if the journey has any."""
    return in_frame_of(scene.catalogue, piece, channel) if piece.kind == "page" else piece


def _persona_message(message: SimulatedMessage, locale: str) -> PersonaMessage:
    return PersonaMessage(message.piece, fate_of(message), message.line, locale, message.frame)


def _rendered(scene: Scene, piece: Piece, locale: str) -> Callable[[Channel], Rendered]:
    plan, view = scene.shown.release.plan, scene.view
    selected = find(scene.catalogue, view, view.folded_to, piece.key.removesuffix(f"-{locale}"))
    world = world_of(view, view.folded_to, selected.stay if selected is not None else None)
    renderer = Renderer()
    return lambda channel: renderer.render(piece, plan, world, locale=locale, channel=channel)


def _piece(scene: Scene, name: str) -> Piece:
    piece = scene.catalogue.pieces.get(name)
    if piece is None:
        abort(404)
    return piece


def place_of(problem: Problem) -> str:
    """The position of a problem, short enough for the margin of a page."""
    return f"{'/'.join(Path(problem.file).parts[-3:])}:{problem.line}"


def lines_around(file: str, line: int) -> Iterator[tuple[int, str]]:
    """The lines of a file around a line, with their numbers."""
    path = Path(file)
    if not path.is_file():
        return
    lines = path.read_text(errors="replace").split("\n")
    for number in range(max(line - AROUND, 1), min(line + AROUND, len(lines)) + 1):
        yield number, lines[number - 1]
