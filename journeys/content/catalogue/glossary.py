"""Reads the glossary of a journey: the names that the reading grade leaves out, listed for everybody to see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from journeys.definition.model import Text
from journeys.definition.reading import Shape, read_tree
from journeys.definition.reading.forms import FileForm, FormField
from journeys.definition.reading.kinds import TEXTS
from journeys.primitives.characters import is_plain_line
from journeys.primitives.problems import Problem

RULE = "glossary"
_MOST = 80


class GlossaryForm(FileForm):
    """The glossary of a journey."""

    terms = FormField(TEXTS, "The names that the reading grade leaves out.", required=True)
    numbers = FormField(TEXTS, "Numbers with decimals that readers need.")


@dataclass(frozen=True)
class Glossary:
    """Names of drugs, procedures, tests, markers and services, in all languages of the journey.

    `numbers` are numbers with decimals that readers need exactly as a laboratory reports them (`6.5%`). A term matches
    only whole words. A term with a capital letter matches only this spelling (`MET` does not match `met`); any other
    term also matches in capitals.
    """

    terms: tuple[Text, ...] = ()
    numbers: tuple[Text, ...] = ()
    file: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The pattern that finds the terms, the longest first; None for an empty glossary."""
        if not self.terms:
            return None
        longest = sorted({term.text for term in self.terms}, key=lambda term: (-len(term), term))
        names = "|".join(re.escape(term) if term != term.lower() else f"(?i:{re.escape(term)})" for term in longest)
        return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])")

    def term_of(self, matched_text: str) -> str:
        """The listed term that matched a part of a text."""
        listed = {term.text for term in self.terms}
        return matched_text if matched_text in listed else matched_text.lower()


def read_glossary(data: bytes, file: str) -> tuple[Glossary, list[Problem]]:
    """The glossary of a file without its wrong entries, and every problem."""
    tree, problems = read_tree(data, file)
    if problems and tree is None:
        return Glossary(file=file), problems
    shape = Shape(file, RULE)
    form = GlossaryForm.read(shape, tree, "the glossary", is_file=True)
    terms, numbers = (tuple(_listed(shape, texts)) for texts in (form.terms, form.numbers))
    return Glossary(terms, numbers, file), [*problems, *shape.problems]


def _listed(shape: Shape, texts: Iterable[Text]) -> Iterator[Text]:
    seen: set[str] = set()
    for term in texts:
        if term.text in seen:
            shape.problem(term.mark, f"'{term.text[:80]}' is listed twice.")
        elif len(term.text) > _MOST or not is_plain_line(term.text) or term.text != " ".join(term.text.split()):
            shape.problem(term.mark, f"A term is one line of at most {_MOST} characters, with single blanks.")
        else:
            seen.add(term.text)
            yield term
