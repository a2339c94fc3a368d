"""The checklist that a reviewer confirms before signing, by language: the questions that only a person can answer.

The questions are in `checklists/<language>.yaml` and are read once. A signature keeps the id and the exact words of
each confirmed question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from journeys.definition.reading import Shape, read_tree
from journeys.primitives.canonical import canonical


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
    """The questions for texts of a locale, or the English questions if its language has none."""
    folder = files("journeys.authoring.readability") / "checklists"
    language = locale.partition("-")[0]
    file = folder / f"{language}.yaml"
    if not language.isalpha() or not file.is_file():
        language, file = "en", folder / "en.yaml"
    data = file.read_bytes()
    tree, problems = read_tree(data, file.name)
    shape = Shape(file.name)
    entries = shape.entries(shape.fields(tree, "the checklist", ("questions",)).get("questions"), "'questions'")
    questions = tuple(Question(key.text, shape.text(value, f"'{key.text}'")) for key, value in entries)
    assert not problems
    assert not shape.problems, shape.problems
    version = hashlib.sha256(canonical([[question.id, question.text] for question in questions])).hexdigest()
    return Checklist(language, version, questions)
