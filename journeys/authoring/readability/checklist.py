"""The checklist that a reviewer confirms before signing, by language: the questions that only a person can answer.

The questions are in `checklists/<language>.yaml` and are read with this module. A signature keeps the id and the exact
words of each confirmed question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from journeys.definition.reading.forms import FileForm, FormField, map_of
from journeys.definition.reading.kinds import TEXT
from journeys.primitives.canonical import canonical


class ChecklistForm(FileForm):
    """The checklist in one language."""

    questions = FormField(map_of(TEXT, "by id: a question"), "The questions that a reviewer confirms.", required=True)


@dataclass(frozen=True, slots=True)
class Question:
    """One question; the expected answer is yes."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The questions in a language; `version` changes with any word of them."""

    language: str
    version: str
    questions: tuple[Question, ...]


def checklist(locale: str) -> Checklist:
    """The questions for texts of a locale, or the English questions if its language has none."""
    return _CHECKLISTS.get(locale.partition("-")[0], _CHECKLISTS["en"])


def _read_checklist(file: Traversable) -> Checklist:
    form, problems = ChecklistForm.read_file(file.read_bytes(), file.name, "the checklist")
    assert form is not None, problems
    entries = form.shape.entries(form.questions, "'questions'")
    questions = tuple(Question(key.text, form.shape.text(value, f"'{key.text}'")) for key, value in entries)
    assert not problems, problems
    version = hashlib.sha256(canonical([[question.id, question.text] for question in questions])).hexdigest()
    return Checklist(file.name.removesuffix(".yaml"), version, questions)


_CHECKLISTS = {
    read.language: read
    for read in map(_read_checklist, (files("journeys.authoring.readability") / "checklists").iterdir())
}
