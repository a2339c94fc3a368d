"""The words of a link name its destination: not "here", "click here" or "more", and not a bare address.

Patients who listen to a page may hear its links one after another, without the text around them (WCAG 2.4.4).
Telephone numbers and e-mail addresses are accepted as link text.

Wrong: `[here](https://…)`, `[más](https://…)`, `[https://example.org](https://example.org)`.
Right: `[How to prepare for a scan](https://…)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.readability import Link
from journeys.primitives.problems import Problem

ID = "link-text"
_SAYS_NOTHING = frozenset(
    {
        *("here", "click", "click here", "tap here", "press here", "this", "this link", "this page", "link", "page"),
        *("more", "read more", "learn more", "see more", "go", "website"),
        *("aquí", "acá", "clic aquí", "haga clic aquí", "haz clic aquí", "pulse aquí", "presione aquí", "toque aquí"),
        *("ver aquí", "este enlace", "enlace", "esta página", "página", "sitio web"),
        *("más", "ver más", "leer más", "lea más", "saber más", "más información"),
    }
)
_ADDRESS = re.compile(
    r"(https?://|www\.)\S*|[\w-]+(\.[\w-]+)*\.(com|org|net|gov|edu|int|io|info|es|mx|eu)(/\S*)?", re.I
)


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each link whose words do not name its destination."""
    for _, text in subject.texts:
        for block in text.blocks:
            for link in block.links:
                wrong = _wrong(link)
                if wrong:
                    yield subject.problem_in_text(block.position, f"{wrong}; name the destination.")


def _wrong(link: Link) -> str:
    words = link.text.strip(" .,:;!\u00a1\u2026\u203a\u00bb>\u2192").lower()
    if not words:
        return f"The link to '{link.target[:60]}' has no words"
    if words in _SAYS_NOTHING:
        return f"The link \u201c{link.text[:60]}\u201d does not say where it leads"
    if link.target.startswith("https:") and _ADDRESS.fullmatch(words):
        return f"The link \u201c{link.text[:60]}\u201d is a bare address"
    return ""
