"""A further language of a journey: every text as a copy of the first language, marked as waiting for translation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from journeys.authoring.translation.edits import (
    Edit,
    compose,
    edited,
    entry_of,
    in_quotes,
    line_break_of,
    new_entry,
    new_item,
    text_of,
)
from journeys.authoring.translation.journey_files import JourneyFiles
from journeys.authoring.translation.markdown_file import KEY, MARK, read_markdown
from journeys.authoring.translation.units import has_words, mappings_of
from journeys.content.catalogue import text_without_block
from journeys.definition.reading.journey import JourneyForm
from journeys.primitives.problems import Problem


def with_locale(files: JourneyFiles, locale: str) -> tuple[dict[str, bytes] | None, list[Problem]]:
    """The changed and new files by name, or None and the problems.

    Texts and files that exist in the locale already stay as they are, so it adds what is missing, and nothing twice.
    """
    edits: dict[str, list[Edit]] = defaultdict(list)
    if locale not in files.journey.locales:
        text = text_of(files.files[files.definition])
        locales = entry_of(compose(text), JourneyForm.locales.key)  # type: ignore[arg-type] # JourneyForm has read it
        assert locales is not None
        edits[files.definition].append(new_item(text, locales[1], locale))
    for name in files.titles:
        text = text_of(files.files[name])
        for _, _, titles, node in mappings_of(files, name):
            if locale not in titles:
                place, before = new_entry(text, node, locale)
                copy = in_quotes(MARK + titles[files.first_locale])
                edits[name].append(Edit(place, place, before + copy))
    result = {name: edited(files.files[name], file_edits) for name, file_edits in edits.items()}
    result |= dict(_copies(files, locale))
    again, problems = files.changed(result)
    return (result, []) if again is not None else (None, problems)


def _copies(files: JourneyFiles, locale: str) -> Iterator[tuple[str, bytes]]:
    """A copy of each Markdown file that has none in the locale, marked where it has anything to translate."""
    for name, place, is_partial in files.markdown(files.first_locale):
        copy = files.named(place, locale, is_partial=is_partial)
        data = files.files[name] if is_partial else text_without_block(files.files[name])
        source = read_markdown(data, is_partial=is_partial)
        if copy in files.files or source is None:
            continue
        if source.front is not None:
            mark = Edit(source.front_start, source.front_start, f"{KEY}: true{line_break_of(source.text)}")
            yield copy, edited(data, [mark])
        else:
            yield copy, edited(data, [Edit(0, 0, MARK)] if has_words(source.text) else [])
