"""Files linted once a process: the shipped lung cancer journey takes ten seconds."""

from functools import lru_cache
from pathlib import Path

from journeys.authoring.lint import Linted, lint_files
from service.cli.files import Files
from tests.folders import CONTENT, DEFINITIONS, SAMPLES


@lru_cache
def linted(definition: Path, content: Path) -> Linted:
    return lint_files(definition, content)


def lint_shipped(journey: str) -> Linted:
    """A shipped journey with its pieces and problems."""
    return linted(DEFINITIONS / f"{journey}.yaml", CONTENT)


class LintedFiles(Files):
    """The author's files as commands read them, linted once."""

    def lint(self, definition: Path) -> Linted:
        return linted(definition, self.content)


SHIPPED = LintedFiles(DEFINITIONS, CONTENT)
SAMPLE = LintedFiles(SAMPLES / "definitions", SAMPLES / "content")
