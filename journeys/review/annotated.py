"""The annotated page: one piece in one language, every text that a patient can see, each rule in words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from journeys.content.catalogue import Action, Picture, Piece, PieceText, Reference, Reviewed
from journeys.content.rendering import own_text
from journeys.content.rendering.html import body_html
from journeys.content.rendering.locales import date_text
from journeys.content.rendering.plain import body_plain
from journeys.content.screen import title_of
from journeys.content.templates import Cases, Filled, FrameValue, OfProgramme, Value, walk, with_values
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World
from journeys.definition.graph import reachable_leaves
from journeys.definition.programmes import Programmes, Values, filled_line, references_in, text_of, values_of
from journeys.primitives.state_path import StatePath, is_within
from journeys.review.blocks import BEGIN, END, MIDDLE, BlockRule, Body, ReviewBlock, read_body, within
from journeys.review.citations import Citations
from journeys.review.examples import examples
from journeys.review.kinds import kind_in_words, sending_in_words
from journeys.review.naming import Naming

#: Marks a heading in plain text.
HEADING = "■ "
_BEGUN = re.compile(f"{BEGIN}([0-9]+){MIDDLE}")
_SAID = re.compile(r"\{\{ *(programme\.[a-z][a-z0-9_]*|message) *\}\}")


@dataclass(frozen=True, slots=True)
class AnnotatedLine:
    """One text beside the body: its name, its words with placeholders, and the words that each programme fills in.

    `own`: the words are the service's own, because the author wrote none. `parts`: the most parts of a text message.
    """

    name: str
    text: str
    in_programmes: Mapping[str, str] = field(default_factory=dict)
    own: bool = False
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body with placeholders, its rules, and the HTML that each programme fills in.

    `text` is plain text with marked headings and with conditional parts in brackets; `words` are the author's words
    only.
    """

    number: int
    markdown: str
    html: str
    text: str
    words: str
    rules: tuple[BlockRule, ...]
    inside: tuple[BlockRule, ...]
    is_reached: bool
    in_programmes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Combination:
    """Paragraphs of a meeting that are shown together, and their text in that case."""

    numbers: tuple[int, ...]
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Neighboring conditional paragraphs, shown one at a time (`instead`), all together, or in some combinations."""

    numbers: tuple[int, ...]
    kind: str
    combinations: tuple[Combination, ...] = ()


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder for a value: its title, and the values that a reader can see, in words."""

    name: str
    title: str
    means: str
    in_programmes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnnotatedPage:
    """One piece in one language, for reviewers.

    `where` are the titles of the states in which it is shown, `states` their paths. `rule` and `condition` are the
    condition in words and as written (empty: always). `kind` says what a message text is for.
    `problems` are sentences about content that no patient can see.
    """

    journey: str
    key: str
    version: str
    locale: str
    place: str
    purpose: str
    channels: tuple[str, ...]
    states: tuple[str, ...]
    where: tuple[str, ...]
    rule: str
    condition: str
    sent: tuple[str, ...]
    lines: tuple[AnnotatedLine, ...]
    paragraphs: tuple[Paragraph, ...]
    meetings: tuple[Meeting, ...]
    placeholders: tuple[Placeholder, ...]
    references: tuple[Reference, ...]
    image: Picture | None
    action: str
    reviewed: str
    renderings: int
    programmes: Mapping[str, str]
    problems: tuple[str, ...]
    kind: str = ""

    @property
    def title(self) -> str:
        """The title of the piece."""
        return next(line.text for line in self.lines if line.name == "title")


def annotate(
    piece: Piece,
    plan: ReleasePlan,
    locale: str,
    programmes: Programmes | None = None,
    *,
    reachable: frozenset[str] | None = None,
) -> AnnotatedPage:
    """The annotated page of a piece.

    Args:
        piece: the piece before programme values are filled in.
        plan: the release it was checked against.
        locale: a language of the journey.
        programmes: the programmes whose values are filled in.
        reachable: the reachable leaf states, if already computed.
    """
    return _Page(piece, plan, locale, programmes, reachable).page()


