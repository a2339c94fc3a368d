"""An entry names states that exist, at most one a track, and asks facts that patients may tell.

Wrong: `state: disease.survelance`; `state: [disease.staging, disease.surveillance]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem, did_you_mean

ID = "entry"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each entry that leads nowhere, or to two places."""
    journey = subject.journey
    for entry in journey.entries.values():
        seen: set[str] = set()
        for text in entry.states:
            full = journey.resolve_state(text.text)
            if full is None:
                hint = did_you_mean(text.text, journey.state_paths)
                yield subject.problem(text.mark, f"'{text.text}' of the entry '{entry.name}' is not a state.{hint}")
                continue
            track = full.partition(".")[0]
            if track in seen:
                message = f"The entry '{entry.name}' names two states of the track '{track}'; one is accepted."
                yield subject.problem(text.mark, message)
            seen.add(track)
        for ask in entry.asks:
            fact = journey.facts.get(ask.text)
            if fact is not None and "patient" not in fact.by:
                message = f"The entry '{entry.name}' asks '{ask.text}', which a patient may not tell."
                yield subject.problem(ask.mark, message)
