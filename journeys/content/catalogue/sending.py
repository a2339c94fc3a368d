"""When a piece is sent to patients by itself, how long it is worth sending, and how soon it may be sent again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time

from journeys.definition.reading import Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField
from journeys.primitives.durations import Duration, parse_duration

USEFUL_FOR, NOT_AGAIN, LONGEST_NOT_AGAIN = "P3D", "P7D", "P1Y"
DEFAULT_USEFUL_FOR, DEFAULT_NOT_AGAIN = parse_duration(USEFUL_FOR), parse_duration(NOT_AGAIN)
_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
#: The beginning of a year of 365 days, in which durations are compared.
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Send:
    """The occasion on which a piece is sent by itself.

    Attributes:
        delay: how long after the patient enters a state that shows it, or after the other piece is sent.
        after: the other piece; None: it counts from entry.
        at: the time of day where the patient lives, at the earliest; None: any time.
    """

    delay: Duration
    after: str | None = None
    at: time | None = None


class SendForm(FileForm):
    """The occasion on which a piece is sent by itself, `send`: one of `on` and `after`."""

    on = FormField(kinds.choice(("entry",), "entry"), "On entry into a state that shows the piece.")
    after = FormField(kinds.text(accepts="a piece"), "After this piece was sent.")
    delay = FormField(kinds.duration("P0D"), "How long after; at once unless given.")
    at_time = FormField(kinds.text(accepts='a time (`"09:00"`)'), "The local time of day at the earliest.", key="at")


def is_too_long(not_again: Duration) -> bool:
    """Whether it is longer than `LONGEST_NOT_AGAIN`."""
    return not_again.after(_YEAR) > parse_duration(LONGEST_NOT_AGAIN).after(_YEAR)


def read_send(shape: Shape, form: SendForm) -> Send:
    """The occasion that a form declares; mistakes are added to the problems of `shape`."""
    if sum(bool(form[field]) for field in (SendForm.on, SendForm.after) if field in form) != 1:
        shape.problem(form.mark, "'send' needs one of 'on' and 'after', and one only.")
    delay = parse_duration(form.delay)
    if delay.months < 0 or delay.rest.total_seconds() < 0:
        shape.problem(form.at(SendForm.delay), "'delay' of 'send' must be a duration without '-', such as P1D.")
    written = form.at_time
    match = _TIME.fullmatch(written)
    if written and match is None:
        shape.problem(form.at(SendForm.at_time), f"'at' of 'send' is '{written[:40]}'; write a time such as \"09:00\".")
    at = time(int(match[1]), int(match[2])) if match is not None else None
    return Send(delay, form.after or None, at)
