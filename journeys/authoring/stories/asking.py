"""The questions that a story's patient is asked, compiled once for all stories of a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from journeys.content.catalogue import Catalogue
from journeys.engine import State
from journeys.questions.questionnaire import Questionnaire, compile_questionnaire

Compile = Callable[[Catalogue], Questionnaire | None]
#: Returns the compiled questions of a release with its pieces, or None where it declares none.


def compiled_once() -> Compile:
    """A function that compiles the questions of each catalogue the first time it is asked for."""
    compiled: dict[int, tuple[Catalogue, Questionnaire | None]] = {}

    def questionnaire(catalogue: Catalogue) -> Questionnaire | None:
        if id(catalogue) not in compiled:
            compiled[id(catalogue)] = catalogue, compile_questionnaire(catalogue.plan, catalogue)
        return compiled[id(catalogue)][1]

    return questionnaire


def asked(compile_: Compile | None, catalogue: Catalogue, view: State, now: datetime) -> tuple[str, ...]:
    """The questions that a told view asks, by name; none without a function that compiles them."""
    questionnaire = compile_(catalogue) if compile_ is not None else None
    return questionnaire.in_view(view, now).asked if questionnaire is not None else ()
