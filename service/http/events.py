"""Routes of reports: single events, batches, retractions, placements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Response, request

from journeys.engine import Placement, Report
from journeys.primitives.errors import CallerError, Refused
from service.enrollments import report
from service.enrollments.answers import ReportAnswer, count_report
from service.enrollments.content import ContentOptions
from service.enrollments.read import find_enrollment
from service.enrollments.report import IncomingReport, IncomingRetraction
from service.enrollments.requests import digest_of
from service.enrollments.together import report_all
from service.http import event_schemas as schemas
from service.http.blueprint import Blueprint
from service.http.context import (
    JSON,
    caller,
    content_options,
    count_reports,
    if_match,
    json_object,
    json_value,
    loaded,
    service,
    to_json,
)
from service.http.fields import LIST, OBJECT, REQUIRED, UNKNOWN
from service.http.incoming import (
    ADDRESS,
    CLOUDEVENT,
    CLOUDEVENTS,
    SPECVERSION,
    address_of,
    batch_event_of,
    envelope_of,
    event_id,
    event_of,
    in_senders_names,
    is_cloudevent,
    placement_of,
    significant_part,
)
from service.http.schema import dumper
from service.http.screens import screen_body
from service.http.state_schemas import Now
from service.platform import errors
from service.platform.problems import problem_of

blueprint = Blueprint("events", __name__, url_prefix="/v1", description="Reports about patients")

#: On the answer to a dry run.
DRY_RUN_HEADER = "Journeys-Dry-Run"

_RETRACTION = schemas.RetractionIn()
_dump_now = dumper(Now)


@blueprint.route("/enrollments/<id:enrollment>/events", methods=["POST"], endpoint="report")
@blueprint.takes(schemas.EventIn)
@blueprint.asks(schemas.EventQuery)
@blueprint.response(200, schemas.Answered)
@blueprint.refuses(errors.Conflict, errors.Stale)
def report_event(query: Mapping[str, Any], enrollment: str) -> Response:
    """Report an event.

    In our own form, or as a CloudEvent whose `data` has `facts`, `sequence`, `told`, `replaces`. With If-Match it is
    applied only if the enrollment has not changed since it was read. With `dry_run=true` the answer is what it would
    be, with the header `Journeys-Dry-Run` and without an ETag, and nothing is stored: the id stays free. A token of a
    patient or a caregiver gets 403 `forbidden` for it.
    """
    is_binary = "ce-specversion" in request.headers
    body = {} if is_binary and not request.get_data() else json_object(JSON, CLOUDEVENT)
    if is_binary:
        body = envelope_of(request.headers, body)
    event = event_of(body, caller())
    if isinstance(event, CallerError) and request.mimetype == CLOUDEVENT and not is_cloudevent(body):
        event = Refused({"specversion": [SPECVERSION]})
    return _apply_report(enrollment, body, "event", event, query)


@blueprint.route("/events", methods=["POST"])
@blueprint.takes(schemas.BatchIn)
@blueprint.response(200, schemas.BatchAnswered)
def report_many() -> Response:
    """Report events of one or many enrollments.

    Each event has its own answer, in the order of the body: `decision` and `now`, or a `problem`. Late events of one
    enrollment that are next to each other are applied together. Sending the same body again is safe.
    """
    items = _items(json_value(JSON, CLOUDEVENTS))
    if len(items) > 1:
        count_reports(len(items) - 1)
    incoming = [_incoming(item) for item in items]
    outcomes = [outcome for _, run in groupby(incoming, _enrollment_named) for outcome in _reported(list(run))]
    parts = [_answer_of_item(item, outcome) for item, outcome in zip(items, outcomes, strict=True)]
    return Response(b'{"items":[' + b",".join(parts) + b"]}", mimetype=JSON)


@blueprint.route("/enrollments/<id:enrollment>/events/<reported:event>/retraction", methods=["POST"])
@blueprint.takes(schemas.RetractionIn)
@blueprint.asks(schemas.ReportQuery)
@blueprint.response(200, schemas.Answered)
@blueprint.refuses(errors.Conflict)
def retract(query: Mapping[str, Any], enrollment: str, event: str) -> Response:
    """Retract an event. The answer lists the pieces that were shown because of the event.

    The address names the event by our id (`decision.event`) or by its reporter's id; that of a CloudEvent is its
    `source` and `id` with a blank between them. An id that several reporters used is answered with 409 `ambiguous`.
    """
    body = json_object()
    values = loaded(_RETRACTION, body)
    incoming = IncomingRetraction(
        enrollment=enrollment,
        event=event,
        reason=values["reason"],
        digest=digest_of("retraction", body),
        options=content_options(query),
    )
    return answered(report.retract(service(), caller(), incoming))


@blueprint.route("/enrollments/<id:enrollment>/placement", methods=["POST"], endpoint="place")
@blueprint.takes(schemas.PlacementIn)
@blueprint.asks(schemas.ReportQuery)
@blueprint.response(200, schemas.Answered)
@blueprint.refuses(errors.Conflict, errors.Stale)
def place_enrollment(query: Mapping[str, Any], enrollment: str) -> Response:
    """Place an enrollment in a state, as staff, with a reason."""
    body = json_object()
    return _apply_report(enrollment, body, "placement", placement_of(body, caller()), query)


def _apply_report(
    enrollment: str,
    body: Mapping[str, Any],
    kind: str,
    event: Report | Placement | CallerError,
    query: Mapping[str, Any],
) -> Response:
    """Reports the event that a body describes; `kind` is a part of the digest by which a replay is recognised."""
    incoming = IncomingReport(
        enrollment=enrollment,
        id=event_id(body),
        digest=digest_of(kind, significant_part(body)),
        earlier_digest=digest_of(kind, body) if is_cloudevent(body) else None,
        request=event,
        if_match=if_match(),
        options=content_options(query),
        is_dry_run=query.get("dry_run") == "true",
    )
    try:
        answer = report.report(service(), caller(), incoming)
    except Refused as error:
        raise in_senders_names(error, body) from None
    return answered(answer, is_dry_run=incoming.is_dry_run)


def answered(answer: ReportAnswer, *, is_dry_run: bool = False) -> Response:
    """The answer to a report."""
    if is_dry_run:
        headers = {DRY_RUN_HEADER: "true"}
    else:
        count_report(answer)
        headers = {"ETag": f'"{answer.tag}"'}
    if answer.is_replay:
        headers["Idempotent-Replay"] = "true"
    return Response(_body(answer), mimetype=JSON, headers=headers)


def _body(answer: ReportAnswer) -> bytes:
    """The body of an answer; the decision is sent in the bytes in which it is stored."""
    view = b',"view":' + to_json(screen_body(answer.view)) if answer.view is not None else b""
    return b'{"decision":' + answer.decision + b',"now":' + to_json(_dump_now(answer.now)) + view + b"}"


def _items(body: Any) -> list[Any]:
    """The items of a batch.

    Raises:
        Refused: the body is not a batch.
    """
    if isinstance(body, dict):
        unknown = {name[:80]: [UNKNOWN.format("events")] for name in body if name != "events"}
        if unknown:
            raise Refused(unknown)
        body = body.get("events")
    if body is None:
        raise Refused({"events": [REQUIRED]})
    most = service().limits.batch
    if not isinstance(body, list) or not 1 <= len(body) <= most:
        raise Refused({"events": [LIST.format(most)]})
    return body


def _incoming(item: Any) -> IncomingReport | CallerError:
    """The report of an item of a batch, or the problem with it."""
    try:
        if not isinstance(item, dict):
            raise Refused({"event": [OBJECT]})
        address = address_of(item)
        return IncomingReport(
            enrollment=address.get("enrollment") or _enrollment_of(address),
            id=event_id(item),
            digest=digest_of("event", _without_address(item)),
            earlier_digest=digest_of("event", item) if is_cloudevent(item) else None,
            request=batch_event_of(item, caller()),
            options=ContentOptions(content=False),
        )
    except CallerError as error:
        return error


def _enrollment_named(incoming: IncomingReport | CallerError) -> str:
    return incoming.enrollment if isinstance(incoming, IncomingReport) else ""


def _reported(run: Sequence[IncomingReport | CallerError]) -> Sequence[ReportAnswer | CallerError]:
    """The outcomes of items of a batch that name the same enrollment, or that cannot be read."""
    reports = [incoming for incoming in run if isinstance(incoming, IncomingReport)]
    return (
        report_all(service(), caller(), reports) if reports else [item for item in run if isinstance(item, CallerError)]
    )


def _answer_of_item(item: Any, outcome: ReportAnswer | CallerError) -> bytes:
    if isinstance(outcome, CallerError):
        problem = problem_of(in_senders_names(outcome, item))
        return to_json({"status": problem["status"], "problem": problem})
    count_report(outcome)
    replay = b"true" if outcome.is_replay else b"false"
    return b'{"status":200,"replay":' + replay + b"," + _body(outcome)[1:]


def _enrollment_of(address: Mapping[str, str]) -> str:
    return find_enrollment(
        service(),
        caller(),
        patient_ref=address["patient_ref"],
        journey=address["journey"],
        key=address.get("key"),
    )


def _without_address(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """An item without its address, so that an event has the same digest alone and in a batch."""
    if is_cloudevent(item):
        return significant_part(item)
    return {name: value for name, value in item.items() if name not in ADDRESS}
