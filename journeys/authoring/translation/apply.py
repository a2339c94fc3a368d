"""Writing a translation into the files of a journey: all of it, or nothing and the reasons."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from journeys.authoring.translation.edits import Edit, edited, entry_of, line_break_of, text_of
from journeys.authoring.translation.journey_files import JourneyFiles
from journeys.authoring.translation.markdown_file import KEY, MARK, read_markdown
from journeys.authoring.translation.protected import difference
from journeys.authoring.translation.rows import Row, TranslationFile
from journeys.authoring.translation.units import Unit, units_of
from journeys.content.catalogue.sources import PARTIALS

_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A unit that cannot be written, by its id, and the reason; without an id it is about the file."""

    id: str
    reason: str

    def __str__(self) -> str:
        return f"{self.id}: {self.reason}" if self.id else self.reason


@dataclass(frozen=True, slots=True)
class Applied:
    """The changed files by name, and how many texts were written; no files where a unit is refused."""

    files: Mapping[str, bytes]
    written: int
    refusals: tuple[Refusal, ...]


def apply_translation(files: JourneyFiles, translation: TranslationFile) -> Applied:
    """The files of a journey with a translation; what has no translation stays, and so does every other byte.

    A unit is refused where its source has changed since the export, where it does not keep a value, a tag, a footnote
    or the target of a link, and where the journey has no such unit.
    """
    if refusal := _of_another(files, translation):
        return Applied({}, 0, (refusal,))
    units = {unit.id: unit for unit in units_of(files, translation.locale)}
    rows = [row for row in translation.rows if row.is_translated]
    refusals = [Refusal(row.id, reason) for row in rows for reason in _mistakes(units.get(row.id), row)]
    if refusals:
        return Applied({}, 0, tuple(refusals))
    changed = {row.id: row.target for row in rows if row.target != units[row.id].target}
    edits: dict[str, list[Edit]] = defaultdict(list)
    for id_, target in changed.items():
        unit = units[id_]
        edits[unit.file].append(unit.edit(target, text_of(files.files[unit.file])))
    done = {row.id for row in rows}
    waiting = {unit.file for unit in units.values() if unit.target is None and unit.id not in done}
    for file in {unit.file for unit in units.values()} - waiting:
        if (edit := _without_mark(files, file)) is not None:
            edits[file].append(edit)
    result = {file: edited(files.files[file], file_edits) for file, file_edits in edits.items()}
    refusals = list(_misread(files, result, units.values(), translation.locale, changed)) if result else []
    return Applied({}, 0, tuple(refusals)) if refusals else Applied(result, len(changed), ())


def _of_another(files: JourneyFiles, translation: TranslationFile) -> Refusal | None:
    journey = files.journey
    if translation.journey != journey.key:
        return Refusal("", f"The file is of the journey '{translation.journey[:80]}', not of '{journey.key}'.")
    if translation.source_locale != files.first_locale or translation.locale not in journey.locales[1:]:
        accepted = ", ".join(f"{files.first_locale} to {locale}" for locale in journey.locales[1:]) or "none"
        languages = f"'{translation.source_locale[:40]}' to '{translation.locale[:40]}'"
        return Refusal("", f"The file is from {languages}; translations of '{journey.key}' are {accepted}.")
    return None


def _mistakes(unit: Unit | None, row: Row) -> Iterator[str]:
    """The reasons to refuse a row; a translation that is in the files already is as right as they are."""
    if unit is None:
        yield "The journey has no such text; export it again."
    elif row.source != unit.source:
        yield "The source has changed since the export; export it again, and translate the new text."
    elif row.target != unit.target:
        if kept := difference(unit.source, row.target):
            yield f"The translation does not keep the same values, tags, footnotes and links; {kept}."
        if (character := _UNWRITABLE.search(row.target)) is not None:
            yield f"The character U+{ord(character[0]):04X} is not accepted; remove it."
        if unit.is_paragraph and (_EMPTY_LINE.search(row.target) or row.target != row.target.strip("\n")):
            yield "The translation has an empty line; a paragraph is translated by one paragraph."
        if not unit.place.is_yaml and row.target.startswith(MARK):
            yield f"The translation begins with '{MARK.strip()}', the mark of texts that wait; remove it."


def _without_mark(files: JourneyFiles, file: str) -> Edit | None:
    """The edit that takes the mark of a Markdown file away; None where there is none."""
    if not file.endswith(".md"):
        return None
    markdown = read_markdown(files.files[file], is_partial=file.startswith(f"{files.folder}/{PARTIALS}/"))
    if markdown is None or not markdown.waits:
        return None
    if markdown.front is None:
        return Edit(0, len(MARK), "")
    entry = entry_of(markdown.front, KEY)
    assert entry is not None
    start = markdown.front_start + entry[0].start_mark.index
    end = markdown.text.index(line_break_of(markdown.text), start) + len(line_break_of(markdown.text))
    return Edit(start, end, "")


def _misread(
    files: JourneyFiles, result: Mapping[str, bytes], units: Iterable[Unit], locale: str, changed: Mapping[str, str]
) -> Iterator[Refusal]:
    """What would not be read back as it was written, although each edit looked right."""
    again, problems = files.changed(result)
    if again is None:
        yield from (
            Refusal("", f"The files could not be read after this translation: {problem}") for problem in problems
        )
        return
    read_back = {unit.id: unit.target for unit in units_of(again, locale)}
    for unit in units:
        expected = changed.get(unit.id, unit.target)
        actual = read_back.get(unit.id)
        if actual != expected and not (expected is None and actual == unit.source):
            yield Refusal(unit.id, "This text cannot be written at its place; write it into the file by hand.")
