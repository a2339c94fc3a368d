"""Each entry of `renamed` maps the name of a former state to a state of this journey.

A migration to this release moves patients from the former state to the new one, with the states around and inside it.
Both names are full paths, `track.state`; a track can be renamed to a track. A state whose parts are now in several
tracks has a list, with one state of each track.

Wrong: `renamed: {disease.follow_up: surveillance}` (the track is missing), or a former name that the journey still has.
Right: `renamed: {disease.follow_up: disease.surveillance}`, or `{disease.due: [disease.surveillance, scans.due]}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.definition.model import Rename
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.state_path import track_of

ID = "renamed"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each wrong name."""
    journey = subject.journey
    states, tracks = journey.state_paths, tuple(journey.tracks)
    renames: dict[tuple[str, str], Rename] = {}
    for rename in journey.renamed:
        of_tracks = "." not in rename.old
        track = "" if of_tracks else track_of(rename.new)
        other = renames.setdefault((rename.old, track), rename)
        if other is not rename:
            accepted = "A track has one new name" if of_tracks else f"A list takes one state of the track '{track}'"
            yield subject.problem(rename.new_mark, f"{accepted}; '{rename.old}' already has '{other.new[:80]}'.")
        if rename.new not in (tracks if of_tracks else states):
            kind = "track" if of_tracks else "state"
            hint = did_you_mean(rename.new, tracks if of_tracks else states)
            message = f"Unknown {kind} '{rename.new[:80]}'. Write the full path with its track.{hint}"
            yield subject.problem(rename.new_mark, message)
        if rename.old in (*states, *tracks):
            message = f"'{rename.old}' is still declared, so it was not renamed; map it in the migration instead."
            yield subject.problem(rename.mark, message)
