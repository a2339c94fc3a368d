"""Reads the sources of rows beside a definition."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from journeys.authoring.lint.run import read_checked
from journeys.definition.compiler import ReleasePlan
from journeys.interop.rows import RowSource, read_row_sources
from journeys.primitives.problems import Problem

#: How the name of a file of sources ends, beside the definition of its journey.
SOURCES = ".sources.yaml"


@dataclass(frozen=True, slots=True)
class SourcesFile:
    """A file of sources without problems: its name, its bytes, and what it declares, by name."""

    file: str
    data: bytes
    sources: Mapping[str, RowSource]


def read_sources_beside(definition: str, plan: ReleasePlan) -> tuple[SourcesFile | None, list[Problem]]:
    """The sources beside a definition, checked against its compiled journey, and every problem.

    None where the journey has no such file, or where a problem of it is an error.
    """
    file = Path(definition.removesuffix(".yaml") + SOURCES)
    if not os.path.lexists(file):
        return None, []
    data, problems = read_checked(file)
    if data is None:
        return None, problems
    sources, source_problems = read_row_sources(data, str(file), plan)
    return SourcesFile(str(file), data, sources) if sources else None, [*problems, *source_problems]
