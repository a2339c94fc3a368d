"""The sentences of a release, one by one, for a clinician: each with its sources, or to be confirmed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from journeys.content.catalogue import Reference
from journeys.primitives.sentences import sentences_of
from journeys.review.annotated import HEADING, AnnotatedPage

_CITED = re.compile(r"\[([0-9]+)\]")
_CITED_AFTER = re.compile(r"([.!?…]+)((?:\[[0-9]+\])+)")
_ITEM = re.compile(r"^(?:[-*•]|[0-9]+[.)])\s+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class SourcedSentence:
    """A sentence or an item of a list, once for all pages that have it.

    `pages` are the keys of the pieces, in their order. Without `sources` it rests on general knowledge.
    """

    text: str
    pages: tuple[str, ...]
    sources: tuple[Reference, ...]


def claims_of(pages: Iterable[AnnotatedPage]) -> tuple[SourcedSentence, ...]:
    """The sentences of the bodies of some pages in one language, in order; headings make no claims."""
    keys: dict[str, dict[str, None]] = {}
    sources: dict[str, dict[Reference, None]] = {}
    for page in pages:
        for sentence, numbers in _sentences(page):
            keys.setdefault(sentence, {})[page.key] = None
            cited = sources.setdefault(sentence, {})
            cited |= dict.fromkeys(page.references[number - 1] for number in numbers)
    return tuple(SourcedSentence(sentence, tuple(keys[sentence]), tuple(sources[sentence])) for sentence in keys)


def _sentences(page: AnnotatedPage) -> Iterator[tuple[str, list[int]]]:
    """Each sentence without its citations, and the numbers of the sources that it cites."""
    numbers = range(1, len(page.references) + 1)
    for paragraph in page.paragraphs:
        for line in paragraph.text.split("\n"):
            words = line.strip()
            if words.startswith(HEADING):
                continue
            for sentence in sentences_of(_CITED_AFTER.sub(r"\2\1", _ITEM.sub("", words))):
                # Brackets around another number are the author's own.
                cited = [int(number) for number in _CITED.findall(sentence) if int(number) in numbers]
                text = _CITED.sub(lambda match: "" if int(match[1]) in numbers else match[0], sentence).strip()
                if _LETTER.search(text):
                    yield text, cited
