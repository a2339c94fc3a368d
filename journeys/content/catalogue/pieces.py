"""Reads a piece and checks it against a release: the shared properties, and one text for each locale."""

from __future__ import annotations

from dataclasses import replace

from journeys.content.catalogue.piece import (
    RULE,
    Piece,
    PieceText,
)
from journeys.content.catalogue.piece_block import KEY as BLOCK
from journeys.content.catalogue.piece_reader import PieceReader
from journeys.content.catalogue.sources import PieceSource, locales_of
from journeys.content.catalogue.text_reader import LocaleReader
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import Mark
from journeys.primitives.problems import Problem, did_you_mean, only_errors


def fits(source: PieceSource, plan: ReleasePlan, *, file: str = "") -> list[Problem]:
    """The problems that prevent a version from being shown under another release; empty if it fits."""
    return only_errors(read_piece(source, plan, file=file)[1])


def read_piece(source: PieceSource, plan: ReleasePlan, *, file: str = "") -> tuple[Piece | None, list[Problem]]:
    """The piece (None where it has errors) and every problem in its files.

    Args:
        source: the files.
        plan: the release that the files must fit.
        file: the folder that problems name in front of the place; by default `content/<journey>`.
    """
    folder = file or f"content/{plan.journey.key}"
    shared = PieceReader(folder, plan, source)
    piece = shared.read()
    texts: dict[str, PieceText] = {}
    notes: dict[str, set[str]] = {}
    declared = plan.journey.locales
    if source.block is not None and source.block.file != f"{declared[0]}.md":
        message = f"'{BLOCK}' belongs in {declared[0]}.md, the journey's first language; move it there."
        shared.problem(Mark(source.block.line), message)
    problems = list(shared.problems)
    for locale in declared:
        if f"{locale}.md" not in source.files:
            message = (
                f"The piece '{source.key}' has no {locale}.md; the journey declares the locales {', '.join(declared)}."
            )
            problems.append(Problem(f"{folder}/{source.place}/{locale}.md", 1, 1, "error", RULE, message))
            continue
        reader = LocaleReader(folder, source, locale, plan, piece)
        text = reader.read()
        problems += reader.problems
        notes[locale] = reader.notes
        if text is not None:
            texts[locale] = text
    for locale in locales_of(source):
        if locale not in declared:
            message = f"Unknown locale '{locale}'.{did_you_mean(locale, declared)}"
            problems.append(Problem(f"{folder}/{source.place}/{locale}.md", 1, 1, "error", RULE, message))
    problems += shared.check_notes(notes, piece)
    problems = sorted(set(problems))
    if only_errors(problems):
        return None, problems
    return replace(piece, texts=texts), problems
