"""The parts of every schema of a request or an answer. It knows no route.

A schema of a request checks a body or a query; a schema of an answer writes the value of a use case (`dumper`). Both
are the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from operator import attrgetter
from typing import Any, Protocol

from marshmallow import EXCLUDE, Schema, fields

from journeys.primitives.canonical import midnight, time_text
from service.enrollments.facts import Precision
from service.http.fields import NULL, OBJECT, REQUIRED, UNKNOWN, LocaleTag, Text, Whole

#: The longest id of a reporter.
ID = 255
#: The length of a day as text.
_DAY = 10

Dump = Callable[[Any], Any]


class Request(Schema):
    """A body in which every unknown field is an error; `example` is shown in the OpenAPI document."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages = {**self.error_messages, "unknown": UNKNOWN.format(", ".join(self.fields)), "type": OBJECT}


class Query(Schema):
    """Parameters of an address; unknown parameters are ignored."""

    class Meta:
        """Reading options of marshmallow."""

        unknown = EXCLUDE


class Nested(fields.Nested):
    """An object within a request, with our error messages."""

    def __init__(self, schema: type[Schema], description: str = "", **options: Any) -> None:
        null = REQUIRED if options.get("required") else NULL
        messages: Any = {"required": REQUIRED, "null": null, "type": OBJECT}
        super().__init__(schema, metadata={"description": description}, error_messages=messages, **options)


class Timestamp(fields.String):
    """A time, written with its offset: `2026-01-15T10:00:00Z`."""


class OfDay(fields.String):
    """A time of day, to the minute: `21:00`."""


class Happened(Timestamp):
    """The instant of a stay's beginning or of a stored time; of a day, its first instant, UTC."""


class HappenedPrecision(fields.String):
    """Whether such an instant is known, or only its day: `instant` or `day`. It reads the same value as the instant."""

    def __init__(self, **options: Any) -> None:
        super().__init__(dump_only=True, **options)  # so that marshmallow accepts a second field with one attribute


class OpenObject(fields.Dict):
    """An object that a schema writes, and of which the OpenAPI document says only that it is an object."""

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        super().__init__(**options)
        self.written_by = schema


#: The description of a precision.
PRECISION = "`instant`, or `day` where only the day is known; the time is then the first instant of that day, UTC."


class Stayed(Protocol):
    """A stay in a state."""

    since: datetime
    day: bool


def request_field(
    kind: type[fields.Field[Any]], *args: Any, description: str = "", example: Any = None, **options: Any
) -> Any:
    """A field of a request with its description and an example for the OpenAPI document."""
    metadata: dict[str, Any] = {"description": description} if description else {}
    if example is not None:
        metadata["examples"] = [example]
    messages: Any = {"required": REQUIRED, "null": REQUIRED if options.get("required") else NULL}
    return kind(*args, metadata=metadata, error_messages=messages, **options)


def answer_field(
    kind: type[fields.Field[Any]], description: str, *args: Any, enum: Sequence[str] = (), **options: Any
) -> Any:
    """A field of an answer that is always present, with its description for the OpenAPI document."""
    metadata: dict[str, Any] = {"description": description} | ({"enum": list(enum)} if enum else {})
    return kind(*args, required=True, metadata=metadata, **options)


def dumper(schema: type[Schema]) -> Callable[[Any], dict[str, Any]]:
    """A function that returns the JSON object of a value, by the declared fields of a schema and in their order.

    Each field reads the attribute of its own name, or the path of attributes in `attribute`. None is left out where the
    field is optional. This is what marshmallow's `dump` does, worked out once instead of for every answer. Of a mapping
    the declared keys that it has are written.
    """
    declared = schema().fields
    read_all = attrgetter(*(field.attribute or name for name, field in declared.items()))
    is_single = len(declared) == 1
    parts = [_part(name, field) for name, field in declared.items()]

    def dump(value: Any) -> dict[str, Any]:
        if type(value) is dict:
            return {name: value[name] for name in declared if name in value}
        body: dict[str, Any] = {}
        values = (read_all(value),) if is_single else read_all(value)
        for (key, convert, is_optional), part in zip(parts, values, strict=True):
            if part is not None:
                body[key] = part if convert is None else convert(part)
            elif not is_optional:
                body[key] = None
        return body

    return dump


def _part(name: str, field: fields.Field[Any]) -> tuple[str, Dump | None, bool]:
    """The key of a field, how its value is written, and whether it is left out where it is None."""
    is_optional = not (field.required or field.allow_none)
    return field.data_key or name, _converter(field), is_optional


def _converter(field: fields.Field[Any]) -> Dump | None:
    """How a value that is not None is written; None where JSON has it as it is."""
    if isinstance(field, Happened):
        return _instant
    if isinstance(field, HappenedPrecision):
        return _precision
    if isinstance(field, Timestamp):
        return time_text
    if isinstance(field, OfDay):
        return _minute
    if isinstance(field, fields.Date):
        return _day
    if isinstance(field, OpenObject):
        return dumper(field.written_by)
    if isinstance(field, fields.Nested):
        return dumper(type(field.schema))
    if isinstance(field, fields.List):
        convert_item = _converter(field.inner)
        return list if convert_item is None else lambda items: [convert_item(item) for item in items]
    if isinstance(field, fields.Dict) and field.value_field is not None:
        convert_value = _converter(field.value_field)
        if convert_value is not None:
            return lambda values: {key: convert_value(value) for key, value in values.items()}
    return None


def _instant(when: Stayed | str) -> str:
    text = when if isinstance(when, str) else time_text(when.since, when.day)
    return time_text(midnight(text)) if len(text) == _DAY else text


def _precision(when: Stayed | str) -> Precision:
    is_day = len(when) == _DAY if isinstance(when, str) else when.day
    return "day" if is_day else "instant"


def _minute(of_day: time) -> str:
    return of_day.isoformat("minutes")


def _day(day: date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()


class LocaleQuery(Query):
    """The language of titles."""

    locale = request_field(
        LocaleTag, description="The language of titles; by default that of the enrollment, or the first of the journey."
    )


class PageQuery(Query):
    """Which page of a list."""

    cursor = request_field(Text, longest=100, description="The value of `next` from the page before.")
    limit = request_field(Whole, 1, 100, text=True, description="The most items of a page; 50 by default.", example=50)
