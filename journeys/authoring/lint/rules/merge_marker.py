"""No file contains the markers that a merge of two versions leaves: `<<<<<<<`, `|||||||`, `=======`, `>>>>>>>`.

Git writes them around the lines of both versions where it cannot decide. Patients would read both, one of them perhaps
outdated. A line is refused if it begins with seven or more of these characters, also behind a key or in quotes. Other
problems of the same file are not reported until the markers are gone.

Wrong: `<<<<<<< HEAD`. Right: the lines of one version, without markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from journeys.primitives.problems import Problem

ID = "merge-marker"
_MARKER = re.compile(
    r"""^[ \t]*(?:(?:[-*#]|[\w-]+:)[ \t]+)*["'`]?(<{7,}|>{7,}|\|{7,}|={7,}(?=["'`]?[ \t]*\r?$))(?=["'`\s]|$)""",
    re.MULTILINE,
)


def check(files: Mapping[str, str]) -> Iterator[Problem]:
    """Yields a problem for each marker."""
    for file, text in files.items():
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        for marker in _MARKER.finditer(lines):
            line = lines.count("\n", 0, marker.start(1)) + 1
            column = marker.start(1) - lines.rfind("\n", 0, marker.start(1))
            message = (
                f"'{marker[1][:7]}' is left from a merge of two versions; keep one version and remove the markers."
            )
            yield Problem(file, line, column, "error", ID, message)
