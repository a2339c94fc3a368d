"""What a journey asks its patients, for authors: by state, by question, and along its longest and shortest paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from journeys.analysis.paths import BEGINS, Path, admitted_events, cover, told_view
from journeys.content.catalogue import Catalogue
from journeys.definition.questions import declared_questions
from journeys.engine import Event, State, refold
from journeys.engine.machine import Release
from journeys.primitives.problems import counted
from journeys.questions.compiling import compile_questions
from journeys.questions.decisions import DecisionKind, DecisionName
from journeys.questions.table import QuestionTable, Rank, Worthwhile, worth_asking

_MOMENT = timedelta(minutes=1)
LOOKED_AT = BEGINS + _MOMENT
#: So that timers of the first instant have fired.

_WHEN: Mapping[Rank, str] = {
    "waiting": "an event waits for it",
    "now": "changes the page now",
    "dates": "changes a timer or a message",
    "next": "decides the next step",
    "horizon": "matters in a later state",
}


@dataclass(frozen=True, slots=True)
class PathQuestions:
    """The questions of one path: its events, and after which of them each question is first worth asking.

    Nobody answers on it; facts come with the events alone. `asked` has the trigger of the event (None: at joining).
    """

    events: tuple[str, ...]
    asked: tuple[tuple[str | None, tuple[Worthwhile, ...]], ...]

    @property
    def count(self) -> int:
        """The number of questions."""
        return sum(len(questions) for _, questions in self.asked)


@dataclass(frozen=True, slots=True)
class QuestionsOverview:
    """What a journey asks.

    Attributes:
        journey: its key.
        by_state: by leaf (full path), the questions to a patient who has told nothing, for this track alone.
        settles: by question, the decisions that its answer may settle somewhere; held facts count as told.
        never: the questions that no state asks and no event waits for.
        held: by question about held facts, the triggers that must be reported before it is asked.
        surveys: by survey, the states in which it comes, and its answers.
        unweighed: the decisions whose facts have too many combinations: nothing is asked for them.
        longest, shortest: paths, of those that together take every transition and have an event.
    """

    journey: str
    by_state: Mapping[str, tuple[Worthwhile, ...]]
    settles: Mapping[str, tuple[DecisionName, ...]]
    never: tuple[str, ...]
    held: Mapping[str, tuple[str, ...]]
    surveys: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    unweighed: tuple[DecisionName, ...]
    longest: PathQuestions | None
    shortest: PathQuestions | None


def overview_of(release: Release, catalogue: Catalogue) -> QuestionsOverview:
    """What a journey asks, with its pieces in force."""
    plan = release.plan
    table = compile_questions(plan, catalogue)
    by_state: dict[str, tuple[Worthwhile, ...]] = {}
    settles: dict[str, dict[DecisionName, None]] = {question: {} for question in table.questions.facts}
    leaves = [(name, leaf) for name, track in plan.tracks.items() for leaf in track.leaves]
    for track, leaf in leaves:
        view = view_in(release, [f"{track}.{leaf}"])
        view = replace(view, tracks={track: view.tracks[track]})
        by_state[f"{track}.{leaf}"] = worth_asking(table, view, LOOKED_AT)
        told = replace(view, discussed=frozenset(plan.held_facts))
        for entry in worth_asking(table, told, LOOKED_AT):
            settles[entry.question].update(dict.fromkeys(entry.settles))
    for weighed in table.waiting.values():
        for question in {table.questions.of[fact] for fact in weighed.asks}:
            settles[question][weighed.decision.subject] = None
    held = {
        question.name: tuple(
            dict.fromkeys(plan.held_facts[fact].trigger for fact in question.facts if fact in plan.held_facts)
        )
        for question in declared_questions(plan.journey)
    }
    covering = cover(release, "transitions").paths if settles else ()
    paths = sorted((path for path in covering if path.events), key=lambda path: len(path.events))
    return QuestionsOverview(
        journey=plan.journey.key,
        by_state=by_state,
        settles={question: tuple(decisions) for question, decisions in settles.items()},
        never=tuple(question for question, decisions in settles.items() if not decisions),
        held={question: triggers for question, triggers in held.items() if triggers},
        surveys={
            key: (tuple(state.text for state in survey.show_in), survey.names)
            for key, survey in plan.journey.surveys.items()
        },
        unweighed=table.unweighed,
        longest=_along(release, table, paths[-1]) if paths else None,
        shortest=_along(release, table, paths[0]) if paths else None,
    )


def view_in(release: Release, states: Iterable[str]) -> State:
    """The view at LOOKED_AT of a patient who joined in some states (full paths, one a track) and has told nothing."""
    data = {"release": release.id, "states": dict(state.split(".", 1) for state in states)}
    joined = Event("0", "app", "patient", "0", "enrolled", "enrolled", BEGINS, BEGINS, data=data)
    view, _ = refold({release.id: release}, release.id, [joined], BEGINS)
    assert view is not None
    return view


def _along(release: Release, table: QuestionTable, path: Path) -> PathQuestions:
    events = admitted_events(release, path)
    seen: set[str] = set()
    asked: list[tuple[str | None, tuple[Worthwhile, ...]]] = []
    for count, event in enumerate(events, start=1):
        view = told_view(release, events[:count], event.at)
        fresh = tuple(entry for entry in worth_asking(table, view, event.at + _MOMENT) if entry.question not in seen)
        seen.update(entry.question for entry in fresh)
        if fresh:
            asked.append((event.type if count > 1 else None, fresh))
    return PathQuestions(tuple(event.type for event in path.events), tuple(asked))


# --- as text -------------------------------------------------------------------------------------------------------


def overview_as_text(overview: QuestionsOverview) -> Iterator[str]:
    """The lines of an overview."""
    if not overview.settles and not overview.surveys:
        yield f"{overview.journey} asks nothing: no fact has an 'ask'."
        return
    counts = [len(questions) for questions in overview.by_state.values()]
    yield (
        f"{overview.journey}: {counted(len(overview.settles), 'question')}. Of {counted(len(counts), 'state')}, "
        f"{counts.count(0)} ask nothing; the most is {max(counts, default=0)}."
    )
    yield ""
    yield "By state: what is asked of a patient who has told nothing, for the decisions of that track"
    for state, questions in overview.by_state.items():
        yield f"{state}" if questions else f"{state}: nothing"
        for entry in questions:
            yield f"  {entry.question}: {_WHEN[entry.rank]} ({_named(entry.settles)})"
    yield ""
    yield "By question: what an answer may settle"
    for question, decisions in overview.settles.items():
        if decisions:
            yield f"{question}: {_named(decisions, limit=None)}"
    if overview.never:
        yield ""
        yield "Never worth asking: no answer changes anything. Remove 'ask', or use the fact"
        yield from (f"  {question}" for question in overview.never)
    if overview.held:
        yield ""
        yield "Held: asked only after the telling"
        yield from (f"  {question}: after {' or '.join(triggers)}" for question, triggers in overview.held.items())
    if overview.surveys:
        yield ""
        yield "Surveys: answered whole, each for its thanks"
        for survey, (states, answers) in overview.surveys.items():
            yield f"  {survey}: {', '.join(answers)}; in {', '.join(states)}"
    if overview.unweighed:
        yield ""
        yield "Left out: these decisions read too many facts at once, so nothing is asked for them"
        yield f"  {_named(overview.unweighed, limit=None)}"
    for words, path in (("longest", overview.longest), ("shortest", overview.shortest)):
        if path is not None:
            yield ""
            yield f"The {words} path ({counted(len(path.events), 'event')}) asks {counted(path.count, 'question')}"
            for trigger, questions in path.asked:
                names = ", ".join(entry.question for entry in questions)
                yield f"  {'at joining' if trigger is None else f'after {trigger}'}: {names}"


def _named(decisions: Sequence[DecisionName], limit: int | None = 3) -> str:
    """Decisions in a line; those of one name in several states are one."""
    states: dict[tuple[DecisionKind, str], list[str]] = {}
    for decision in decisions:
        states.setdefault((decision.kind, decision.name), []).append(decision.state)
    names = [_name(kind, name, where) for (kind, name), where in states.items()]
    more = len(names) - limit if limit is not None and len(names) > limit else 0
    shown = ", ".join(names[:limit])
    return f"{shown} and {more} more" if more else shown


def _name(kind: DecisionKind, name: str, states: Sequence[str]) -> str:
    where = states[0] if len(states) == 1 else f"{len(states)} states"
    match kind:
        case "piece":
            return f"piece {name}"
        case "timer":
            return f"timer '{name}' in {where}"
        case "waiting event":
            return f"{name} waiting in {where}"
        case _:
            return f"{name} in {where}"


def overview_as_json(overview: QuestionsOverview) -> dict[str, Any]:
    """The value that is written as JSON."""

    def path_as_json(path: PathQuestions | None) -> dict[str, Any] | None:
        if path is None:
            return None
        asked = [{"after": trigger, "asks": [_as_json(entry) for entry in entries]} for trigger, entries in path.asked]
        return {"events": list(path.events), "asked": asked}

    return {
        "journey": overview.journey,
        "states": {state: [_as_json(entry) for entry in entries] for state, entries in overview.by_state.items()},
        "questions": {
            question: {
                "settles": [decision._asdict() for decision in decisions],
                "after": list(overview.held.get(question, ())),
            }
            for question, decisions in overview.settles.items()
        },
        "never": list(overview.never),
        "surveys": {
            survey: {"states": list(states), "answers": list(answers)}
            for survey, (states, answers) in overview.surveys.items()
        },
        "left_out": [decision._asdict() for decision in overview.unweighed],
        "longest": path_as_json(overview.longest),
        "shortest": path_as_json(overview.shortest),
    }


def _as_json(entry: Worthwhile) -> dict[str, Any]:
    settles = [decision._asdict() for decision in entry.settles]
    return {"question": entry.question, "rank": entry.rank, "share": round(entry.share, 3), "settles": settles}
