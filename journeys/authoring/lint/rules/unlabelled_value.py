"""Every value that a patient can choose has a label, because apps show the label in their forms.

The rule checks the choices and sets that a patient answers with an event they may report, or that a question asks for;
with `answered`, which every journey has, they answer what a condition, a timer or a piece reads.

Wrong: `travel: {type: choice, values: [car, train], title: …}`, required by a trigger of patients, without `labels`.
Right: the same fact with `labels: {car: {en: By car}, train: {en: By train}}`.
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.content.screen import facts_asked
from journeys.definition.conditions import facts_read
from journeys.definition.model import ANSWERED, Trigger
from journeys.definition.questions import declared_questions
from journeys.primitives.problems import Problem

ID = "unlabelled-value"


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each fact that has values without a label."""
    journey = subject.journey
    owners: dict[str, str] = {}
    for trigger in (*journey.triggers.values(), *journey.ends.values()):
        if "patient" in trigger.by:
            for name in _asked_with(subject, trigger):
                owners.setdefault(name, f"with '{trigger.name}'")
    for question in declared_questions(journey):
        for name in question.facts:
            owners.setdefault(name, f"when the question '{question.name}' is asked")
    for name in facts_asked(journey, Trigger(ANSWERED), read=sorted(set(_read(subject)))):
        owners.setdefault(name, f"with '{ANSWERED}'")
    example = ", ".join(f"{locale}: …" for locale in journey.locales)
    for name, occasion in owners.items():
        fact = journey.facts[name]
        missing = [value for value in fact.kind.values if value not in fact.labels]
        if missing:
            message = (
                f"A patient chooses '{name}' {occasion}. Values without a label: {', '.join(missing[:5])}; "
                f"write labels: {{{missing[0]}: {{{example}}}, …}}."
            )
            yield subject.problem(fact.mark, message)


def _asked_with(subject: LintSubject, trigger: Trigger) -> Iterator[str]:
    transitions = [
        (track, transition) for track, _, transition in subject.transitions() if transition.trigger == trigger.name
    ]
    nodes = [subject.parsed(transition.when, track.name) for track, transition in transitions]
    read = {name for node in nodes if node is not None for name in facts_read(node)}
    yield from facts_asked(subject.journey, trigger, read=read)


def _read(subject: LintSubject) -> Iterator[str]:
    """The facts that transitions, timers and pieces read."""
    texts = [(track.name, transition.when) for track, _, transition in subject.transitions()]
    texts += [(track.name, timer.when) for track, _, timer in subject.timers()]
    for track_name, text in texts:
        parsed = subject.parsed(text, track_name)
        yield from facts_read(parsed) if parsed is not None else ()
    for piece in (subject.pieces or {}).values():
        yield from piece.when.facts if piece.when is not None else ()
        for piece_text in piece.texts.values():
            yield from piece_text.body.facts
