"""The checklist that a reviewer confirms before signing, by language: the questions that only a person can answer.

The questions are in `checklists/<language>.yaml`. A signature keeps the id and the exact
words of each confirmed question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from journeys.content.catalogue import Piece
from journeys.definition.reading.forms import FileForm, FormField, map_of
from journeys.definition.reading.kinds import TEXT
from journeys.primitives.canonical import canonical


def _always(piece: Piece) -> bool:
    return True


def _has_picture(piece: Piece) -> bool:
    return piece.image is not None


def _is_about_the_illness(piece: Piece) -> bool:
    return piece.kind not in ("frame", "verification", "sign_in")


#: When a question applies, by its id; every other question applies to every piece. The words around a message and the
#: text with a code say nothing about an illness.
CONDITIONS: Mapping[str, Callable[[Piece], bool]] = {
    "picture": _has_picture,
    "terms": _is_about_the_illness,
    "risk": _is_about_the_illness,
    "unknown": _is_about_the_illness,
    "urgent": _is_about_the_illness,
}


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

    def about(self, piece: Piece) -> Checklist:
        """The checklist with only the questions that apply to a piece; its version is the same."""
        applying = (question for question in self.questions if CONDITIONS.get(question.id, _always)(piece))
        return replace(self, questions=tuple(applying))


def checklist(locale: str) -> Checklist:
    """The questions for texts of a locale, or the English questions if its language has none."""
    by_language = _CHECKLISTS.by_language
    return by_language.get(locale.partition("-")[0], by_language["en"])


def _read_checklist(file: Traversable) -> Checklist:
    form, problems = ChecklistForm.read_file(file.read_bytes(), file.name, "the checklist")
    assert form is not None, problems
    entries = form.shape.entries(form.questions, "'questions'")
    questions = tuple(Question(key.text, form.shape.text(value, f"'{key.text}'")) for key, value in entries)
    assert not problems, problems
    version = hashlib.sha256(canonical([[question.id, question.text] for question in questions])).hexdigest()
    return Checklist(file.name.removesuffix(".yaml"), version, questions)


class _Checklists:
    """The checklists that are shipped, read at first use."""

    @cached_property
    def by_language(self) -> Mapping[str, Checklist]:
        read = map(_read_checklist, (files("journeys.review") / "checklists").iterdir())
        return {checklist.language: checklist for checklist in read}


_CHECKLISTS = _Checklists()
