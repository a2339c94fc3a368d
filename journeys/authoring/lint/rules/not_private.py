"""A page that depends on the answer to a sensitive question is tagged `private`, or `shared`.

Patients share pages with caregivers by topic. Where the condition or the words of a page read a fact of a question that
is declared `sensitive`, the page gives the answer away; a page tagged `private` is shared with nobody. This is a
warning: where the page gives nothing away, because it is shown for other reasons too, tag it `shared`, which changes
nothing else.

Wrong: `when: drinks` in a piece without tags, where `drinks` has `ask: {…, sensitive: true}`. Right: `tags: [private]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import PRIVATE, Piece, sensitive_facts
from journeys.primitives.problems import Problem

ID = "not-private"
#: The tag of a page that reads a sensitive fact and gives nothing away.
SHARED = "shared"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a warning for each page that reads a sensitive fact and is not private."""
    sensitive = sensitive_facts(subject.journey)
    for piece in (subject.pieces or {}).values():
        names = sorted(sensitive & _read_by(piece))
        if piece.kind == "page" and names and not {PRIVATE, SHARED} & set(piece.tags):
            position = piece.positions.get("when") or subject.position_in_shared(piece, "purpose")
            message = (
                f"The page depends on the sensitive fact '{names[0]}'; write tags: [{PRIVATE}], or [{SHARED}] if "
                "it gives nothing away."
            )
            yield subject.problem_in_text(position, message, "warning")


def _read_by(piece: Piece) -> set[str]:
    read = set(piece.when.facts) if piece.when is not None else set()
    return read.union(*(text.body.facts for text in piece.texts.values()))
