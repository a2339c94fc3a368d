"""What an author writes for a journey of twelve states and twelve pieces in each layout, and two figures of the tools.

`python -m benchmarks.authoring` counts files and lines, seconds and megabytes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.database import ROOT
from journeys.authoring.lint import lint_files
from journeys.authoring.patterns import patterns
from journeys.authoring.translation import read_journey_files, with_locale
from journeys.content.catalogue import read_sources

STATES = (
    *("referred", "being_tested", "diagnosed", "being_planned", "before_surgery", "after_surgery"),
    *("in_chemotherapy", "in_radiotherapy", "recovering", "in_follow_up", "came_back", "in_hospice"),
)
REMINDER = "visit-soon"
STARTS = 5


def made(folder: Path) -> Path:
    """A journey of these states with a page for each, in two languages; its folder of content."""
    files = patterns()["course"].files("care", "Care", STATES)
    for name, text in files.items():
        if REMINDER not in name:  # the pages alone: twelve
            lines = [line for line in text.splitlines(keepends=True) if "after:" not in line and REMINDER not in line]
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(lines))
    journey, _ = read_journey_files(folder / "definitions/care.yaml", folder / "content")
    assert journey is not None
    changed, _ = with_locale(journey, "es")
    for name, data in (changed or {}).items():
        Path(name).write_bytes(data)
    linted = lint_files(folder / "definitions/care.yaml", folder / "content")
    assert len(linted.sources) == len(STATES)
    assert {problem.rule for problem in linted.problems} <= {"translation"}
    return folder / "content/care"


def counted(texts: Iterable[bytes]) -> tuple[int, int]:
    """The number of files and of lines."""
    lines = [text.count(b"\n") for text in texts]
    return len(lines), sum(lines)


def count() -> dict[str, tuple[int, int]]:
    """Files and lines of the pieces, by layout and languages."""
    with tempfile.TemporaryDirectory() as name:
        sources, _, _ = read_sources(made(Path(name)))
    result = {}
    for languages, left_out in (("one language", "es.md"), ("two languages", "")):
        for layout in ("piece.yaml beside the texts", "one file a language"):
            files = (source.files if layout.startswith("piece") else source.written for source in sources)
            result[f"{languages}, {layout}"] = counted(
                data for texts in files for file, data in texts.items() if file != left_out
            )
    return result


def seconds_of_help() -> float:
    """The quickest of some starts of `journeys --help`, in seconds."""
    command = [sys.executable, "-c", "from service.cli import main; main(['--help'])"]
    taken = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def megabytes(folder: Path) -> float:
    """The size of all files of a folder, in megabytes of 1,000,000 bytes."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> int:
    print(f"{len(STATES)} states, {len(STATES)} pieces: files and lines of the pieces\n")
    print("| layout | files | lines |\n|---|---|---|")
    for layout, (files, lines) in count().items():
        print(f"| {layout} | {files} | {lines} |")
    print(f"\njourneys --help: {seconds_of_help():.2f} s, the quickest of {STARTS}")
    venv = (ROOT / ".venv").resolve()
    if venv.is_dir():
        tests = (venv / ".installed").exists() and any(venv.glob("lib/*/site-packages/playwright"))
        contents = "with what tests need; make demo alone installs less" if tests else "as make demo installs it"
        print(f".venv: {megabytes(venv):,.0f} MB, {contents}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
