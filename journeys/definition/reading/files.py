"""Reads the files of a folder of authors with bounds, and names those that are passed over."""

from __future__ import annotations

from pathlib import Path

from journeys.definition.reading.tree import MAX_BYTES
from journeys.primitives.files import UnreadableFile, read_bounded
from journeys.primitives.problems import Problem

RULE = "yaml"
#: What may follow a journey's key in the name of a file beside its definition.
COMPANIONS = ("programmes", "fhir", "sources")


def read_authored(path: Path) -> tuple[bytes | None, list[Problem]]:
    """The bytes of a YAML file, or None and the problem with a path that is not a regular file.

    Of a file that is too large there is one byte more than its parser accepts, so that the parser refuses it.
    """
    try:
        return read_bounded(path, MAX_BYTES), []
    except UnreadableFile as error:
        return None, [Problem(str(path), 1, 1, "error", RULE, str(error))]


def passed_over(folder: Path, *, has_companions: bool = True) -> list[Problem]:
    """A warning for each file of a folder that looks like YAML and is never read, by name.

    Args:
        folder: the folder; those within it are not looked at.
        has_companions: whether a second dot in a name must begin the name of a companion, as beside definitions.
    """
    problems = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        stem, suffix = path.name.removesuffix(path.suffix), path.suffix.lower()
        if path.name.startswith(".") or suffix not in (".yaml", ".yml"):
            continue
        _, dot, companion = stem.partition(".")
        if path.suffix != ".yaml":
            advice = f"Rename it to '{stem}.yaml'."
        elif dot and has_companions and companion not in COMPANIONS:
            names = ("<journey>.yaml", *(f"<journey>.{name}.yaml" for name in COMPANIONS))
            advice = f"Files here are {', '.join(names)}."
        else:
            continue
        problems.append(Problem(str(path), 1, 1, "warning", RULE, f"'{path.name}' is passed over. {advice}"))
    return problems
