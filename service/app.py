"""The composition root: the application with everything it needs. It starts nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from journeys.primitives.errors import CallerError
from service import care_ui, patient_pages, public_pages, reviewer_ui, sign_in, staff_pages
from service.access.tokens import recognise
from service.http import (
    access,
    caregivers,
    context,
    disclosures,
    documents,
    enrollments,
    events,
    feed,
    health,
    inbound,
    journeys,
    messages,
    metrics,
    permission,
    persons,
    questions,
    rates,
    tasks,
    tokens,
    triggers,
    views,
)
from service.http.compartment import is_outside
from service.http.problems import problem_of_http, problem_response
from service.http.spec import make_api
from service.operations.status import lateness_of
from service.operations.warming import Warmer
from service.outreach.outbox import Outbox
from service.outreach.setup import make_outbox
from service.platform import errors
from service.platform.bounded_queue import BoundedQueue
from service.platform.cache import Cache
from service.platform.clock import Clock, NewId, NewSecret, monotonic, new_secret
from service.platform.configuration import Configuration
from service.platform.database import Database, open_database
from service.platform.form_fields import MOST_FIELDS
from service.platform.headers import HEADERS, OF_HTTPS, REQUEST_ID, request_id_of, require_host
from service.platform.logs import log, where
from service.platform.metrics import METHODS, count_request
from service.platform.process import Limits
from service.publishing.library import Library, Rules
from service.publishing.service import Service
from service.registration import web as registration

#: The rooms whose pages read a cookie of a patient's browser, by the name of their blueprint.
_PAGES = {room.blueprint.name: room for room in (sign_in, registration, patient_pages)}
_TOKEN_NAMES = frozenset({"token", "access_token", "api_key", "apikey", "authorization", "bearer"})
#: On every answer of a service that shows unsigned drafts.
DRAFTS_HEADER = "Journeys-Drafts"
#: Extensions: the accepted hosts, and the headers of every answer.
_HOSTS, _ALWAYS = "journeys-hosts", "journeys-headers"


class _NoSession(SessionInterface):
    """Gives every request the same empty session, which refuses to store anything."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """The empty session."""
        return self._none


class Application(Flask):
    """A Flask application that logs unexpected errors without anything about the patient."""

    session_interface = _NoSession()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function unchanged: no view is asynchronous, so Flask need not check."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Logs an unexpected error's kind and place."""
        log().error("unexpected", route=_route(), request_id=g.get("request_id"), **where(exc_info[1]))


