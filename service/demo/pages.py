"""The page `/demo` and its own routes beside the API: clock, files, diagrams, forms. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, abort, render_template, request

from journeys.authoring.diagram import DiagramView, way_between
from journeys.definition.compiler import ReleasePlan
from journeys.primitives.canonical import time_text
from service.app import Application
from service.demo.environment import Demonstration
from service.demo.patients import ZONE
from service.enrollments.store import enrollments
from service.http.context import to_json
from service.outreach.explain import ExplainedMessage, explained
from service.platform import errors
from service.platform.loopback import LoopbackOnly
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.problems import MEDIA_TYPE
from service.publishing.store import releases as release_rows
from service.reviewer_ui.diagram import draw
from service.walks.forms import forms_of_staff
from service.walks.parts import shared_parts
from service.walks.phone import TEXTS

AT = "/demo"
POLICY = policy_of_pages(
    "script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'", form_action="none"
)
#: The most messages that the inbox shows.
MOST_MESSAGES = 30
STEPS = {"P1D": "+1 day", "P14D": "+14 days", "P1M": "+1 month", "P6M": "+6 months"}


def beside(application: Any, demonstration: Demonstration) -> LoopbackOnly:
    """The service and the demonstration's page, both for this machine only."""
    pages = make_pages(demonstration)

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        is_ours = f"{environ['PATH_INFO']}/".startswith(f"{AT}/")
        chosen = pages if is_ours else application
        return chosen(environ, start_response)

    return LoopbackOnly(dispatch)


def make_pages(demonstration: Demonstration) -> Application:
    """The application at `/demo`."""
    app = Application("service.demo", static_url_path=f"{AT}/static")
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    service = demonstration.service

    use_frame(app, headers_of_pages(POLICY))
    app.register_blueprint(shared_parts(f"{AT}/walks"))

    @app.get(AT)
    def page() -> str:
        return render_template(
            "demo.html",
            setup=_setup(demonstration),
            steps=STEPS,
            patients=demonstration.patients,
            signs=demonstration.files.signs,
            programmes=demonstration.programmes_to_join(),
        )

    _add_inbox(app, demonstration)

    @app.get(f"{AT}/pulse")
    def pulse() -> Response:
        enrollment = request.args.get("enrollment", "")
        with service.database.reading() as connection:
            stored = enrollments.load(connection, enrollment) if enrollment else None
        checked = demonstration.files.checked
        return _json(
            {
                "now": time_text(demonstration.clock()),
                "round": demonstration.round,
                "changes": [stored.log_length, stored.enrollment.revision, stored.standing] if stored else None,
                "files": {
                    "number": checked.number,
                    "problems": [str(problem) for problem in checked.problems],
                    "said": list(checked.said),
                },
            }
        )

    @app.post(f"{AT}/clock")
    def pass_time() -> Response:
        body = request.get_json(silent=True)
        duration = body.get("pass") if isinstance(body, dict) else None
        if duration not in STEPS:
            return _json({"title": errors.NO_SUCH_STEP.format(", ".join(STEPS)), "status": 422}, 422, MEDIA_TYPE)
        demonstration.pass_time(duration)
        return _json({"now": time_text(demonstration.clock())})

    @app.post(f"{AT}/signing")
    def choose_signing() -> Response:
        body = request.get_json(silent=True)
        signs = body.get("at_once") if isinstance(body, dict) else None
        if not isinstance(signs, bool):
            return _json({"title": errors.SIGNED_HOW, "status": 422}, 422, MEDIA_TYPE)
        demonstration.files.signs = signs
        return _json({"at_once": signs})

    @app.post(f"{AT}/start-over")
    def start_over() -> Response:
        if not request.is_json:
            abort(415)
        demonstration.start_over()
        return _json(_setup(demonstration))

    @app.get(f"{AT}/diagram")
    def diagram() -> Response:
        journey = plan_of(request.args.get("release", "")).journey
        around, visited, folded = (
            [state for state in request.args.get(name, "").split(",") if state]
            for name in ("around", "visited", "folded")
        )
        start, end = request.args.get("from", ""), request.args.get("to", "")
        if not {start, end} - {""} <= set(journey.state_paths):
            abort(404)
        way = way_between(journey, start, end) if start and end else None
        view = DiagramView(frozenset(folded), way=way or ())
        drawn = draw(journey, around=around, visited=visited, view=view, locale=journey.locales[0])
        return Response(drawn, mimetype="image/svg+xml")

    @app.get(f"{AT}/reports")
    def reports() -> Response:
        with service.database.reading() as connection:
            stored = enrollments.load(connection, request.args.get("enrollment", ""))
            if stored is None or stored.enrollment.state is None:
                abort(404)
            plan = service.library.releases(connection)[stored.enrollment.state.release].plan
        return _json({"items": forms_of_staff(plan, stored.enrollment.state, stored.enrollment.told.open)})

    @app.get(f"{AT}/phone")
    def phone() -> Response:
        demonstration.deliver()
        with service.database.reading() as connection:
            messages = explained(connection, request.args.get("enrollment", ""))
        return _json({"items": [_arrived(demonstration, each) for each in reversed(messages) if each.channel]})

    def plan_of(release: str) -> ReleasePlan:
        with service.database.reading() as connection:
            if release_rows.find_release(connection, release) is None:
                abort(404)
            return service.library.releases(connection)[release].plan

    return app


def _add_inbox(app: Application, demonstration: Demonstration) -> None:
    @app.get(f"{AT}/inbox")
    def inbox() -> str:
        demonstration.deliver()
        return render_template("inbox.html", messages=demonstration.handset.newest(MOST_MESSAGES))


def _arrived(demonstration: Demonstration, explained_message: ExplainedMessage) -> dict[str, Any]:
    """A message on the phone, in the words that arrived."""
    message, at = explained_message.message, explained_message.at
    arrived = demonstration.handset.arrived[message.id]
    return {
        "id": message.id,
        "piece": message.piece,
        "channel": explained_message.channel,
        "at": time_text(at) if at is not None else None,
        "subject": arrived.subject,
        "text": arrived.text,
        "locale": arrived.locale,
    }


def _setup(demonstration: Demonstration) -> dict[str, Any]:
    """The data with which the page starts."""
    tokens = demonstration.tokens
    with demonstration.service.database.reading() as connection:
        published = release_rows.journeys_published(connection)
        newest = {journey: release_rows.newest_publication(connection, journey) for journey in published}
        releases = demonstration.service.library.releases(connection)
        locales = {
            journey: list(releases[publication.release].plan.journey.locales)
            for journey, publication in newest.items()
            if publication
        }
    return {
        "clinic": tokens.clinic,
        "round": demonstration.round,
        "locales": locales,
        "texts": {language: dict(texts) for language, texts in TEXTS.by_language.items()},
        "patients": [
            {
                "ref": patient.ref,
                "name": patient.name,
                "enrollment": patient.enrollment,
                "locale": patient.locale,
                "zone": ZONE,
                "shows": patient.shows,
                "token": tokens.patients[patient.ref],
            }
            for patient in demonstration.patients
        ],
    }


def _json(value: Any, status: int = 200, kind: str = "application/json") -> Response:
    return Response(to_json(value), status=status, mimetype=kind)
