"""Files read once a process: the shipped lung cancer journey takes seconds."""

from functools import cache
from pathlib import Path

from journeys.authoring.lint import PLAY_RULES, Linted, lint_files
from journeys.definition.compiler import ReleasePlan, compile_journey
from journeys.definition.reading import read_journey
from service.cli.files import Files
from tests.folders import CONTENT, DEFINITIONS, SAMPLES


@cache
def read_once(definition: Path, content: Path) -> Linted:
    """A journey with its pieces, checked as far as it takes to play it."""
    return lint_files(definition, content, rules=PLAY_RULES)


def read_shipped(journey: str) -> Linted:
    """A shipped journey with its pieces; all its problems are the business of `make lint`."""
    return read_once(DEFINITIONS / f"{journey}.yaml", CONTENT)


@cache
def compile_shipped(journey: str) -> ReleasePlan:
    """The plan of a shipped journey, read without its pieces."""
    definition = DEFINITIONS / f"{journey}.yaml"
    read, problems = read_journey(definition.read_bytes(), str(definition))
    assert read is not None, problems
    return compile_journey(read)


class FilesReadOnce(Files):
    """The author's files as commands read them, once a process."""

    def read(self, definition: Path) -> Linted:
        return read_once(definition, self.content)


SHIPPED = FilesReadOnce(DEFINITIONS, CONTENT)
SAMPLE = FilesReadOnce(SAMPLES / "definitions", SAMPLES / "content")
