"""The checklist that a reviewer confirms before signing: questions that no machine can answer, by language.

The questions are in `checklists/<language>.yaml` and are read once. A signature keeps the id and the exact words of
each confirmed question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

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


@cache
def checklist(locale: str) -> Checklist:
    """The questions for texts of a locale; in English if its language has none."""
    folder = files("journeys.authoring.readability") / "checklists"
    language = locale.partition("-")[0]
    file = folder / f"{language}.yaml"
    if not language.isalpha() or not file.is_file():
        language, file = "en", folder / "en.yaml"
    data = file.read_bytes()
    form, problems = ChecklistForm.read_file(data, file.name, "the checklist")
    assert form is not None, problems
    entries = form.shape.entries(form.questions, "'questions'")
    questions = tuple(Question(key.text, form.shape.text(value, f"'{key.text}'")) for key, value in entries)
    assert not problems, problems
    version = hashlib.sha256(canonical([[question.id, question.text] for question in questions])).hexdigest()
    return Checklist(language, version, questions)
