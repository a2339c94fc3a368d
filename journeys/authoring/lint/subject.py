"""The input of a lint rule: the journey, its conditions as far as they parse, and the targets of its transitions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from journeys.authoring.readability import Reading, TextBlocks, blocks_of, read_grades
from journeys.content.catalogue import Glossary, Piece, PieceSource
from journeys.content.templates import SourcePosition
from journeys.definition.compiler import ReleasePlan, condition_scope, entry_chain, kept_depth
from journeys.definition.conditions import UNKNOWN_NAME, ConditionError, Node, facts_read, parse_condition
from journeys.definition.model import STAY, Journey, Mark, Programmes, StateDefinition, Text, Timer, Track, Transition
from journeys.primitives.problems import Level, Problem
from journeys.primitives.state_path import StatePath, is_within


@dataclass(frozen=True, slots=True)
class DeclaredEdge:
    """A way from one leaf to another (full paths): by which trigger, declared where, entering which states."""

    start: str
    end: str
    trigger: str
    declared_by: str
    enters: frozenset[str]
    reads: frozenset[str]
    mark: Mark


@dataclass(frozen=True)
class LintSubject:
    """A journey under inspection, and its pieces where its content was read too.

    `pieces` are those without errors, checked against the `plan`; `sources` all that were found. `programmes` are None
    where no files were looked at.
    """

    journey: Journey
    pieces: Mapping[str, Piece] | None = None
    sources: Sequence[PieceSource] = ()
    programmes: Programmes | None = None
    plan: ReleasePlan | None = None
    glossary: Glossary | None = None
    mistakes: list[tuple[Mark, str]] = field(default_factory=list, compare=False)
    _parsed: dict[tuple[str, str | None], Node | None] = field(default_factory=dict, compare=False, repr=False)

    def problem(self, mark: Mark, message: str, level: Level = "error") -> Problem:
        """A problem of the current rule; the runner fills in its ID."""
        return Problem(self.journey.file, mark.line, mark.column, level, "", message)

    def problem_in_programmes(self, mark: Mark, message: str) -> Problem:
        """A problem in the file of programmes."""
        assert self.programmes is not None
        return Problem(self.programmes.file, mark.line, mark.column, "error", "", message)

    def problem_in_text(self, position: SourcePosition, message: str, level: Level = "error") -> Problem:
        """A problem in the file of a text or of one of its partials."""
        return Problem(position.file, position.line, position.column, level, "", message)

    @cached_property
    def texts(self) -> tuple[tuple[Piece, TextBlocks], ...]:
        """Every text of every piece as blocks, by place and locale; empty without a plan."""
        if self.plan is None or self.pieces is None:
            return ()
        pieces = sorted(self.pieces.values(), key=lambda piece: piece.place)
        return tuple((piece, blocks_of(text, self.plan)) for piece in pieces for text in piece.texts.values())

    @cached_property
    def readings(self) -> tuple[tuple[Piece, Reading], ...]:
        """The grades of every text in whose language there is a formula."""
        glossary = self.glossary or Glossary()
        graded = ((piece, read_grades(text, glossary)) for piece, text in self.texts)
        return tuple((piece, reading) for piece, reading in graded if reading is not None)

    @cached_property
    def conditions(self) -> dict[str, Node]:
        """The named conditions that parse, each seeing those before it."""
        nodes: dict[str, Node] = {}
        for name, text in self.journey.conditions.items():
            scope = condition_scope(self.journey, nodes, stay=True)
            try:
                nodes[name] = parse_condition(text.text, scope)
            except ConditionError as error:
                self.mistakes.extend((text.mark, message) for message in self.own_mistakes(error, nodes, name))
        return nodes

    def own_mistakes(self, error: ConditionError, parsed: Collection[str], name: str = "") -> Iterator[str]:
        """The mistakes of a condition itself: a name that is declared later, or wrongly, does not count as unknown.

        Args:
            error: everything that was found wrong.
            parsed: the named conditions that could be used.
            name: the named condition that is read, if it is one.
        """
        names = list(self.journey.conditions)
        for message in error.messages:
            other = next((name for name in names if message.startswith(UNKNOWN_NAME.format(name))), None)
            if other is None or other in parsed:
                yield message
            elif other == name:
                yield f"'{name}' uses itself."
            elif name and names.index(other) > names.index(name):
                yield f"'{other}' must be declared before '{name}', which uses it."

    def parsed(self, text: Text | None, track: str | None) -> Node | None:
        """A condition of a state, or None where there is none or it does not parse."""
        if text is None:
            return None
        if (text.text, track) not in self._parsed:
            scope = condition_scope(self.journey, self.conditions, track, stay=True)
            try:
                self._parsed[text.text, track] = parse_condition(text.text, scope)
            except ConditionError:
                self._parsed[text.text, track] = None
        return self._parsed[text.text, track]

    def states(self) -> Iterator[tuple[Track, StateDefinition]]:
        """Every state of every track, in document order."""
        for track in self.journey.tracks.values():
            for state in track.states.values():
                yield track, state

    def transitions(self) -> Iterator[tuple[Track, StateDefinition, Transition]]:
        """Every declared transition."""
        for track, state in self.states():
            for transition in state.on:
                yield track, state, transition

    def timers(self) -> Iterator[tuple[Track, StateDefinition, Timer]]:
        """Every declared timer."""
        for track, state in self.states():
            for timer in state.after:
                yield track, state, timer

    def siblings(self) -> Iterator[tuple[Track, StateDefinition, str, list[Transition]]]:
        """The transitions that one state declares for one trigger."""
        for track, state in self.states():
            for trigger in dict.fromkeys(transition.trigger for transition in state.on):
                yield track, state, trigger, [transition for transition in state.on if transition.trigger == trigger]

    def is_event(self, trigger: str) -> bool:
        """Whether a word is a declared trigger."""
        return trigger in self.journey.triggers

    def leaves_of(self, track: Track, path: str) -> list[str]:
        """The leaf states (paths in the track) that are the state or lie inside it."""
        return [state for state in track.states if is_within(state, path) and track.is_leaf(state)]

    def enterable(self, track: Track, path: str) -> tuple[str, ...]:
        """The paths entered down to a state and through `initial`; empty where an `initial` is wrong."""
        try:
            return entry_chain(track, path)
        except (AssertionError, KeyError):
            return ()

    def leads_somewhere(self, track: Track) -> bool:
        """Whether every `to` and `initial` of the track is right."""
        return track.name not in self._astray

    @cached_property
    def _astray(self) -> frozenset[str]:
        tracks = self.journey.tracks.values()
        broken = {track.name for track in tracks if track.initial is None or track.initial.text not in track.top}
        broken |= {track.name for track, state in self.states() if not self.enterable(track, state.path)}
        targets = [
            (track, state, transition.to) for track, state, transition in self.transitions() if transition.to != STAY
        ]
        targets += [(track, state, timer.to) for track, state, timer in self.timers() if timer.to is not None]
        return frozenset(broken | {track.name for track, state, to in targets if track.resolve(to, state.path) is None})

    @cached_property
    def edges(self) -> tuple[DeclaredEdge, ...]:
        """Every way between leaves, also by timers; what does not resolve is left out."""
        edges: list[DeclaredEdge] = []
        for track, state, transition in self.transitions():
            if transition.to != STAY:
                edges += self._ways(track, state, transition.to, transition.trigger, transition)
        for track, state, timer in self.timers():
            if timer.to is not None:
                edges += self._ways(track, state, timer.to, "after", timer)
        return tuple(edges)

    def _ways(
        self, track: Track, state: StateDefinition, to: str, trigger: str, declared: Transition | Timer
    ) -> Iterator[DeclaredEdge]:
        target = track.resolve(to, state.path)
        chain = self.enterable(track, target) if target is not None else ()
        if target is None or not chain:
            return
        keeps = kept_depth(state.path, target, isinstance(declared, Transition) and declared.reenter)
        node = self.parsed(declared.when, track.name)
        reads = facts_read(node) if node is not None else frozenset()
        for leaf in self.leaves_of(track, state.path):
            yield DeclaredEdge(
                start=f"{track.name}.{leaf}",
                end=f"{track.name}.{chain[-1]}",
                trigger=trigger,
                declared_by=f"{track.name}.{state.path}",
                enters=frozenset(f"{track.name}.{path}" for path in chain[keeps:]),
                reads=reads,
                mark=declared.mark,
            )

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The leaves (full paths) in which enrollments may begin."""
        entered: set[str] = set()
        for track in self.journey.tracks.values():
            if track.initial is not None and track.initial.text in track.states:
                entered.update(f"{track.name}.{path}" for path in self.enterable(track, track.initial.text)[-1:])
        for entry in self.journey.entries.values():
            for text in entry.states:
                full = self.journey.resolve_state(text.text)
                if full is not None:
                    start = StatePath.parse(full)
                    chain = self.enterable(self.journey.tracks[start.track], start.path)
                    entered.update(f"{start.track}.{path}" for path in chain[-1:])
        return frozenset(entered)
