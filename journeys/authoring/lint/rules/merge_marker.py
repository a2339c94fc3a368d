"""No file contains the markers that a merge of two versions leaves: `<<<<<<<`, `|||||||`, `=======`, `>>>>>>>`.

Git writes them around the lines of both versions where it cannot decide. Patients would read both, one of them perhaps
outdated. Seven or more of `<`, `|` or `>` are refused anywhere; a line of `=` also behind a key or in quotes, or before
a label; and the lines that Jujutsu (`%%%%%%%`, `+++++++`) and Perforce (`==== THEIRS`) write. Other problems of the
same file are not reported until the markers are gone.

Wrong: `<<<<<<< HEAD`. Right: the lines of one version, without markers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from journeys.primitives.problems import Problem

ID = "merge-marker"
_MARKER = re.compile(
    r"""(<{7,}|>{7,}|\|{7,})|^[ \t]*(?:(?:[-*#]|[\w-]+:)[ \t]+)*["'`]?(={7,})(?=["'`]?[ \t]*$)"""
    r"""|^[ \t]*(={7,}|%{7,}|\+{7,})(?=[ \t]+\S)|^(>>>>(?= ORIGINAL| BASE)|====(?= THEIRS| YOURS| BOTH))""",
    re.MULTILINE,
)


def check(files: Mapping[str, str]) -> Iterator[Problem]:
    """Yields a problem for each marker."""
    for file, text in files.items():
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        for marker in _MARKER.finditer(lines):
            signs, start = marker[marker.lastindex or 0], marker.start(marker.lastindex or 0)
            line, column = lines.count("\n", 0, start) + 1, start - lines.rfind("\n", 0, start)
            message = f"'{signs[:7]}' is left from a merge of two versions; keep one version and remove the markers."
            yield Problem(file, line, column, "error", ID, message)
