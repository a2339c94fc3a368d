"""Runs the rules over a journey and its content and returns every problem, sorted by position."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from journeys.authoring.lint.layout import as_written, files_of, in_authors_files
from journeys.authoring.lint.rules import FILE_RULES, RULES
from journeys.authoring.lint.rules.merge_marker import ID as MERGE_MARKER
from journeys.authoring.lint.shared import reported_once
from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.readability import Reading, ShortTexts
from journeys.authoring.translation import RULE as WAITING
from journeys.authoring.translation import waiting_texts, without_waiting
from journeys.content.catalogue import Catalogue, Glossary, Piece, PieceSource, read_glossary, read_piece, read_sources
from journeys.content.catalogue.sources import GLOSSARY
from journeys.definition.compiler import ReleasePlan, compile_journey
from journeys.definition.conditions import ConditionError
from journeys.definition.model import Journey
from journeys.definition.programmes import Programmes
from journeys.definition.reading import programmes_file, read_authored, read_journey, read_programmes
from journeys.primitives.problems import Problem, only_errors

#: Rules about pieces and programmes: the journey itself can be played in spite of their problems.
CONTENT_RULES = (
    *("no-programmes", "content", "piece", "template", "yaml", "reminders", "state-without-content", "broken-property"),
    *("glossary", "reading-grade", "main-message", "heading-order", "alternative-text", "link-text", "whole-numbers"),
    *(
        "code-block",
        "text-parts",
        "link-target",
        "merge-marker",
        "hidden-character",
        "lookalike-letter",
        "garbled-text",
        "foreign-tag",
        "bare-address",
        "same-order",
        "duplicate-text",
        "useful-for",
        "sent-after",
        "topics",
        "not-private",
        "missing-safety-phone",
        "question-without-why",
        "question-names-held",
        "crowded-entry",
        "needless-question",
        WAITING,
    ),
)
#: The rules whose problems keep a journey from being played.
PLAY_RULES = tuple(rule for rule in RULES if rule.ID not in CONTENT_RULES)


@dataclass(frozen=True, slots=True)
class Linted:
    """The parts of a journey that lint read, and every problem; `plan` and `catalogue` exist only if it compiled."""

    journey: Journey | None
    plan: ReleasePlan | None
    sources: tuple[PieceSource, ...]
    catalogue: Catalogue | None
    problems: tuple[Problem, ...]
    programmes: Programmes | None = None
    glossary: Glossary | None = None

    @property
    def is_publishable(self) -> bool:
        """Whether nothing stops publishing."""
        return self.plan is not None and not only_errors(self.problems_of_publishing)

    @property
    def problems_of_publishing(self) -> tuple[Problem, ...]:
        """The problems, each text that waits for translation among the errors: a copy is not for patients."""
        return tuple(
            replace(problem, level="error") if problem.rule == WAITING else problem for problem in self.problems
        )


def lint_journey(
    journey: Journey,
    pieces: Mapping[str, Piece] | None = None,
    sources: Sequence[PieceSource] = (),
    programmes: Programmes | None = None,
    plan: ReleasePlan | None = None,
    glossary: Glossary | None = None,
    *,
    rules: Sequence[ModuleType] = RULES,
) -> list[Problem]:
    """Every problem that the rules find in a journey whose shape was already checked.

    The words of the pieces are checked only with the `plan` that the pieces were read against.
    """
    subject = LintSubject(journey, pieces, sources, programmes, plan, glossary)
    problems: set[Problem] = set()
    for rule in rules:
        if not (getattr(rule, "NEEDS_NO_ERRORS", False) and only_errors(problems)):
            problems |= {replace(problem, rule=rule.ID) for problem in rule.check(subject)}
    return reported_once(problems, journey)


def check_files(files: Mapping[str, str]) -> list[Problem]:
    """Every problem that the rules about files as they are written find; `files` are texts by the name of the file."""
    return sorted({problem for rule in FILE_RULES for problem in rule.check(files)})


def read_checked(path: Path) -> tuple[bytes | None, list[Problem]]:
    """The bytes of a YAML file, and the problems of the file as it is written.

    None instead of bytes where the rest cannot be judged: the path is not a regular file, or a merge left its markers.
    """
    data, problems = read_authored(path)
    if data is None:
        return None, problems
    problems = check_files({str(path): _text_of(data)})
    markers = [problem for problem in problems if problem.rule == MERGE_MARKER]
    return (None, markers) if markers else (data, problems)


def lint_files(definition: Path, content: Path | None, *, rules: Sequence[ModuleType] = RULES) -> Linted:
    """Every problem of a definition, the programmes beside it, and the content of its journey.

    Args:
        definition: the YAML file.
        content: the folder with one folder of pieces for each journey, or None to skip the content.
        rules: the rules about what was read; `PLAY_RULES` take a tenth of the time of all.
    """
    files: dict[str, bytes] = {}
    linted = _lint(definition, content, files, rules)
    folder = f"{content}/{linted.journey.key}" if linted.journey is not None else ""
    in_files = check_files({file: _text_of(data) for file, data in files.items()})
    in_files = in_authors_files(in_files, folder, linted.sources) + _markers_in_refused(linted.problems, files)
    unmerged = {problem.file for problem in in_files if problem.rule == MERGE_MARKER}
    others = [problem for problem in (*linted.problems, *in_files) if problem.file not in unmerged]
    markers = [problem for problem in in_files if problem.rule == MERGE_MARKER]
    written = as_written(files, folder, linted.sources)
    waiting = waiting_texts({file: data for file, data in written.items() if file not in unmerged})
    return replace(linted, problems=tuple(without_waiting(sorted({*others, *markers}), waiting)))


def _markers_in_refused(problems: Iterable[Problem], files: Mapping[str, bytes]) -> list[Problem]:
    """The markers of merges in language files that were refused: a marker in the block of a piece breaks it apart."""
    refused = {problem.file for problem in problems if problem.file.endswith(".md") and problem.file not in files}
    texts = {}
    for file in refused:
        data, _ = read_authored(Path(file))
        if data is not None:
            texts[file] = _text_of(data)
    return [problem for problem in check_files(texts) if problem.rule == MERGE_MARKER]


def _similar_folder(missing: Path, definitions: Path) -> str:
    """A hint at a folder with nearly the same name that belongs to no journey, or an empty text."""
    folders = missing.parent.iterdir() if missing.parent.is_dir() else ()
    names = [
        folder.name for folder in folders if folder.is_dir() and not (definitions / f"{folder.name}.yaml").exists()
    ]
    near = difflib.get_close_matches(missing.name, names, n=1)
    return f" Rename '{near[0]}' to '{missing.name}'?" if near else ""


def _lint(definition: Path, content: Path | None, files: dict[str, bytes], rules: Sequence[ModuleType]) -> Linted:
    """As `lint_files`, with some rules, none of them about files; the files that were read are added to `files`."""
    data, problems = read_authored(definition)
    if data is None:
        return Linted(None, None, (), None, tuple(problems))
    files[str(definition)] = data
    journey, problems = read_journey(data, str(definition))
    if journey is None:
        return Linted(None, None, (), None, tuple(problems))
    programmes, piece_problems = _programmes(definition, files)
    problems = [*problems, *piece_problems]
    if content is None:
        problems += lint_journey(journey, programmes=programmes, rules=rules)
        plan = None if only_errors(problems) else compile_journey(journey)
        return Linted(journey, plan, (), None, tuple(sorted(problems)), programmes)
    folder = content / journey.key
    sources, partials, refused = read_sources(folder)
    files |= {f"{folder}/_partials/{name}": partial for name, partial in partials.items()}
    files |= files_of(str(folder), sources)
    problems += refused
    if not folder.is_dir():
        hint = _similar_folder(folder, definition.parent)
        message = f"The folder {folder} is missing, so patients of '{journey.key}' would see nothing.{hint}"
        problems.append(Problem(str(definition), journey.mark.line, journey.mark.column, "warning", "content", message))
    plan = _compiled(journey)
    pieces: dict[str, Piece] = {}
    for source in sources:
        if plan is None:
            break
        piece, piece_problems = read_piece(source, plan, file=str(folder))
        problems += piece_problems
        if source.key in pieces:
            file = str(folder / source.place / source.shared_file)
            message = f"The key '{source.key}' is already used by {pieces[source.key].place}. Keys must be unique."
            problems.append(Problem(file, 1, 1, "error", "piece", message))
        elif piece is not None:
            pieces[source.key] = piece
    glossary, piece_problems = _glossary(folder, files)
    problems += piece_problems
    problems += lint_journey(journey, pieces, sources, programmes, plan, glossary, rules=rules)
    catalogue = Catalogue(plan, pieces) if plan is not None else None
    return Linted(journey, plan, tuple(sources), catalogue, tuple(sorted(set(problems))), programmes, glossary)


def readings_of(linted: Linted) -> tuple[tuple[tuple[Piece, Reading], ...], tuple[ShortTexts, ...]]:
    """The reading grades of each text, by place and locale, and the short texts of states; none without content."""
    if linted.journey is None or linted.catalogue is None:
        return (), ()
    pieces = linted.catalogue.pieces
    subject = LintSubject(linted.journey, pieces, plan=linted.plan, glossary=linted.glossary)
    return subject.readings, subject.short_texts


def question_readings_of(linted: Linted) -> tuple[Reading, ...]:
    """The reading grades of the questions, one reading for each language."""
    if linted.journey is None:
        return ()
    subject = LintSubject(linted.journey, plan=linted.plan, glossary=linted.glossary)
    return tuple(reading for _, reading in subject.question_readings)


def _text_of(data: bytes) -> str:
    return data.decode(errors="ignore").removeprefix("\ufeff")


def _programmes(definition: Path, files: dict[str, bytes]) -> tuple[Programmes, list[Problem]]:
    """The programmes beside a definition; empty where the file is missing."""
    file = programmes_file(definition)
    if not os.path.lexists(file):
        return Programmes(str(file), exists=False), []
    data, problems = read_authored(file)
    if data is None:
        return Programmes(str(file), exists=False), problems
    files[str(file)] = data
    return read_programmes(data, str(file))


def _glossary(folder: Path, files: dict[str, bytes]) -> tuple[Glossary | None, list[Problem]]:
    """The glossary beside the pieces of a journey; None where the file is missing."""
    file = folder / GLOSSARY
    if not os.path.lexists(file):
        return None, []
    data, problems = read_authored(file)
    if data is None:
        return None, problems
    files[str(file)] = data
    return read_glossary(data, str(file))


def _compiled(journey: Journey) -> ReleasePlan | None:
    """The plan of a journey, or None if it does not compile; the rules report the reasons."""
    try:
        return compile_journey(journey)
    except (ConditionError, KeyError, ValueError, AssertionError):
        return None
