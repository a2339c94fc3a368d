"""The addresses that open a file at a line in an author's editor. It opens nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from journeys.primitives.problems import did_you_mean

NO_EDITOR = "none"
DEFAULT_EDITOR = "vscode"
#: The addresses that editors register, with places for the file (absolute), the line and the column, from 1.
EDITORS: Mapping[str, str] = {
    "vscode": "vscode://file{file}:{line}:{column}",
    "vscodium": "vscodium://file{file}:{line}:{column}",
    "cursor": "cursor://file{file}:{line}:{column}",
    "zed": "zed://file{file}:{line}:{column}",
    "idea": "idea://open?file={file}&line={line}&column={column}",
    "pycharm": "pycharm://open?file={file}&line={line}&column={column}",
    "sublime": "subl://open?url=file://{file}&line={line}&column={column}",
    NO_EDITOR: "",
}
_PLACES = ("{file}", "{line}", "{column}")


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor by the pattern of its addresses; an empty pattern: no editor."""

    pattern: str

    def address(self, file: str, line: int = 1, column: int = 1) -> str:
        """The address of a place in a file; empty without an editor."""
        path = quote(str(Path(file).resolve()))
        return self.pattern.replace("{file}", path).replace("{line}", str(line)).replace("{column}", str(column))


def editor_named(name: str) -> Editor:
    """The editor of a name in `EDITORS`, or of a pattern of addresses with `{file}` in it.

    Raises:
        ValueError: the name is neither.
    """
    if name in EDITORS:
        return Editor(EDITORS[name])
    scheme, separator, rest = name.partition("://")
    if separator and scheme.isalnum() and scheme.lower() not in ("javascript", "data") and _PLACES[0] in rest:
        return Editor(name)
    accepted = ", ".join(EDITORS)
    raise ValueError(
        f"'{name}' is not an editor.{did_you_mean(name, EDITORS)} Accepted: {accepted}, or an address with {{file}}, "
        "{line} and {column} in it."
    )
