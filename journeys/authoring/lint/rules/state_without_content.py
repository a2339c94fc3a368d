"""Every state in which a patient can be shows at least one piece.

A piece in the folder of a state around it counts. A piece with a `when`, or one that a survey promises, does not count,
because it may be hidden. The rule skips tracks without any piece. Where a state deliberately shows nothing, give the
reason in the state or in a state around it: `no_content: "they read nothing here, because …"`.

Wrong: a state without a piece and without `no_content`. Right: a piece without `when` in the folder of the state.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import PieceSource
from journeys.primitives.problems import Problem
from journeys.primitives.state_path import chain_of, track_of

ID = "state-without-content"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each leaf state that may show nothing."""
    if subject.pieces is None:
        return
    promised = {
        survey.thanks.piece.text for survey in subject.journey.surveys.values() if survey.thanks.piece is not None
    }
    lasting = [
        piece
        for key, piece in subject.pieces.items()
        if piece.when is None and not piece.is_reminder and key not in promised
    ]
    shown = {state for piece in lasting for state in piece.states}
    shown |= {_folder(source) for source in subject.sources if source.key not in subject.pieces}
    with_content = {track_of(state) for piece in subject.pieces.values() for state in piece.states}
    for track, state in subject.states():
        if state.children or track.name not in with_content:
            continue
        full = f"{track.name}.{state.path}"
        is_silent = any(track.states[path].no_content for path in chain_of(state.path))
        if shown.isdisjoint(chain_of(full)) and not is_silent:
            folder = f"content/{subject.journey.key}/{full.replace('.', '/')}/<piece>/"
            message = (
                f"'{state.path}' may show no piece. Add a piece without 'when' in {folder}, "
                "or give the reason in 'no_content'."
            )
            yield subject.problem(state.mark, message)


def _folder(source: PieceSource) -> str:
    """The state to which the folder of a piece belongs."""
    return ".".join(source.place.split("/")[:-1])
