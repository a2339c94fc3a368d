"""Every property that the journey declares holds for every patient, in all situations a patient can reach.

The rule runs only when the journey has no errors, and stops after a limited number of situations. A property that
could be neither proven nor broken in that limit is a warning. `journeys prove` searches further; for a broken property
it prints a story of a patient for whom the property fails.

Wrong: `never: {content_tag: hospice, unless: "in_state('disease.hospice')"}` where another state shows such a piece.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.analysis.proofs import PropertyProver
from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Catalogue
from journeys.definition.conditions import ConditionError
from journeys.engine.machine import make_release
from journeys.primitives.problems import Problem

ID = "broken-property"
NEEDS_NO_ERRORS = True

_QUICKLY = 5_000
#: The most configurations to search for each property.


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each broken property, and a warning for each that is not proven."""
    journey, pieces = subject.journey, subject.pieces
    if not journey.properties or pieces is None or len(pieces) < len(subject.sources):
        return
    try:
        release = make_release(journey)
    except (ConditionError, KeyError, ValueError, AssertionError):
        return  # the reader has already reported the wrong shape
    prover = PropertyProver(release, Catalogue(release.plan, pieces), limit=_QUICKLY)
    for declared in journey.properties:
        verdict = prover.property(declared)
        if verdict.result == "broken":
            yield subject.problem(declared.mark, f"Broken: {verdict.claim}. {verdict.reason}")
        elif verdict.result == "not proven":
            yield subject.problem(declared.mark, f"Not proven: {verdict.claim}. {verdict.reason}", "warning")
