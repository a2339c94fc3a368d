"""When a piece is sent to patients by itself, how long it is worth sending, and how soon it may be sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from journeys.definition.reading import Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField
from journeys.primitives.durations import Duration, parse_duration

USEFUL_FOR, NOT_AGAIN, LONGEST_NOT_AGAIN = "P3D", "P7D", "P1Y"
DEFAULT_USEFUL_FOR, DEFAULT_NOT_AGAIN = parse_duration(USEFUL_FOR), parse_duration(NOT_AGAIN)
_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
#: The beginning of a year of 365 days, in which durations are compared.


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
    at_time = FormField(kinds.TIME_OF_DAY, "The local time of day at the earliest.", key="at")


def is_longer(duration: Duration, other: Duration) -> bool:
    """Whether a duration is longer than another, both counted from the first of January."""
    return duration.after(_YEAR) > other.after(_YEAR)


def read_send(shape: Shape, form: SendForm) -> Send:
    """The occasion that a form declares; mistakes are added to the problems of `shape`."""
    if sum(bool(form[field]) for field in (SendForm.on, SendForm.after) if field in form) != 1:
        shape.problem(form.mark, "'send' needs one of 'on' and 'after', and one only.")
    delay = parse_duration(form.delay)
    if delay.months < 0 or delay.rest.total_seconds() < 0:
        shape.problem(form.at(SendForm.delay), "'delay' of 'send' must be a duration without '-', such as P1D.")
    return Send(delay, form.after or None, form.at_time)
