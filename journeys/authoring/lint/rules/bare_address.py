"""The address of a source leads to a page, not to the front page of a site, so that a reviewer can check the fact.

An address without a path and without a query is refused. A source that is not on the web has no `url`.

Wrong: `url: "https://www.cancer.gov"`.
Right: `url: "https://www.cancer.gov/types/lung/patient/non-small-cell-lung-treatment-pdq"`.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from journeys.authoring.lint.subject import LintSubject
from journeys.primitives.problems import Problem

ID = "bare-address"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each source whose address names a site alone."""
    for piece in (subject.pieces or {}).values():
        for reference in piece.references.values():
            address = urlsplit(reference.url)
            if reference.url and not address.path.strip("/") and not address.query:
                message = (
                    f"The source '{reference.id}' leads to the front page of '{address.hostname}'; "
                    "link the page that states the fact."
                )
                yield subject.problem_in_text(subject.position_in_shared(piece, reference.url), message)