class _Page:
    """Builds one page."""

    def __init__(
        self,
        piece: Piece,
        plan: ReleasePlan,
        locale: str,
        programmes: Programmes | None,
        reachable: frozenset[str] | None,
    ) -> None:
        self.piece = piece
        self.plan = plan
        self.locale = locale
        self.text: PieceText = piece.texts[locale]
        self.naming = Naming(plan, locale)
        self.programmes = programmes.by_key if programmes is not None else {}
        self.values: Mapping[str, Values] = {key: values_of(programme) for key, programme in self.programmes.items()}
        self.reachable = reachable_leaves(plan.journey) if reachable is None else reachable
        self.template = within(self.text.body, self.reachable)
        self.cases = Cases(self.template, plan)
        self.citing = Citations(piece, locale)

    def page(self) -> AnnotatedPage:
        piece, naming = self.piece, self.naming
        body = read_body(self.text.body, self.cases, naming)
        shown = examples(piece, self.plan, self.locale)
        paragraphs = tuple(self.paragraphs(body))
        return AnnotatedPage(
            journey=self.plan.journey.key,
            key=piece.key,
            version=piece.version,
            locale=self.locale,
            place=piece.place,
            purpose=piece.purpose,
            channels=piece.channels,
            states=piece.states,
            where=tuple(naming.path(state) for state in piece.states),
            rule=naming.rule(piece.when.node) if piece.when is not None else "",
            condition=piece.when.text if piece.when is not None else "",
            sent=tuple(self.sent()),
            lines=tuple(self.lines()),
            paragraphs=paragraphs,
            meetings=tuple(self.meetings(body, [example.world for example in shown])),
            placeholders=tuple(self.placeholders()),
            references=tuple(self.citing.cited),
            image=piece.image,
            action=self.action(piece.action),
            reviewed=self.review_line(piece.reviewed),
            renderings=len(shown),
            programmes={key: naming.title(programme.title, key) for key, programme in self.programmes.items()},
            problems=tuple(dict.fromkeys(self.problems(paragraphs))),
            kind=kind_in_words(piece, naming),
        )

    # --- words beside the text ---------------------------------------------------------------------------------

    def lines(self) -> Iterator[AnnotatedLine]:
        lines = self.text.lines
        for name in ("title", "summary"):
            yield self.line(name, lines[name])
        if "email" in self.piece.channels and self.piece.kind != "frame":
            own = "subject" not in lines
            yield self.line("subject", own_text(self.locale, "subject") if own else lines["subject"], own=own)
        for name in ("subject", "text", "push", "action", "image_alt"):
            if name in lines and not (name == "subject" and "email" in self.piece.channels):
                yield self.line(name, lines[name])
        for name in self.text.authorization:
            yield self.line(name, lines[name])
        if self.piece.kind != "page":
            return
        if "why" in lines:
            yield self.line("why", lines["why"])
        else:
            for title in dict.fromkeys(self.stay_titles()):
                yield self.line("why", own_text(self.locale, "why").format(title), own=True)

    def stay_titles(self) -> Iterator[str]:
        """The titles of the states that a card may give as its reason; for a whole track, its outermost states."""
        for state in self.piece.states:
            at = StatePath.parse(state)
            for path in [at.path] if at.path else self.plan.journey.tracks[at.track].top:
                yield title_of(self.plan, at.track, path, self.locale)

    def line(self, name: str, text: str, *, own: bool = False) -> AnnotatedLine:
        filled = {}
        if references_in(text):
            in_programmes = ((key, filled_line(text, values, self.locale)) for key, values in self.values.items())
            filled = {key: _SAID.sub(r"⟨\1⟩", filled_text) for key, filled_text in in_programmes}
        parts = self.text.text_parts if name == "text" else 1
        return AnnotatedLine(name, _SAID.sub(r"⟨\1⟩", text), filled, own, parts)

    def sent(self) -> Iterator[str]:
        for state in self.plan.states.values():
            for timer in state.timers:
                if timer.remind == self.piece.key:
                    yield self.naming.sent(timer, state.full)
        yield from sending_in_words(self.piece, self.naming)

    def action(self, action: Action | None) -> str:
        if action is None:
            return ""
        target = action.target
        if action.kind == "report":
            target = self.naming.trigger(target)
        elif action.kind == "call":
            target = f"⟨programme.{target}⟩"
        return self.naming.label(f"action_{action.kind}", target=target)

    def review_line(self, reviewed: Reviewed | None) -> str:
        if reviewed is None:
            return ""
        return self.naming.label("reviewed_by", by=reviewed.by, on=date_text(reviewed.on, self.locale))

    def placeholders(self) -> Iterator[Placeholder]:
        seen: dict[str, Placeholder] = {}
        facts, declared = self.plan.journey.facts, self.plan.journey.programme
        value_names = [name for text in self.text.lines.values() for name in references_in(text)]
        if self.piece.action is not None and self.piece.action.kind == "call":
            value_names.append(self.piece.action.target)
        for node in walk(self.text.body.body):
            if isinstance(node, Value):
                title = self.naming.fact(node.fact)
                seen.setdefault(node.placeholder, Placeholder(node.name, title, self.meaning(facts[node.fact].name)))
            elif isinstance(node, OfProgramme):
                value_names.append(node.name)
            elif isinstance(node, FrameValue):
                title = self.naming.label(f"frame_{node.name}")
                seen.setdefault(node.name, Placeholder(node.name, title, self.naming.label("value_frame")))
        for name in dict.fromkeys(value_names):
            title = self.naming.quoted(self.naming.title(declared[name].title, name))
            filled = {key: text_of(values, name, self.locale) for key, values in self.values.items()}
            placeholder = Placeholder(f"programme.{name}", title, self.naming.label("value_programme"), filled)
            seen[placeholder.name] = placeholder
        yield from seen.values()

    def meaning(self, fact: str) -> str:
        kind = self.plan.journey.facts[fact].kind
        match kind.kind:
            case "date":
                return self.naming.label("value_date")
            case "integer":
                return self.naming.label("value_number", minimum=kind.minimum, maximum=kind.maximum)
            case "choice" | "set" | "boolean":
                values = kind.values or ("true", "false")
                return self.naming.label(
                    "value_one_of", values=", ".join(self.naming.value(fact, value) for value in values)
                )
            case _:
                return self.naming.label("value_text")

    # --- the text ----------------------------------------------------------------------------------------------

    def paragraphs(self, body: Body) -> Iterator[Paragraph]:
        filled = self.in_programmes()
        for block in body.blocks:
            made = self.draw(block.filled, block)
            yield Paragraph(
                number=block.number,
                markdown=_plain_marks(block.filled.markdown, block.inside, self.naming),
                html=made,
                text=self.plain(block.filled, block),
                words=_without_marks(block.filled.markdown),
                rules=block.rules,
                inside=block.inside,
                is_reached=block.is_reached,
                in_programmes={
                    key: drawn
                    for key, blocks in filled.items()
                    if (drawn := self.draw(blocks[block.number - 1].filled, block)) != made
                },
            )

    def in_programmes(self) -> dict[str, tuple[ReviewBlock, ...]]:
        """The blocks with the values of each programme; empty if the text uses no value of a programme."""
        if not any(isinstance(node, OfProgramme) for node in walk(self.text.body.body)):
            return {}
        return {
            key: read_body(with_values(self.text.body, values, self.locale), self.cases, self.naming).blocks
            for key, values in self.values.items()
        }

    def draw(self, filled: Filled, block: ReviewBlock) -> str:
        key = f"{self.piece.key}-{self.locale}"
        made = body_html(filled, f"{key}-{block.number}", (), self.locale)
        made = self.citing.html(made, self.citing.of(filled))
        made = _BEGUN.sub(lambda match: _open_html(_rule_words(block.inside[int(match[1])], self.naming)), made)
        return made.replace(END, '<span class="rule">]</span>')

    def plain(self, filled: Filled, block: ReviewBlock) -> str:
        made = body_plain(filled, (), self.locale, headings=HEADING)
        made = self.citing.plain(made, self.citing.of(filled))
        return _plain_marks(made, block.inside, self.naming).strip("\n")

    # --- where conditional paragraphs meet -----------------------------------------------------------------------

    def meetings(self, body: Body, worlds: Sequence[World]) -> Iterator[Meeting]:
        seen = [frozenset(body.shown(world)) for world in worlds]
        for run in _runs(body.blocks):
            numbers = tuple(block.number for block in run)
            shown = {tuple(number for number in numbers if number in visible): None for visible in seen}
            met = [combination for combination in shown if len(combination) > 1]
            if not met:
                yield Meeting(numbers, "instead")
            elif all(combination in ((), numbers) for combination in shown):
                yield Meeting(numbers, "together", (self.combination(body, numbers),))
            else:
                yield Meeting(numbers, "some", tuple(self.combination(body, combination) for combination in met))

    def combination(self, body: Body, numbers: tuple[int, ...]) -> Combination:
        blocks = [body.blocks[number - 1] for number in numbers]
        made = "".join(self.draw(block.filled, block) for block in blocks)
        return Combination(numbers, made, "\n\n".join(self.plain(block.filled, block) for block in blocks))

    # --- content that no patient can see ------------------------------------------------------------------------

    def problems(self, paragraphs: Sequence[Paragraph]) -> Iterator[str]:
        naming = self.naming
        states = self.piece.states
        if self.piece.kind == "page" and not any(is_within(leaf, state) for leaf in self.reachable for state in states):
            yield naming.label("problem_no_state")
        if self.piece.is_reminder and not any(self.is_sent_from(state) for state in self.plan.states):
            yield naming.label("problem_no_timer")
        if not self.cases.is_possible(self.cases.start):
            yield naming.label("problem_never_true")
            return
        for paragraph in paragraphs:
            for rule in (*paragraph.rules, *paragraph.inside):
                if not rule.reached:
                    yield naming.label("problem_branch", words=rule.words, file=rule.place.file, line=rule.place.line)
                    break

    def is_sent_from(self, state: str) -> bool:
        timers = self.plan.states[state].timers
        return any(timer.remind == self.piece.key for timer in timers) and any(
            is_within(leaf, state) for leaf in self.reachable
        )


def _rule_words(rule: BlockRule, naming: Naming) -> str:
    return naming.label("shown_for_each" if rule.repeats else "only_if", words=rule.words)


def _open_html(words: str) -> str:
    return f'<span class="rule">[<bdi>{html.escape(words)}:</bdi></span> '


def _plain_marks(text: str, inside: Sequence[BlockRule], naming: Naming) -> str:
    return _BEGUN.sub(lambda match: f"[{_rule_words(inside[int(match[1])], naming)}: ", text).replace(END, "]")


def _without_marks(text: str) -> str:
    return _BEGUN.sub("", text).replace(END, "")


def _runs(blocks: Sequence[ReviewBlock]) -> Iterator[list[ReviewBlock]]:
    """Runs of two or more neighboring conditional blocks."""
    run: list[ReviewBlock] = []
    for block in (*blocks, None):
        if block is not None and block.rules:
            run.append(block)
            continue
        if len(run) > 1:
            yield run
        run = []
