"""`journeys reading`: the reading grades of the texts of a journey, by piece, language and block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import rich_click as click

from journeys.primitives.problems import counted, did_you_mean
from service.cli.files import Files, files_options, refuse
from service.cli.options import format_option
from service.cli.output import Writers

if TYPE_CHECKING:
    from journeys.authoring.readability import Judged, Reading, ShortTexts
    from journeys.content.catalogue import Piece


@dataclass(frozen=True, slots=True)
class ReadabilityReport:
    """The reading grades of pieces, of the short texts of each state, and of the questions in each language.

    `is_detailed` shows every block of the pieces and no states; `locales` are those of the journey.
    """

    readings: list[tuple[Piece, Reading]]
    short_texts: tuple[ShortTexts, ...]
    questions: tuple[Reading, ...]
    is_detailed: bool
    locales: tuple[str, ...]


@click.command()
@click.argument("journey")
@click.option("--piece", "pieces", multiple=True, help="A piece, with all its blocks; may be repeated.")
@format_option
@files_options
def reading(journey: str, pieces: tuple[str, ...], form: str, files: Files) -> None:
    """Show the school grade at which each text reads, with the hardest sentences of blocks above the aim.

    The titles, summaries, messages and buttons of each state are judged together, and so are short questions. The aim
    is grade 6; lint reports an error above grade 8. Names that glossary.yaml leaves out are listed with counts.

    Examples: `journeys reading nsclc`, `journeys reading nsclc --piece biomarkers --format json`
    """
    from journeys.authoring.lint import question_readings_of, readings_of

    linted = files.read(files.definition(journey))
    if linted.catalogue is None or linted.plan is None:
        refuse(linted)
    catalogue = linted.catalogue.pieces
    for key in pieces:
        if key not in catalogue:
            raise click.UsageError(f"Unknown piece '{key}' of '{journey}'.{did_you_mean(key, catalogue)}")
    every_reading, short_texts = readings_of(linted)
    readings = [(piece, reading) for piece, reading in every_reading if not pieces or piece.key in pieces]
    locales = tuple(linted.plan.journey.locales)
    questions = () if pieces else question_readings_of(linted)
    report = ReadabilityReport(readings, () if pieces else short_texts, questions, bool(pieces), locales)
    REPORT.write(report, form)


def _lines(report: ReadabilityReport) -> Iterator[str]:
    yield from _table(report)
    yield ""
    yield from _blocks(report)
    if report.short_texts:
        yield from _short_texts(report.short_texts)
    yield from _questions(report.questions)
    yield from _exempted_terms(report)


def _table(report: ReadabilityReport) -> Iterator[str]:
    width = max((len(piece.key) for piece, _ in report.readings), default=5)
    yield f"{'piece':{width}}  locale  words  grade  hardest block"
    for piece, reading in report.readings:
        grade = f"{reading.body.grade:.1f}" if reading.body is not None else "-"
        hardest = f"{reading.hardest.grade:.1f}" if reading.hardest is not None else "-"
        yield f"{piece.key:{width}}  {reading.locale:6}  {reading.count.words:5}  {grade:>5}  {hardest:>13}"


def _blocks(report: ReadabilityReport) -> Iterator[str]:
    from journeys.authoring.readability import ALONE, GATE, TARGET

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


def _short_texts(short_texts: Sequence[ShortTexts]) -> Iterator[str]:
    from journeys.authoring.readability import ALONE, MOST_SYLLABLES

    few = sum(short.grade is None for short in short_texts)
    yield "titles, summaries, messages and buttons of each state together"
    yield (
        f"{few} of {len(short_texts)} have fewer than {ALONE} words and no grade: "
        f"lint refuses words of more than {MOST_SYLLABLES} syllables in them"
    )
    width = max(len(short.place) for short in short_texts)
    yield f"{'state':{width}}  locale  words  grade  syllables a word  longest word"
    for short in short_texts:
        grade = f"{short.grade:.1f}" if short.grade is not None else "-"
        sizes = f"{short.count.words:5}  {grade:>5}  {short.syllables_a_word:16.2f}"
        yield f"{short.place:{width}}  {short.locale:6}  {sizes}  {short.longest.text} ({short.longest.syllables})"
    yield ""


def _questions(questions: Sequence[Reading]) -> Iterator[str]:
    if not questions:
        return
    yield "questions, each with its reason and help; short ones with their neighbors"
    for reading in questions:
        for block in reading.judged:
            names = ", ".join(part.name or part.kind for part in block.blocks)
            yield f"{block.grade:5.1f}  {reading.locale}  {names}; {counted(block.count.words, 'word')}"
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


def _short_texts_as_json(short: ShortTexts) -> dict[str, Any]:
    return {
        "state": short.place,
        "locale": short.locale,
        "words": short.count.words,
        "grade": round(short.grade, 1) if short.grade is not None else None,
        "syllables_a_word": round(short.syllables_a_word, 2),
        "longest_word": {"text": short.longest.text, "syllables": short.longest.syllables},
    }


REPORT: Writers[ReadabilityReport] = Writers(
    as_text=_lines,
    as_json=lambda report: {
        "pieces": [_reading_as_json(piece, reading) for piece, reading in report.readings],
        "short_texts": [_short_texts_as_json(short) for short in report.short_texts],
        "questions": [
            {"locale": reading.locale, **_block_as_json(block)}
            for reading in report.questions
            for block in reading.judged
        ],
    },
    notes=_locales_without_formula,
    indent=1,
)


COMMANDS = (reading,)
