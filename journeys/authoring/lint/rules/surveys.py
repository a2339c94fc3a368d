"""A survey asks what patients may answer, says why, and promises what the service gives.

Its name is that of no fact and no group. Its `facts` are facts of the journey that patients may tell and that are not
held, groups whole; every other answer is a measure, and has a title and labels. What it promises exists: a piece that
is shown in each of its states, to everybody who finished it (without `when`, without a topic, and without facts in its
text), a value of the programme, or a task.

Wrong: `thanks: {text: …, piece: whats-next}` where no piece has this key, or it is shown in other states only.
Right: `thanks: {text: …, piece: what-is-next}`, shown in the states of `show_in`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.catalogue import Piece
from journeys.definition.model import Mark, Survey
from journeys.definition.questions import question_of
from journeys.primitives.problems import Problem, did_you_mean

ID = "surveys"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each survey that cannot be asked, answered or thanked for as it is written."""
    journey = subject.journey
    for survey in journey.surveys.values():
        if survey.key in journey.facts or survey.key in journey.groups:
            message = f"'{survey.key}' is already a fact or a group; give the survey another name."
            yield subject.problem(survey.mark, message)
        if survey.ask.why.mark is None:
            example = ", ".join(f"{locale}: …" for locale in journey.locales)
            message = f"The survey '{survey.key}' does not say why it is asked; write why: {{{example}}}."
            yield subject.problem(survey.mark, message)
        for state in survey.show_in:
            if journey.resolve_state(state.text) is None:
                hint = did_you_mean(state.text, journey.state_paths)
                yield subject.problem(state.mark, f"Unknown state '{state.text[:160]}' in '{survey.key}'.{hint}")
        yield from _facts(subject, survey)
        yield from _measures(subject, survey)
        yield from _thanks(subject, survey)


def _facts(subject: LintSubject, survey: Survey) -> Iterator[Problem]:
    journey = subject.journey
    names = [fact.text for fact in survey.facts]
    for index, text in enumerate(survey.facts):
        fact = journey.facts.get(text.text)
        if fact is None:
            hint = did_you_mean(text.text, journey.facts) or " Declare it, or make it one of the 'measures'."
            yield subject.problem(text.mark, f"Unknown fact '{text.text[:80]}' in '{survey.key}'.{hint}")
        elif text.text in names[:index]:
            yield subject.problem(text.mark, f"'{text.text}' is listed twice in '{survey.key}'; remove one of them.")
        elif "patient" not in fact.by:
            message = f"Patients may not tell '{text.text}'; remove it, or add 'patient' to its 'by'."
            yield subject.problem(text.mark, message)
        elif fact.hold is not None:
            message = f"'{text.text}' is held until '{fact.hold.trigger}', so no survey asks for it; remove it."
            yield subject.problem(text.mark, message)
        else:
            group = question_of(journey, text.text)
            lacking = [member.text for member in journey.groups.get(group, ()) if member.text not in names]
            if lacking:
                message = f"The facts of '{group}' are told together; add {', '.join(lacking)}."
                yield subject.problem(text.mark, message)


def _measures(subject: LintSubject, survey: Survey) -> Iterator[Problem]:
    example = ", ".join(f"{locale}: …" for locale in subject.journey.locales)
    for name, measure in survey.measures.items():
        if name in subject.journey.facts:
            message = (
                f"'{name}' is a fact of the journey; list it in 'facts' of '{survey.key}', or choose another name."
            )
            yield subject.problem(measure.mark, message)
        missing = [value for value in measure.kind.values if value not in measure.labels]
        if missing:
            listed = ", ".join(missing[:5])
            message = f"Values of '{name}' without a label: {listed}; write labels: {{{missing[0]}: {{{example}}}, …}}."
            yield subject.problem(measure.mark, message)


def _thanks(subject: LintSubject, survey: Survey) -> Iterator[Problem]:
    thanks, declared = survey.thanks, subject.journey.programme
    if thanks.value is not None and thanks.value.text not in declared:
        hint = did_you_mean(thanks.value.text, declared) or f" Accepted: {', '.join(declared) or 'none yet'}."
        message = f"'programme' declares no value '{thanks.value.text[:80]}', which '{survey.key}' promises.{hint}"
        yield subject.problem(thanks.value.mark, message)
    if thanks.piece is None or subject.pieces is None or len(subject.pieces) < len(subject.sources):
        return
    pages = {key: piece for key, piece in subject.pieces.items() if piece.kind == "page"}
    piece = pages.get(thanks.piece.text)
    if piece is None:
        hint = did_you_mean(thanks.piece.text, pages)
        message = f"No page has the key '{thanks.piece.text[:80]}', which '{survey.key}' promises.{hint}"
        yield subject.problem(thanks.piece.mark, message)
    else:
        yield from _promise(subject, survey, piece, thanks.piece.mark)


def _promise(subject: LintSubject, survey: Survey, piece: Piece, mark: Mark) -> Iterator[Problem]:
    """Yields a problem where somebody who finished the survey would not be shown the piece."""
    if "web" not in piece.channels or piece.is_reminder or piece.send is not None:
        message = f"'{piece.key}' is sent, and not shown as a page; '{survey.key}' promises a page for 'web'."
        yield subject.problem(mark, message)
    reads = {name for text in piece.texts.values() for name in text.body.facts}
    if piece.when is not None or reads:
        part = "'when'" if piece.when is not None else f"the fact '{min(reads)}'"
        message = (
            f"'{piece.key}' depends on {part}, so that some who finish '{survey.key}' would not get it; remove it."
        )
        yield subject.problem(mark, message)
    if piece.topic is not None and piece.may_be_declined:
        message = (
            f"'{piece.key}' has the topic '{piece.topic}'; a patient who declined it would not get what '{survey.key}' "
            "promises. Remove the topic."
        )
        yield subject.problem(mark, message)
    for state in survey.show_in:
        full = subject.journey.resolve_state(state.text)
        if full is not None and not _is_shown_in(piece, full):
            message = f"'{piece.key}' is not shown in '{full}', where '{survey.key}' comes. Add the state to 'show_in'."
            yield subject.problem(mark, f"{message[:-1]} of the piece.")


def _is_shown_in(piece: Piece, full: str) -> bool:
    """Whether a piece is shown in a state, by its track or by the states around it."""
    parts = full.split(".")
    return any(".".join(parts[: length + 1]) in piece.states for length in range(len(parts)))
