"""Fields of requests. They are strict: no text where a number belongs, no time without an offset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from marshmallow import ValidationError, fields

from journeys.primitives.canonical import EARLIEST, parse_time, parse_time_of_day
from journeys.primitives.durations import Duration, parse_duration
from journeys.primitives.locales import LONGEST_TAG, read_tag
from service.platform.time_zones import zone_names

MAX_FACTS = 200

#: Patterns of texts, times and language tags in the OpenAPI document.
PRINTABLE = r"^[^\u0000-\u001f\u007f-\u009f]*$"
WHEN = r"(19|2\d)\d\d-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?"
MOMENT = r"(19|2\d)\d\d-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)"
DAY = r"(19|2\d)\d\d-\d\d-\d\d"
TAG = r"([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*|[xX]([-_][A-Za-z0-9]{1,8})+)"
SPAN = r"P(\d{1,3}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?(T(\d{1,5}H)?(\d{1,6}M)?(\d{1,7}S)?)?"
LONGEST_SPAN = 40
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?)?")

TEXT = "This must be a text of 1 to {} characters without control characters."
WRITING = "This must be a text of at most {} characters."
WHOLE = "This must be a whole number from {} to {}{}."
FLAG = "This must be true or false."
FACTS = "This must be an object with the value of each fact by its name, at most {} facts."
TIME = "This must be a date (2026-01-15) or a time with an offset (2026-01-15T10:00:00Z), from 1900 on."
MOMENT_ONLY = "This must be a time with an offset (2026-01-15T10:00:00Z), from 1900 on."
DAY_ONLY = "This must be a date (2026-01-15), from 1900 on."
LONGER_THAN_ZERO = "This must be an ISO 8601 duration that is longer than zero, such as 'P30D' or 'PT12H'."
NAIVE = "This time has no offset. End it with Z or with an offset such as +02:00."
LOCALE = "This must be a language tag such as 'en' or 'es-US'."
ZONE = "This must be an IANA time zone such as 'Europe/Madrid'."
REQUIRED = "This field is required."
NULL = "Null is not accepted. Send a value, or leave the field out."
UNKNOWN = "Unknown field. Accepted: {}."
OBJECT = "This must be an object."
LIST = "This must be a list of 1 to {} items."
DIGITS = "This must be a text of {} digits."
ONE_OF = "This must be {}."
SEVERAL = "This must be a list of at most {} items, each named once."
TIME_OF_DAY = "This must be a time of day to the minute, such as '21:00'."
CURSOR = "Unknown cursor. Send the value of 'next' from the page before."


class Text(fields.Field[str]):
    """A text of bounded length."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest
        self.metadata = {"minLength": 1, "maxLength": longest, "pattern": PRINTABLE, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not is_text(value, self.longest):
            raise ValidationError(TEXT.format(self.longest))
        return str(value)


class Writing(fields.Field[str]):
    """A text of bounded length as a person wrote it: of several lines, or empty."""

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest
        self.metadata = {"maxLength": longest, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise ValidationError(WRITING.format(self.longest))
        return value


class Digits(fields.Field[str]):
    """A text of a fixed number of digits."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count
        self.metadata = {"pattern": f"^[0-9]{{{count}}}$", **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or len(value) != self.count or not (value.isascii() and value.isdigit()):
            raise ValidationError(DIGITS.format(self.count))
        return value


class OneOf(fields.Field[str]):
    """One of a fixed set of words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words
        self.metadata = {"enum": list(words), **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            quoted = [f"'{word}'" if "," in word else word for word in self.words]
            raise ValidationError(ONE_OF.format(alternatives(quoted)))
        return value


class Whole(fields.Field[int]):
    """A whole number in a range. From a query it comes as text."""

    def __init__(self, low: int, high: int, *, text: bool = False, unit: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.low, self.high, self.text, self.unit = low, high, text, unit
        self.metadata = {"minimum": low, "maximum": high, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if self.text and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise ValidationError(WHOLE.format(self.low, self.high, self.unit))
        return value


class Flag(fields.Field[bool]):
    """True or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(FLAG)
        return value


class Facts(fields.Field[dict[str, Any]]):
    """Facts by name; their values are checked against the journey later."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"additionalProperties": {}, **self.metadata}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        if not isinstance(value, dict) or len(value) > MAX_FACTS:
            raise ValidationError(FACTS.format(MAX_FACTS))
        return value


class When(fields.Field[tuple[datetime, bool]]):
    """An instant, or a day: (the instant in UTC, whether only the day is known)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": f"^{WHEN}$", "examples": ["2026-01-15", "2026-01-15T10:00:00Z"], **self.metadata}

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[datetime, bool]:
        return read_instant(value)


class Moment(fields.Field[datetime]):
    """An instant; a day is refused, as it would be before or after all else of that day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": f"^{MOMENT}$", "examples": ["2026-01-15T10:00:00Z"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            at, is_day = read_instant(value)
        except ValidationError as error:
            raise ValidationError(NAIVE if error.messages == [NAIVE] else MOMENT_ONLY) from None
        if is_day:
            raise ValidationError(MOMENT_ONLY)
        return at


class Day(fields.Field[date]):
    """A day without a time."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": f"^{DAY}$", "examples": ["2026-01-15"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        try:
            at, is_day = read_instant(value)
        except ValidationError:
            raise ValidationError(DAY_ONLY) from None
        if not is_day:
            raise ValidationError(DAY_ONLY)
        return at.date()


class Span(fields.Field[Duration]):
    """An ISO 8601 duration that is longer than zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": f"^{SPAN}$", "maxLength": LONGEST_SPAN, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Duration:
        try:
            duration = parse_duration(value) if isinstance(value, str) else None
        except ValueError:
            duration = None
        if duration is None or duration.is_zero_or_negative:
            raise ValidationError(LONGER_THAN_ZERO)
        return duration


class LocaleTag(fields.Field[str]):
    """A well-formed language tag; the locale that serves it is chosen later."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": f"^{TAG}$", "maxLength": LONGEST_TAG, "examples": ["en", "es-US"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        tag = read_tag(value) if isinstance(value, str) else None
        if tag is None:
            raise ValidationError(LOCALE)
        return tag


class Zone(fields.Field[str]):
    """The name of a time zone."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Every time zone of this machine; listing them reads many files."""
        return zone_names()

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise ValidationError(ZONE)
        return value


class TimeOfDay(fields.Field[time]):
    """A time of day to the minute."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["21:00"], **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> time:
        try:
            return parse_time_of_day(value if isinstance(value, str) else "")
        except ValueError as error:
            raise ValidationError(TIME_OF_DAY) from error


class Several(fields.List[Any]):
    """A list of bounded length in which nothing comes twice."""

    def __init__(self, inner: fields.Field[Any], *, most: int, **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self.most = most
        self.metadata = {"maxItems": most, "uniqueItems": True, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > self.most:
            raise ValidationError(SEVERAL.format(self.most))
        items = super()._deserialize(value, attr, data, **kwargs)
        if len(set(items)) < len(items):
            raise ValidationError(SEVERAL.format(self.most))
        return items


def read_instant(value: Any) -> tuple[datetime, bool]:
    """An instant of a request, UTC, and whether only the day is known.

    Raises:
        ValidationError: it is neither.
    """
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValidationError(TIME)
    if match.group(1) and not match.group(3):
        raise ValidationError(NAIVE)
    try:
        at, day = parse_time(value)
    except ValueError:
        raise ValidationError(TIME) from None
    if at < EARLIEST:
        raise ValidationError(TIME)
    return at, day


def alternatives(words: Sequence[str]) -> str:
    """Words as a choice: `a`, `a or b`, `a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]


def is_text(value: Any, longest: int) -> bool:
    """Whether a value is a text of 1 to `longest` characters that can be stored and logged in one line."""
    return isinstance(value, str) and 1 <= len(value) <= longest and (value.isprintable() or _is_plain(value))


def _is_plain(text: str) -> bool:
    """Whether a text is free of control characters and of halves of surrogate pairs."""
    return not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 or 0xD800 <= ord(letter) < 0xE000 for letter in text)
