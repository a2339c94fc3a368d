"""The route of other systems: rows that become events, by a signature over the very bytes."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, current_app
from marshmallow import Schema, fields

from journeys.interop.rows import ROW, NumberedRow, RowSource
from journeys.primitives.errors import Refused
from service.http.blueprint import Blueprint
from service.http.context import JSON, json_answer, json_value, service
from service.http.schema import answer_field, dumper
from service.http.signed import require_signature
from service.interop.rows import MOST_AT_ONCE, STATUSES, load_source, report_rows
from service.platform import errors

#: The extension that holds the secrets of sources by name.
EXTENSION = "journeys-triggers"
NO_SOURCE = "No source has this name. The setting 'triggers' lists them."
ROWS = f"Send one row as an object, or a list of 1 to {MOST_AT_ONCE} rows."
OBJECT = "A row must be an object: the text of each cell by its column."
TEXT = "This must be a text, as in a CSV file."
_ROW_SCHEMA = {"type": "object", "additionalProperties": {"type": "string"}, "example": {"accession": "a-17"}}
_BODY = {"oneOf": [_ROW_SCHEMA, {"type": "array", "items": _ROW_SCHEMA, "minItems": 1, "maxItems": MOST_AT_ONCE}]}


class RowOut(Schema):
    """What became of a row."""

    row = answer_field(fields.Integer, "Its position in the body, from 1.", attribute="number")
    status = answer_field(
        fields.String,
        "`new`: its event was reported; `known`: it was before; `unmapped`: no rule fits it; `conflict`: another row "
        "has its id; `mistaken`: see `mistakes`.",
        enum=STATUSES,
    )
    mistakes = answer_field(
        fields.Dict, "By column, or `row`.", keys=fields.String(), values=fields.List(fields.String())
    )


class RowsOut(Schema):
    """What became of each row, in the order of the body."""

    rows = fields.List(fields.Nested(RowOut), required=True)


blueprint = Blueprint("triggers", __name__, url_prefix="/v1", description="For other systems")
_dump_row = dumper(RowOut)


@blueprint.route("/triggers/<id:source>", methods=["POST"])
@blueprint.response(200, RowsOut)
@blueprint.refuses(errors.NotSigned)
@blueprint.doc(security=[], requestBody={"required": True, "content": {JSON: {"schema": _BODY}}})
def take(source: str) -> Response:
    """Report rows of another system as events, by a source that a journey declares. The source signs each request.

    The signature is that of `/v1/inbound/{source}`. Each row is applied once by its source and id, so the same body may
    be sent again; a row that is refused stops no other.
    """
    secrets = current_app.extensions[EXTENSION].get(source)
    if secrets is None:
        raise errors.NotFound(NO_SOURCE)
    require_signature(secrets)
    body = json_value()
    items = body if isinstance(body, list) else [body]
    if not 1 <= len(items) <= MOST_AT_ONCE or not isinstance(body, list | dict):
        raise Refused({"rows": [ROWS]})
    declared = load_source(service(), source)
    rows = [_row(number, item, declared) for number, item in enumerate(items, start=1)]
    return json_answer({"rows": [_dump_row(verdict) for verdict in report_rows(service(), declared, rows)]})


def _row(number: int, item: Any, source: RowSource) -> NumberedRow:
    if not isinstance(item, dict):
        return NumberedRow(number, Refused({ROW: [OBJECT]}))
    cells = {column: text for column, text in item.items() if column in source.columns}
    wrong = {column: [TEXT] for column, text in cells.items() if not isinstance(text, str)}
    return NumberedRow(number, Refused(wrong) if wrong else cast(dict[str, str], cells))
