"""`journeys reading`: how hard the texts of a journey are to read, by piece, language and block."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import rich_click as click

from journeys.authoring.lint import readings_of
from journeys.authoring.readability import ALONE, GATE, TARGET, Judged, Reading
from journeys.content.catalogue import Piece
from journeys.primitives.problems import counted, did_you_mean
from service.cli.files import Files, refuse
from service.cli.options import content_option, definitions_option, format_option

_Readings = Sequence[tuple[Piece, Reading]]


@click.command()
@click.argument("journey")
@click.option("--piece", "pieces", multiple=True, help="A piece, with all its blocks; may be repeated.")
@format_option
@definitions_option
@content_option
def reading(journey: str, pieces: tuple[str, ...], form: str, definitions: str, content: str) -> None:
    """Say at which school grade each text reads, with the hardest sentences of what could be simpler.

    The aim is 6; above 8 lint refuses. Names that glossary.yaml leaves out are listed below, each with how often.

    Examples: `journeys reading nsclc`, `journeys reading nsclc --piece biomarkers --format json`
    """
    files = Files(Path(definitions), Path(content))
    linted = files.lint(files.definition(journey))
    if linted.catalogue is None or linted.plan is None:
        refuse(linted)
    known = linted.catalogue.pieces
    for key in pieces:
        if key not in known:
            raise click.UsageError(f"'{key}' is no piece of '{journey}'.{did_you_mean(key, known)}")
    found = [(piece, one) for piece, one in readings_of(linted) if not pieces or piece.key in pieces]
    if form == "json":
        click.echo(json.dumps([_as_json(piece, one) for piece, one in found], ensure_ascii=False, indent=1))
        return
    for line in (*_table(found), "", *_blocks(found, bool(pieces)), *_left_out(found)):
        click.echo(line)
    judged = {one.locale for _, one in found}
    for locale in linted.plan.journey.locales:
        if found and locale not in judged:
            click.echo(f"For '{locale}' there is no formula here, so its texts were not judged.", err=True)


def _table(found: _Readings) -> Iterator[str]:
    width = max((len(piece.key) for piece, _ in found), default=5)
    yield f"{'piece':{width}}  locale  words  grade  hardest block"
    for piece, one in found:
        whole = f"{one.whole.grade:.1f}" if one.whole is not None else "-"
        hardest = f"{one.hardest.grade:.1f}" if one.hardest is not None else "-"
        yield f"{piece.key:{width}}  {one.locale:6}  {one.count.words:5}  {whole:>5}  {hardest:>13}"


def _blocks(found: _Readings, all_of_them: bool) -> Iterator[str]:
    rows = [(piece, one) for piece, reading in found for one in reading.judged if all_of_them or one.is_above_target]
    if not all_of_them:
        rows.sort(key=lambda row: -row[1].grade)
        yield f"{counted(len(rows), 'block')} above {TARGET} (refused above {GATE}; judged from {ALONE} words on)"
    for _, one in rows:
        place = one.place_of_hardest.place
        kinds = ", ".join(dict.fromkeys(block.name or block.kind for block in one.blocks))
        sizes = f"{counted(one.count.words, 'word')} in {counted(len(one.count.sentences), 'sentence')}"
        yield f"{one.grade:5.1f}  {place.file}:{place.line}  {kinds}; {sizes}"
        yield from (f"       “{sentence.text}”" for sentence in one.hardest[:2])
    yield ""


def _left_out(found: _Readings) -> Iterator[str]:
    for locale in dict.fromkeys(one.locale for _, one in found):
        terms: Counter[str] = Counter()
        for _, one in found:
            if one.locale == locale:
                terms.update(one.count.exempted)
        named = ", ".join(f"{term} {number}" for term, number in sorted(terms.items(), key=lambda row: row[0].lower()))
        yield f"left out in {locale}: {named or 'nothing'}"


def _as_json(piece: Piece, reading: Reading) -> dict[str, Any]:
    return {
        "piece": piece.key,
        "locale": reading.locale,
        "formula": reading.formula,
        "words": reading.count.words,
        "grade": round(reading.whole.grade, 1) if reading.whole is not None else None,
        "blocks": [_judged_as_json(one) for one in reading.judged],
        "left_out": dict(sorted(reading.count.exempted.items())),
    }


def _judged_as_json(one: Judged) -> dict[str, Any]:
    return {
        "grade": round(one.grade, 1),
        "words": one.count.words,
        "sentences": len(one.count.sentences),
        "parts": [
            {"kind": part.name or part.kind, "file": part.place.file, "line": part.place.line, "text": part.text}
            for part in one.blocks
        ],
        "hardest": [sentence.text for sentence in one.hardest],
    }


COMMANDS = (reading,)
