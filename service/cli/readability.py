"""`journeys reading`: the reading grades of the texts of a journey, by piece, language and block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import rich_click as click

from journeys.authoring.lint import readings_of
from journeys.authoring.readability import ALONE, GATE, TARGET, Judged, Reading
from journeys.content.catalogue import Piece
from journeys.primitives.problems import counted, did_you_mean
from service.cli.files import Files, files_options, refuse
from service.cli.options import format_option
from service.cli.output import Writers


@dataclass(frozen=True, slots=True)
class ReadabilityReport:
    """The reading grades of pieces; `is_detailed` shows every block of them, `locales` are those of the journey."""

    readings: list[tuple[Piece, Reading]]
    is_detailed: bool
    locales: tuple[str, ...]


@click.command()
@click.argument("journey")
@click.option("--piece", "pieces", multiple=True, help="A piece, with all its blocks; may be repeated.")
@format_option
@files_options
def reading(journey: str, pieces: tuple[str, ...], form: str, files: Files) -> None:
    """Show the school grade at which each text reads, with the hardest sentences of blocks above the aim.

    The aim is grade 6; lint reports an error above grade 8. Names that glossary.yaml leaves out are listed with counts.

    Examples: `journeys reading nsclc`, `journeys reading nsclc --piece biomarkers --format json`
    """
    linted = files.read(files.definition(journey))
    if linted.catalogue is None or linted.plan is None:
        refuse(linted)
    catalogue = linted.catalogue.pieces
    for key in pieces:
        if key not in catalogue:
            raise click.UsageError(f"Unknown piece '{key}' of '{journey}'.{did_you_mean(key, catalogue)}")
    readings = [(piece, reading) for piece, reading in readings_of(linted) if not pieces or piece.key in pieces]
    REPORT.write(ReadabilityReport(readings, bool(pieces), tuple(linted.plan.journey.locales)), form)


def _lines(report: ReadabilityReport) -> Iterator[str]:
    yield from _table(report)
    yield ""
    yield from _blocks(report)
    yield from _exempted_terms(report)


def _table(report: ReadabilityReport) -> Iterator[str]:
    width = max((len(piece.key) for piece, _ in report.readings), default=5)
    yield f"{'piece':{width}}  locale  words  grade  hardest block"
    for piece, reading in report.readings:
        grade = f"{reading.body.grade:.1f}" if reading.body is not None else "-"
        hardest = f"{reading.hardest.grade:.1f}" if reading.hardest is not None else "-"
        yield f"{piece.key:{width}}  {reading.locale:6}  {reading.count.words:5}  {grade:>5}  {hardest:>13}"


def _blocks(report: ReadabilityReport) -> Iterator[str]:
    blocks = [block for _, reading in report.readings for block in reading.judged]
    if not report.is_detailed:
        blocks = sorted((block for block in blocks if block.is_above_target), key=lambda block: -block.grade)
        limits = f"lint refuses grades above {GATE}; blocks under {ALONE} words are not judged alone"
        yield f"{counted(len(blocks), 'block')} above {TARGET} ({limits})"
    for block in blocks:
        mark = block.block_of_hardest.position
        kinds = ", ".join(dict.fromkeys(part.name or part.kind for part in block.blocks))
        sizes = f"{counted(block.count.words, 'word')} in {counted(len(block.count.sentences), 'sentence')}"
        yield f"{block.grade:5.1f}  {mark.file}:{mark.line}  {kinds}; {sizes}"
        yield from (f"       “{sentence.text}”" for sentence in block.hardest[:2])
    yield ""


def _exempted_terms(report: ReadabilityReport) -> Iterator[str]:
    for locale in dict.fromkeys(reading.locale for _, reading in report.readings):
        terms: Counter[str] = Counter()
        for _, reading in report.readings:
            if reading.locale == locale:
                terms.update(reading.count.exempted)
        counts = ", ".join(f"{term} {count}" for term, count in sorted(terms.items(), key=lambda row: row[0].lower()))
        yield f"left out in {locale}: {counts or 'nothing'}"


def _locales_without_formula(report: ReadabilityReport) -> Iterator[str]:
    judged = {reading.locale for _, reading in report.readings}
    for locale in report.locales:
        if report.readings and locale not in judged:
            yield f"The texts in '{locale}' were not judged: no readability formula is available for this language."


def _reading_as_json(piece: Piece, reading: Reading) -> dict[str, Any]:
    return {
        "piece": piece.key,
        "locale": reading.locale,
        "formula": reading.formula,
        "words": reading.count.words,
        "grade": round(reading.body.grade, 1) if reading.body is not None else None,
        "blocks": [_block_as_json(block) for block in reading.judged],
        "left_out": dict(sorted(reading.count.exempted.items())),
    }


def _block_as_json(block: Judged) -> dict[str, Any]:
    return {
        "grade": round(block.grade, 1),
        "words": block.count.words,
        "sentences": len(block.count.sentences),
        "parts": [
            {"kind": part.name or part.kind, "file": part.position.file, "line": part.position.line, "text": part.text}
            for part in block.blocks
        ],
        "hardest": [sentence.text for sentence in block.hardest],
    }


REPORT = Writers[ReadabilityReport](
    as_text=_lines,
    as_json=lambda report: [_reading_as_json(piece, reading) for piece, reading in report.readings],
    notes=_locales_without_formula,
    indent=1,
)


COMMANDS = (reading,)
