"""Every declared property holds for every patient: decided over all configurations that can be reached.

Looked at once nothing else is wrong, and as far as it is decided quickly; `journeys prove` says more, and gives the way
of a patient for whom it does not hold as a story. What can be neither proven nor broken is a warning.

Wrong: `never: {content_tag: hospice, unless: "in_state('disease.hospice')"}` where such a piece is shown elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.analysis.proofs import Prover
from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Catalogue
from journeys.definition.conditions import ConditionError
from journeys.engine.machine import make_release
from journeys.primitives.problems import Problem

ID = "broken-property"
NEEDS_NO_ERRORS = True

_QUICKLY = 5_000
#: How many configurations are gone through for each property.


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each property that is broken, and a warning for each that is not proven."""
    journey, pieces = subject.journey, subject.pieces
    if not journey.properties or pieces is None or len(pieces) < len(subject.sources):
        return
    try:
        release = make_release(journey)
    except (ConditionError, KeyError, ValueError, AssertionError):
        return  # its shape is wrong, and that was said when it was read
    prover = Prover(release, Catalogue(release.plan, pieces), limit=_QUICKLY)
    for declared in journey.properties:
        verdict = prover.property(declared)
        if verdict.result == "broken":
            yield subject.problem(declared.mark, f"Broken: {verdict.claim}. {verdict.reason}")
        elif verdict.result == "not proven":
            yield subject.problem(declared.mark, f"Not proven: {verdict.claim}. {verdict.reason}", "warning")
