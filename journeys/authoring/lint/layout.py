"""The files of pieces for the rules about files: the same whichever layout the author chose, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from journeys.content.catalogue import PieceSource
from journeys.content.catalogue.sources import SHARED
from journeys.definition.model import Mark
from journeys.primitives.problems import Problem


def files_of(folder: str, sources: Iterable[PieceSource]) -> dict[str, bytes]:
    """The files of pieces by name: `piece.yaml` by itself, the texts without its block, and drawings."""
    files: dict[str, bytes] = {}
    for source in sources:
        drawings = {name: data for name, data in source.pictures.items() if name.endswith(".svg")}
        files |= {f"{folder}/{source.place}/{name}": data for name, data in {**source.files, **drawings}.items()}
    return files


def as_written(files: Mapping[str, bytes], folder: str, sources: Iterable[PieceSource]) -> dict[str, bytes]:
    """Those files as the author wrote them."""
    written = dict(files)
    for source in sources:
        if source.block is not None:
            written.pop(f"{folder}/{source.place}/{SHARED}", None)
            written[f"{folder}/{source.place}/{source.block.file}"] = source.block.written
    return written


def in_authors_files(problems: Iterable[Problem], folder: str, sources: Sequence[PieceSource]) -> list[Problem]:
    """The problems of `files_of`, each at its position in the file that the author wrote."""
    places = {f"{folder}/{source.place}": source for source in sources if source.block is not None}
    return [_placed(problem, places) for problem in problems]


def _placed(problem: Problem, places: Mapping[str, PieceSource]) -> Problem:
    place, _, name = problem.file.rpartition("/")
    source = places.get(place)
    if source is None:
        return problem
    if name == SHARED:
        mark = source.mark_of_shared(Mark(problem.line, problem.column))
        return replace(problem, file=f"{place}/{source.shared_file}", line=mark.line, column=mark.column)
    return replace(problem, line=source.line_of_text(name, problem.line))