def make_service(
    config: Configuration,
    *,
    clock: Clock,
    new_id: NewId,
    new_secret: NewSecret = new_secret,
    database: Database | None = None,
    drafts: bool = False,
) -> Service:
    """The service on the database that the configuration names."""
    limits = Limits(batch=config.max_batch, events=config.max_events, enrollments=config.max_enrollments)
    opened = database or open_database(config.url, config.postgresql)
    library = Library(Rules.of(config, drafts=drafts))
    # A flood of sign-ins takes half of the threads at most.
    queue = BoundedQueue(waiting=max(0, config.threads // 2 - 2))
    return Service(opened, clock, new_id, new_secret, library, limits=limits, passwords=queue)


def create_app(
    config: Configuration,
    *,
    clock: Clock,
    new_id: NewId,
    service: Service | None = None,
    warmer: Warmer | None = None,
    outbox: Outbox | None = None,
) -> Application:
    """The application.

    Args:
        config: how this process runs.
        clock: returns the present, UTC.
        new_id: returns a new unique id.
        service: the service of this process where it was made before, to share it with a worker.
        warmer: compiles the releases in use; `/readyz` waits for it.
        outbox: the channels by which codes to join leave at once; those of the configuration unless given.
    """
    app = Application("service", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = config.max_body
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.extensions[_HOSTS] = config.hosts
    app.extensions[_ALWAYS] = {**HEADERS, **OF_HTTPS} if config.https else HEADERS
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.extensions[context.EXTENSION] = service or make_service(config, clock=clock, new_id=new_id)
    app.extensions[health.EXTENSION] = warmer
    app.extensions[rates.EXTENSION] = rates.Rates(config, monotonic)
    app.extensions[inbound.EXTENSION] = config.inbound_sources
    app.extensions[triggers.EXTENSION] = config.row_secrets
    app.extensions[feed.EXTENSION] = feed.FeedWaits(max(1, config.threads // 4))
    app.extensions[metrics.EXTENSION] = metrics.StatusCache(lateness_of(config))
    api = make_api(app)
    own_data = (persons, permission, messages, disclosures, caregivers)
    from_outside = (inbound, triggers)
    for module in (enrollments, views, questions, events, tasks, journeys, tokens, *own_data, feed, *from_outside):
        api.register_blueprint(module.blueprint)
    api.register_blueprint(sign_in.api)
    api.register_blueprint(health.blueprint)
    app.register_blueprint(documents.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(public_pages.blueprint)
    sign_in.install(app, config)
    registration.install(app, config, outbox or make_outbox(app.extensions[context.EXTENSION], config))
    app.register_blueprint(patient_pages.blueprint)
    app.extensions[reviewer_ui.PACKS] = Cache(1)
    staff_pages.install(app, config, [reviewer_ui.ROOM, care_ui.ROOM])
    app.before_request(_admit)
    app.after_request(_finish)
    app.register_error_handler(CallerError, problem_response)
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _admit() -> None:
    """Recognises the caller, and refuses a call that they are not allowed to make."""
    g.started = monotonic()
    g.request_id = request_id_of(request.environ.get("HTTP_X_REQUEST_ID"))
    extensions = current_app.extensions
    require_host(request.environ, extensions[_HOSTS])
    if request.url_rule is None:
        return
    if request.query_string and _TOKEN_NAMES.intersection(name.lower() for name in request.args):
        raise errors.Unauthenticated("A token is accepted in the 'Authorization' header only, never in the address.")
    room = staff_pages.room_of(request.blueprint)
    if room is not None:
        room.admit()
        return
    pages = _PAGES.get(request.blueprint or "")
    if pages is not None:
        pages.admit_page()
        return
    endpoint = str(request.endpoint)
    caller = None
    authorization = request.headers.get("Authorization")
    reads = request.method in ("GET", "HEAD", "OPTIONS")
    if access.ROUTES.get(endpoint) is access.SESSION and authorization is None:
        extensions[rates.EXTENSION].take(sign_in.admit_call(), reads=reads)
        return
    if access.ROUTES.get(endpoint) is not access.PUBLIC and authorization is not None:
        caller = recognise(extensions[context.EXTENSION], _bearer(authorization))
        g.caller = caller
    access.require(endpoint, caller)
    if caller is not None:
        extensions[rates.EXTENSION].take(caller, reads=reads)


def _bearer(header: str) -> str:
    kind, _, text = header.partition(" ")
    if kind.lower() != "bearer":
        raise errors.Unauthenticated("Send 'Authorization: Bearer <token>'.")
    return text.strip()


def _finish(response: Response) -> Response:
    """Checks an answer against the caller's compartment, adds the common headers, counts it and logs it."""
    caller = g.get("caller")
    enrollment = (request.view_args or {}).get("enrollment")
    is_answer = request.method != "OPTIONS" and response.status_code < 400  # the framework itself answers OPTIONS
    if caller is not None and is_answer and is_outside(caller, enrollment):
        log().error("outside the compartment", route=_route(), token=caller.token, request_id=g.request_id)
        response = problem_of_http(InternalServerError())
    headers = response.headers
    headers[REQUEST_ID] = g.request_id
    if current_app.extensions[context.EXTENSION].library.rules.drafts:
        headers[DRAFTS_HEADER] = "not approved, not for patients"
    for name, value in current_app.extensions[_ALWAYS].items():
        if name not in headers:
            headers.add(name, value)
    started = g.get("started")
    route, method = _route(), request.method
    seconds = monotonic() - started if started is not None else None
    count_request(route, method, response.status_code, seconds)
    log().info(
        "request",
        method=method if method in METHODS else "other",
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1) if seconds is not None else None,
        token=caller.token if caller is not None else None,
        request_id=g.request_id,
    )
    return response


def _route() -> str:
    rule = request.url_rule
    return str(rule.rule) if rule is not None else "none"
