"""What `renamed` says is so: the new name is a state of this journey, the old one is not any more.

By it people who stand in the old state go on in the new one when they are moved to this release, with what surrounds it
and all inside. Both are full paths, `track.state`; a track can be renamed to a track.

Wrong: `renamed: {disease.follow_up: surveillance}` (the track is missing), or an old name that this journey still has.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import Subject
from journeys.primitives.problems import Problem, did_you_mean

ID = "renamed"


def check(subject: Subject) -> Iterator[Problem]:
    """Yields a problem for each name that is not as it should be."""
    journey = subject.journey
    states, tracks = journey.state_paths, tuple(journey.tracks)
    for rename in journey.renamed:
        of_tracks = "." not in rename.old
        if rename.new not in (tracks if of_tracks else states):
            kind = "track" if of_tracks else "state"
            hint = did_you_mean(rename.new, tracks if of_tracks else states)
            message = f"'{rename.new[:80]}' is not a {kind} of this journey; write it in full, with its track.{hint}"
            yield subject.problem(rename.new_mark, message)
        if rename.old in (*states, *tracks):
            message = f"'{rename.old}' is declared here, so it was not renamed; map it when people are moved."
            yield subject.problem(rename.mark, message)
