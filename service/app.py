"""The one composition root: the application with everything it needs plugged in. It starts nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from journeys.primitives.errors import CallerError
from service import reviewer_ui
from service.access.tokens import recognise
from service.http import (
    access,
    context,
    documents,
    enrollments,
    events,
    health,
    journeys,
    metrics,
    rates,
    tasks,
    tokens,
    views,
)
from service.http.compartment import is_outside
from service.http.problems import problem_of_http, problem_response
from service.http.spec import make_api
from service.operations.status import lateness_of
from service.platform import clock as clocks
from service.platform import errors
from service.platform import metrics as counted
from service.platform.clock import Clock, NewId, NewSecret
from service.platform.configuration import Configuration
from service.platform.database import Database, open_database
from service.platform.headers import HEADERS, OF_HTTPS, require_host
from service.platform.logs import log, where
from service.platform.process import Limits
from service.publishing.library import Library, Rules
from service.publishing.service import Service

T = TypeVar("T")

_TOKEN_NAMES = frozenset({"token", "access_token", "api_key", "apikey", "authorization", "bearer"})
#: Extensions: the hosts that are served, and the headers that every answer has.
#: On every answer of a service that gives out what nobody signed.
DRAFTS_HEADER = "Journeys-Drafts"
_HOSTS, _ALWAYS = "journeys-hosts", "journeys-headers"


class _NoSession(SessionInterface):
    """Nobody has a session here: one that nothing can be put into stands for all."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """The same for every request."""
        return self._none


class Application(Flask):
    """A Flask application that says what went wrong without saying about whom."""

    session_interface = _NoSession()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none here is asynchronous, so none is looked at."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Logs an unexpected error's kind and place."""
        log().error("unexpected", route=_route(), **where(exc_info[1]))


def make_service(
    config: Configuration,
    *,
    clock: Clock,
    new_id: NewId,
    new_secret: NewSecret = clocks.new_secret,
    database: Database | None = None,
    drafts: bool = False,
) -> Service:
    """What the use cases need, with the database that the configuration names."""
    limits = Limits(batch=config.max_batch, events=config.max_events, enrollments=config.max_enrollments)
    opened = database or open_database(config.url, config.postgresql)
    library = Library(Rules.of(config, drafts=drafts))
    return Service(opened, clock, new_id, new_secret, library, limits=limits)


def create_app(config: Configuration, *, clock: Clock, new_id: NewId, service: Service | None = None) -> Application:
    """The application.

    Args:
        config: how this process runs.
        clock: gives the present, UTC.
        new_id: gives ids never given before.
        service: what was made before for this process, to be shared with its worker.
    """
    app = Application("service", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = config.max_body
    app.extensions[_HOSTS] = config.hosts
    app.extensions[_ALWAYS] = {**HEADERS, **OF_HTTPS} if config.https else HEADERS
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.merge_slashes = False
    app.extensions[context.EXTENSION] = service or make_service(config, clock=clock, new_id=new_id)
    app.extensions[rates.EXTENSION] = rates.Rates(config, clocks.monotonic)
    app.extensions[metrics.EXTENSION] = metrics.StatusCache(lateness_of(config))
    api = make_api(app)
    for module in (enrollments, views, events, tasks, journeys, tokens, health):
        api.register_blueprint(module.blueprint)
    app.register_blueprint(documents.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.extensions[reviewer_ui.EXTENSION] = config
    app.register_blueprint(reviewer_ui.blueprint)
    app.before_request(_admit)
    app.after_request(_finish)
    app.register_error_handler(CallerError, problem_response)
    if config.proxies:
        count = config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _admit() -> None:
    """Finds out who calls, and whether they may call this at all."""
    g.started = clocks.monotonic()
    asked, extensions = _current(request), current_app.extensions
    require_host(asked.environ, extensions[_HOSTS])
    if asked.url_rule is None:
        return
    if asked.query_string and _TOKEN_NAMES.intersection(name.lower() for name in asked.args):
        raise errors.Unauthenticated(errors.NOT_IN_THE_ADDRESS)
    if asked.blueprint == reviewer_ui.NAME:
        reviewer_ui.admit()
        return
    endpoint = str(asked.endpoint)
    caller = None
    authorization = asked.headers.get("Authorization")
    if access.ROUTES.get(endpoint) is not access.PUBLIC and authorization is not None:
        caller = recognise(extensions[context.EXTENSION], _bearer(authorization))
        g.caller = caller
    access.require(endpoint, caller)
    if caller is not None:
        reads = asked.method in ("GET", "HEAD", "OPTIONS")
        extensions[rates.EXTENSION].take(caller, reads=reads)


def _bearer(header: str) -> str:
    kind, _, text = header.partition(" ")
    if kind.lower() != "bearer":
        raise errors.Unauthenticated(errors.BEARER_NEEDED)
    return text.strip()


def _finish(response: Response) -> Response:
    """Looks an answer over for the last time, gives it the headers of all, counts it and logs it."""
    asked, here = _current(request), _current(g)
    caller = here.get("caller")
    named = (asked.view_args or {}).get("enrollment")
    if caller is not None and response.status_code < 400 and is_outside(caller, named):
        log().error("outside the compartment", route=_route(), token=caller.token)
        response = problem_of_http(InternalServerError())
    headers = response.headers
    if current_app.extensions[context.EXTENSION].library.rules.drafts:
        headers[DRAFTS_HEADER] = "not approved, not for patients"
    for name, value in current_app.extensions[_ALWAYS].items():
        if name not in headers:
            headers.add(name, value)
    started = here.get("started")
    rule = asked.url_rule
    route = str(rule.rule) if rule is not None else "none"
    seconds = clocks.monotonic() - started if started is not None else None
    counted.count_request(route, asked.method, response.status_code, seconds)
    log().info(
        "request",
        method=asked.method if asked.method in counted.METHODS else "other",
        route=route,
        status=response.status_code,
        ms=round(seconds * 1000, 1) if seconds is not None else None,
        token=caller.token if caller is not None else None,
    )
    return response


def _route() -> str:
    rule = request.url_rule
    return str(rule.rule) if rule is not None else "none"


def _current(proxy: T) -> T:
    """What a proxy of Flask's stands for now, for those who ask it more than once: every question costs a look-up."""
    return proxy._get_current_object()  # type: ignore[attr-defined,no-any-return]
