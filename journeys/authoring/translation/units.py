"""The units of a translation: each text of a journey with its id, its source, its target and its place in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node

from journeys.authoring.translation.edits import (
    Edit,
    compose,
    end_of,
    entry_of,
    in_quotes,
    line_break_of,
    new_entry,
    text_of,
    unified,
    walk,
)
from journeys.authoring.translation.journey_files import JourneyFiles
from journeys.authoring.translation.markdown_file import MARK, MarkdownFile, read_markdown
from journeys.content.catalogue.front_matter import FrontMatterForm, LineField
from journeys.definition.model import Mark, Titles
from journeys.primitives.state_path import chain_of

LINES = tuple(field.key for field in FrontMatterForm.fields if isinstance(field, LineField))
WHOLE = "body"
#: The last part of the id of a body that is one unit.
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_UNUSUAL = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the target of a unit is written: the text before it, and whether it is a scalar of YAML."""

    start: int
    end: int
    before: str = ""
    is_yaml: bool = True


@dataclass(frozen=True, slots=True)
class Unit:
    r"""One text to translate; `source` and `target` have `\n` as their line break.

    `target` is None where the text waits for translation. `file` is the file of the target; `note` says where the text
    is shown. The id has only characters that XML accepts in a name token.
    """

    id: str
    file: str
    source: str
    target: str | None
    note: str
    place: Place

    @property
    def is_paragraph(self) -> bool:
        """Whether it is one block of lines of a Markdown file."""
        return not self.place.is_yaml and not self.id.endswith(f":{WHOLE}")

    def edit(self, target: str, text: str) -> Edit:
        """The edit that writes a target into the text of the file."""
        written = in_quotes(target) if self.place.is_yaml else target.replace("\n", line_break_of(text))
        return Edit(self.place.start, self.place.end, self.place.before + written)


def units_of(files: JourneyFiles, locale: str) -> tuple[Unit, ...]:
    """Every text of a journey that has a text in the first language, in the order of the files.

    A piece or a partial without a file in the locale has no units: `with_locale` adds the file.
    """
    units = [unit for name in files.titles for unit in _of_yaml(files, name, locale)]
    for name, place, is_partial in files.markdown(files.first_locale):
        units += _of_markdown(files, name, place, locale, is_partial=is_partial)
    return tuple(units)


def has_words(text: str) -> bool:
    """Whether there is anything to translate beside tags."""
    return any(character.isalnum() for character in _TAG.sub("", text))


def mappings_of(files: JourneyFiles, name: str) -> Iterator[tuple[str, str, Titles, MappingNode]]:
    """Each text by locale of a YAML file that has the first language: its key path, label, texts and node."""
    nodes = {_mark(node): (path, node) for path, node in walk(compose(text_of(files.files[name])))}
    for label, titles in files.titles[name]:
        if titles.mark in nodes and files.first_locale in titles:
            path, node = nodes[titles.mark]
            yield ".".join(map(_escaped, path)), label, titles, node


def _of_yaml(files: JourneyFiles, name: str, locale: str) -> Iterator[Unit]:
    text = text_of(files.files[name])
    kind = "definition" if name == files.definition else "programmes"
    for path, label, titles, node in mappings_of(files, name):
        target = titles.get(locale)
        yield Unit(
            f"{files.journey.key}:{kind}:{path}",
            name,
            unified(titles[files.first_locale]),
            None if target is None or target.startswith(MARK) else unified(target),
            label[:1].upper() + label[1:],
            _value(text, node, locale),
        )


def _of_markdown(files: JourneyFiles, name: str, place: str, locale: str, *, is_partial: bool) -> Iterator[Unit]:
    file = files.named(place, locale, is_partial=is_partial)
    if file not in files.files:
        return
    source = read_markdown(files.files[name], is_partial=is_partial)
    target = read_markdown(files.files[file], is_partial=is_partial)
    if source is None or target is None:
        return
    prefix = f"{files.journey.key}:{place.replace('/', ':')}"
    note = _note(files, source, place)
    if source.front is not None and target.front is not None:
        for key in LINES:
            entry, translated = entry_of(source.front, key), entry_of(target.front, key)
            if entry is None:
                continue
            line = unified(entry[1].value)
            found = unified(translated[1].value) if translated is not None else None
            found = None if target.waits and found == line else found
            where = _value(target.text[target.front_start : target.front_end], target.front, key, target.front_start)
            yield Unit(f"{prefix}:{key}", file, line, found, note, where)
    for part, block, span in _blocks(source, target):
        if has_words(block):
            written = unified(target.text[span[0] : span[1]])
            found = None if (target.waits and written == block) or not written else written
            yield Unit(f"{prefix}:{part}", file, block, found, note, Place(*span, is_yaml=False))


def _blocks(source: MarkdownFile, target: MarkdownFile) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """The paragraphs side by side; where their numbers differ, the body as a whole."""
    if len(source.paragraphs) == len(target.paragraphs):
        for number, ((start, end), span) in enumerate(zip(source.paragraphs, target.paragraphs, strict=True), start=1):
            yield f"p{number}", unified(source.text[start:end]), span
        return
    if source.paragraphs:
        body = unified(source.text[source.paragraphs[0][0] : source.paragraphs[-1][1]])
        ends = (len(target.text), len(target.text))
        span = (target.paragraphs[0][0], target.paragraphs[-1][1]) if target.paragraphs else ends
        yield WHOLE, body, span


def _value(text: str, node: MappingNode, key: str, first: int = 0) -> Place:
    """The place of a value in a mapping, whether it is there or not; `text` begins at `first` in its file."""
    entry = entry_of(node, key)
    if entry is not None:
        return Place(first + entry[1].start_mark.index, first + end_of(text, entry[1]))
    place, before = new_entry(text, node, key)
    return Place(first + place, first + place, before)


def _note(files: JourneyFiles, source: MarkdownFile, place: str) -> str:
    """The title of a piece, and of the state or track whose folder holds it."""
    entry = entry_of(source.front, "title") if source.front is not None else None
    track, *path = place.split("/")[:-1]
    titles = []
    if track in files.journey.tracks:
        states = files.journey.tracks[track].states
        titles = [
            states[state].title.get(files.first_locale, state) for state in chain_of(".".join(path)) if state in states
        ]
    where = titles[-1] if titles else "/".join((track, *path))
    return f"{entry[1].value} · {where}" if entry is not None else place


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _escaped(key: str) -> str:
    return _UNUSUAL.sub(lambda match: f"\u00b7{ord(match[0]):x}\u00b7", key)
