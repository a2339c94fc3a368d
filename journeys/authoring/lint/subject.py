"""The input of a lint rule: the journey, its conditions as far as they parse, and its edges."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from journeys.authoring.readability import (
    Reading,
    ShortTexts,
    TextBlocks,
    blocks_of,
    judge_short_texts,
    question_blocks,
    read_grades,
    registration_blocks,
)
from journeys.authoring.translation.markdown_file import MARK
from journeys.content.catalogue import Glossary, Piece, PieceSource, PieceText, in_frame
from journeys.content.catalogue.sources import SHARED
from journeys.content.templates import SourcePosition
from journeys.definition.compiler import ReleasePlan, condition_scope
from journeys.definition.conditions import UNKNOWN_NAME, ConditionError, Node, parse_condition
from journeys.definition.graph import Edge, chain_into, declared_edges
from journeys.definition.model import STAY, Journey, Mark, StateDefinition, Text, Timer, Track, Transition
from journeys.definition.programmes import Programmes
from journeys.primitives.problems import Level, Problem


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

    def problem_in_programmes(self, mark: Mark, message: str, level: Level = "error") -> Problem:
        """A problem in the file of programmes."""
        assert self.programmes is not None
        return Problem(self.programmes.file, mark.line, mark.column, level, "", message)

    def problem_in_text(self, position: SourcePosition, message: str, level: Level = "error") -> Problem:
        """A problem in the file of a text or of one of its partials."""
        return Problem(position.file, position.line, position.column, level, "", message)

    def position_in_shared(self, piece: Piece, words: str) -> SourcePosition:
        """The first line of the settings of a piece that has some words, or their first line."""
        file = next((position.file for position in piece.positions.values()), SHARED)
        source = next((source for source in self.sources if source.key == piece.key), None)
        if source is None:
            return SourcePosition(file, 1, 1)
        lines = source.files.get(SHARED, b"").decode().split("\n")
        line = next((number for number, text in enumerate(lines, start=1) if words in text), 1)
        return SourcePosition(file, source.mark_of_shared(Mark(line)).line, 1)

    @cached_property
    def texts(self) -> tuple[tuple[Piece, TextBlocks], ...]:
        """Every text of every piece as blocks, by place and locale; empty without a plan.

        A text that waits for translation is left out.
        """
        if self.plan is None or self.pieces is None:
            return ()
        pieces = sorted(self.pieces.values(), key=lambda piece: piece.place)
        texts = ((piece, text) for piece in pieces for text in piece.texts.values() if not text.waits)
        return tuple((piece, blocks_of(text, self.plan)) for piece, text in texts)

    def as_sent(self, piece: Piece, text: PieceText) -> str | None:
        """The text message of a piece (None without one) in the frame that the journey has for text messages.

        A reply is sent without the frame. For a frame itself, the result is the words around the message.
        """
        if text.text is None or piece.kind != "page":
            return in_frame(text.text, "") if text.text is not None else None
        frame = next((other for other in (self.pieces or {}).values() if other.frames == "sms"), None)
        framed = frame.texts[text.locale].text if frame is not None else None
        return in_frame(framed, text.text) if framed is not None else text.text

    @cached_property
    def readings(self) -> tuple[tuple[Piece, Reading], ...]:
        """The grades of every text in whose language there is a formula."""
        glossary = self.glossary or Glossary()
        graded = ((piece, read_grades(text, glossary)) for piece, text in self.texts)
        return tuple((piece, reading) for piece, reading in graded if reading is not None)

    @cached_property
    def short_texts(self) -> tuple[ShortTexts, ...]:
        """The titles, summaries, messages and buttons of each state, in every language that has a formula."""
        return tuple(judge_short_texts(self.texts, self.glossary or Glossary()))

    @cached_property
    def question_readings(self) -> tuple[tuple[TextBlocks, Reading], ...]:
        """The questions of the journey and of registration with their grades, in each language that has a formula."""
        texts = [*question_blocks(self.journey, waiting=MARK)]
        if self.programmes is not None:
            texts += registration_blocks(self.programmes, self.journey.locales, waiting=MARK)
        graded = ((text, read_grades(text, self.glossary or Glossary())) for text in texts)
        return tuple((text, reading) for text, reading in graded if reading is not None)

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
            for trigger in state.triggers:
                yield track, state, trigger, [transition for transition in state.on if transition.trigger == trigger]

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges between states, in the order of the file; an edge without a right target is left out."""
        return declared_edges(self.journey)

    def leads_somewhere(self, track: Track) -> bool:
        """Whether every `to` and `initial` of the track is right."""
        states = track.states.values()
        targets = [(state, transition.to) for state in states for transition in state.on if transition.to != STAY]
        targets += [(state, timer.to) for state in states for timer in state.after if timer.to is not None]
        return (
            track.initial is not None
            and track.initial.text in track.top
            and all(chain_into(track, path) for path in track.states)
            and all(track.resolve(to, state.path) is not None for state, to in targets)
        )
