"""An entry names declared states, at most one in each track, and asks only facts that patients may report.

Patients answer the questions of an entry themselves when they join, so each fact in `asks` needs `patient` in its `by`.

Wrong: `state: disease.survelance`; `state: [disease.staging, disease.surveillance]`.
Right: `state: disease.surveillance`; `state: [disease.staging, support.low_mood]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean
from journeys.primitives.state_path import track_of

ID = "entry"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each wrong state and each fact that patients may not report."""
    journey = subject.journey
    for entry in journey.entries.values():
        seen: set[str] = set()
        for text in entry.states:
            full = journey.resolve_state(text.text)
            if full is None:
                hint = did_you_mean(text.text, journey.state_paths)
                yield subject.problem(text.mark, f"Unknown state '{text.text}' in the entry '{entry.name}'.{hint}")
                continue
            track = track_of(full)
            if track in seen:
                message = f"The entry '{entry.name}' names two states of the track '{track}'; only one is accepted."
                yield subject.problem(text.mark, message)
            seen.add(track)
        for ask in entry.asks:
            fact = journey.facts.get(ask.text)
            if fact is not None and "patient" not in fact.by:
                message = (
                    f"The entry '{entry.name}' asks '{ask.text}', which patients may not report. "
                    "Add 'patient' to the 'by' of the fact."
                )
                yield subject.problem(ask.mark, message)
