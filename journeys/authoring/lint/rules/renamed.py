"""Each entry of `renamed` maps the name of a former state to a state of this journey.

A migration to this release moves patients from the former state to the new one, with the states around and inside it.
Both names are full paths, `track.state`; a track can be renamed to a track.

Wrong: `renamed: {disease.follow_up: surveillance}` (the track is missing), or a former name that the journey still has.
Right: `renamed: {disease.follow_up: disease.surveillance}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean

ID = "renamed"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each wrong name."""
    journey = subject.journey
    states, tracks = journey.state_paths, tuple(journey.tracks)
    for rename in journey.renamed:
        of_tracks = "." not in rename.old
        if rename.new not in (tracks if of_tracks else states):
            kind = "track" if of_tracks else "state"
            hint = did_you_mean(rename.new, tracks if of_tracks else states)
            message = f"Unknown {kind} '{rename.new[:80]}'. Write the full path with its track.{hint}"
            yield subject.problem(rename.new_mark, message)
        if rename.old in (*states, *tracks):
            message = f"'{rename.old}' is still declared, so it was not renamed; map it in the migration instead."
            yield subject.problem(rename.mark, message)
