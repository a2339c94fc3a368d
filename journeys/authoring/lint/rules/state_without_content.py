"""Every state in which a patient can be shows at least one piece.

A piece in the folder of a state around it counts. A piece with a `when` does not count, because it may be hidden. The
rule skips tracks without any piece. Where a state deliberately shows nothing, give the reason in the state or in a
state around it: `no_content: "they read nothing here, because …"`.

Wrong: a state without a piece and without `no_content`. Right: a piece without `when` in the folder of the state.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import Subject
from journeys.content.catalogue import PieceSource
from journeys.primitives.problems import Problem

ID = "state-without-content"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each leaf state that may show nothing."""
    if subject.pieces is None:
        return
    lasting = [piece for piece in subject.pieces.values() if piece.when is None and not piece.is_reminder]
    shown = {state for piece in lasting for state in piece.states}
    shown |= {_folder(source) for source in subject.sources if source.key not in subject.pieces}
    with_content = {state.partition(".")[0] for piece in subject.pieces.values() for state in piece.states}
    for track, state in subject.states():
        if state.children or track.name not in with_content:
            continue
        parts = f"{track.name}.{state.path}".split(".")
        around = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
        silent = any(track.states[".".join(parts[1:end])].no_content for end in range(2, len(parts) + 1))
        if not around & shown and not silent:
            folder = f"content/{subject.journey.key}/{'/'.join(parts)}/<piece>/"
            message = (
                f"'{state.path}' may show no piece; add one without 'when' in {folder}, "
                "or give the reason in 'no_content'."
            )
            yield subject.problem(state.mark, message)


def _folder(source: PieceSource) -> str:
    """The state to which the folder of a piece belongs."""
    return ".".join(source.place.split("/")[:-1])
