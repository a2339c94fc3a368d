"""The steps of a registration: which fields a page has, and which page comes next. Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from journeys.definition.registration import Style
from journeys.registration.fields import JoinField

#: The step that has every field.
ONE_PAGE = "questions"


@dataclass(frozen=True, slots=True)
class JoinStep:
    """A page with its fields; `name` is the end of its address."""

    name: str
    fields: tuple[JoinField, ...]


def steps_of(style: Style, fields: Sequence[JoinField]) -> tuple[JoinStep, ...]:
    """The steps of a style: one with every field, or one for each."""
    if style == "one-page":
        return (JoinStep(ONE_PAGE, tuple(fields)),)
    return tuple(JoinStep(field.name, (field,)) for field in fields)


def first_open(steps: Sequence[JoinStep], answered: Container[str]) -> JoinStep | None:
    """The first step with a field that has no answer; None where every field has one."""
    return next((step for step in steps if any(field.name not in answered for field in step.fields)), None)


def step_after(steps: Sequence[JoinStep], step: str, answered: Container[str]) -> JoinStep | None:
    """The step that comes after a step; None where it is the last, and every field has an answer.

    From the last step the way leads back to the first that is open: an address can be opened in any order.
    """
    names = [each.name for each in steps]
    following = names.index(step) + 1
    return steps[following] if following < len(steps) else first_open(steps, answered)
