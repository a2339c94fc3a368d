"""The files of a journey that hold texts of patients and staff, as bytes by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from journeys.content.catalogue import read_sources
from journeys.content.catalogue.sources import PARTIALS
from journeys.definition.model import Journey, Titles
from journeys.definition.reading import programmes_file, read_authored
from journeys.definition.reading.journey import JourneyForm
from journeys.definition.reading.programmes import ProgrammesForm
from journeys.primitives.problems import Problem, only_errors

LabelledTitles = tuple[str, Titles]


@dataclass(frozen=True)
class JourneyFiles:
    """A journey and its files.

    `definition` and `programmes` (empty where there is none) are names of files, `folder` is the folder of its pieces.
    `titles` are the texts by locale of both files, each with a label such as "'title' of the state 'booked'".
    """

    journey: Journey
    definition: str
    programmes: str
    folder: str
    files: Mapping[str, bytes]
    titles: Mapping[str, tuple[LabelledTitles, ...]]

    @property
    def first_locale(self) -> str:
        """The language that the others are translated from."""
        return self.journey.locales[0]

    def markdown(self, locale: str) -> Iterator[tuple[str, str, bool]]:
        """Each Markdown file of a locale: its name, its place without the locale, and whether it is a partial."""
        for name in sorted(self.files):
            if not name.startswith(f"{self.folder}/"):
                continue
            place, _, file = name.removeprefix(f"{self.folder}/").rpartition("/")
            if place == PARTIALS and file.endswith(f".{locale}.md"):
                yield name, f"{place}/{file.removesuffix(f'.{locale}.md')}", True
            elif place != PARTIALS and file == f"{locale}.md":
                yield name, place, False

    def named(self, place: str, locale: str, *, is_partial: bool) -> str:
        """The name of the file of a place in a locale."""
        return f"{self.folder}/{place}{'.' if is_partial else '/'}{locale}.md"

    def changed(self, files: Mapping[str, bytes]) -> tuple[JourneyFiles | None, list[Problem]]:
        """The journey with some files changed or added, read anew; None with the problems where it cannot be read."""
        return _read(replace(self, files={**self.files, **files}))


def read_journey_files(definition: Path, content: Path) -> tuple[JourneyFiles | None, list[Problem]]:
    """The files of a journey, or None and the problems that keep its texts from being found."""
    data, problems = read_authored(definition)
    if data is None:
        return None, problems
    files = {str(definition): data}
    programmes = programmes_file(definition)
    if os.path.lexists(programmes):
        data, problems = read_authored(programmes)
        if data is None:
            return None, problems
        files[str(programmes)] = data
    form, problems = JourneyForm.read_file(files[str(definition)], str(definition), "a journey")
    if form is None:
        return None, problems
    journey = form.build(str(definition), "")
    folder = content / journey.key
    sources, partials, problems = read_sources(folder)
    if only_errors(problems):
        return None, problems
    files |= {f"{folder}/{PARTIALS}/{name}": partial for name, partial in partials.items()}
    for source in sources:
        files |= {f"{folder}/{source.place}/{name}": text for name, text in source.written.items()}
    name = str(programmes) if str(programmes) in files else ""
    return _read(JourneyFiles(journey, str(definition), name, str(folder), files, {}))


def _read(files: JourneyFiles) -> tuple[JourneyFiles | None, list[Problem]]:
    form, problems = JourneyForm.read_file(files.files[files.definition], files.definition, "a journey")
    if form is None:
        return None, problems
    journey = form.build(files.definition, "")
    titles = {files.definition: tuple(form.shape.by_locale)}
    if files.programmes:
        data = files.files[files.programmes]
        programmes, more = ProgrammesForm.read_file(data, files.programmes, "a file of programmes")
        if programmes is not None:
            programmes.build()
            titles[files.programmes] = tuple(programmes.shape.by_locale)
        problems = [*problems, *more]
    if only_errors(problems):
        return None, problems
    return replace(files, journey=journey, titles=titles), []
