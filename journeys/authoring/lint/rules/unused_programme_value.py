"""Every value that programmes must set is used: by a contact, in a piece, or by an action that calls it.

This rule only warns, because a value may be declared for a piece that is not written yet.

Wrong: `programme: {ward_phone: …}` that nothing names. Right: `phone: ward_phone` in a contact, or no such value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "unused-programme-value"
_USE = re.compile(r"programme\.(\w+)")


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each unused value."""
    if subject.pieces is None:
        return
    used = {name.text for contact in subject.journey.contacts.values() for name in contact.parts.values()}
    used |= {
        piece.action.target
        for piece in subject.pieces.values()
        if piece.action is not None and piece.action.kind == "call"
    }
    for source in subject.sources:
        for data in (*source.files.values(), *source.partials.values()):
            used.update(_USE.findall(data.decode(errors="replace")))
    for name, value in subject.journey.programme.items():
        if name not in used:
            yield subject.problem(value.mark, f"The value '{name}' of the programme is not used.", "warning")
