"""No file contains characters that a reader does not see, or that change the order in which others are read.

A reviewer signs what is on the page; a direction override, a zero-width character or a tag makes patients, screen
readers or phones read something else. Refused in every file, comments too, also as an escape (`"\\u202e"`) or a
character reference (`&#x202e;`): format characters (Unicode Cf), control, private and unassigned characters, line and
paragraph separators, and letters without a shape. Accepted are the soft hyphen, ZWJ and ZWNJ behind a letter of a
script that joins letters (Arabic, Devanagari, …) or between two pictures, and variation selectors behind a character
that has variants.

Wrong: `title: Your sc[U+200B]an`. Right: `title: Your scan`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from journeys.primitives.characters import HiddenCharacter, hidden_characters
from journeys.primitives.problems import Problem

ID = "hidden-character"


def check(files: Mapping[str, str]) -> Iterator[Problem]:
    """Yields a problem for each run of hidden characters."""
    for file, text in files.items():
        if "\0" in text:  # what another encoding than UTF-8 looks like: every second character would be a problem
            before = text[: text.index("\0")]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            message = "The file contains a NUL character (U+0000). Save it as UTF-8 text."
            yield Problem(file, line, column, "error", ID, message)
            continue
        for hidden in hidden_characters(text):
            message = f"The hidden character {hidden.name}{_more(hidden)} is not accepted; remove it."
            yield Problem(file, hidden.line, hidden.column, "error", ID, message)


def _more(hidden: HiddenCharacter) -> str:
    return f" (and {hidden.followers} more behind it)" if hidden.followers else ""
