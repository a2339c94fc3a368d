"""Patients in treatment find a number that is answered at night, and patients in hospice the number of their hospice.

A journey with a state tagged `in_treatment` declares the programme value `after_hours_phone`, one with a state tagged
`hospice` the value `hospice_phone`, both of type `phone`. In each of these states a piece shows the number outside
every `if`, or calls it with its button.

Wrong: a state with `tags: [in_treatment]`, and only the number of a clinic that closes at five.
Right: `after_hours_phone: {type: phone, …}` under `programme`, and a piece with `{{ programme.after_hours_phone }}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import prints_value
from journeys.definition.model import StateDefinition, Track
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import chain_of

ID = "missing-safety-phone"
_PHONES = {"in_treatment": "after_hours_phone", "hospice": "hospice_phone"}


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each tagged state without its number."""
    for track, state in subject.states():
        for tag in state.tags:
            phone = _PHONES.get(tag)
            if phone is None:
                continue
            declared = subject.journey.programme.get(phone)
            if declared is None or declared.kind != "phone":
                message = (
                    f"'{state.path}' is tagged '{tag}', so 'programme' needs '{phone}' of type phone: "
                    "a number that is answered at any hour."
                )
                yield subject.problem(state.mark, message)
            elif not _is_shown(subject, track, state, phone):
                message = f"'{state.path}' is tagged '{tag}', but no piece in it always shows 'programme.{phone}'."
                yield subject.problem(state.mark, message)


def _is_shown(subject: LintSubject, track: Track, state: StateDefinition, phone: str) -> bool:
    if subject.pieces is None or len(subject.pieces) < len(subject.sources):
        return True  # a piece with errors may be the one
    around = set(chain_of(f"{track.name}.{state.path}"))
    shown = (piece for piece in subject.pieces.values() if not piece.is_reminder and around.intersection(piece.states))
    return any(prints_value(piece, phone) for piece in shown)
