"""Parses the text of a template into checked nodes; refuses everything that is not listed here, with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard, cast, get_args

import jinja2
from jinja2 import nodes as jinja
from jinja2.parser import Parser

from journeys.content.templates.certainty import Cases
from journeys.content.templates.nodes import (
    ADDRESSES,
    Arm,
    Branch,
    Form,
    FrameValue,
    Node,
    OfProgramme,
    Repeat,
    SourcePosition,
    Template,
    Value,
    Words,
    walk,
)
from journeys.content.templates.scan import ACCEPTED, ENVIRONMENT, Tag, scan
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import Compiled, ConditionError, TooManyCells, compile_condition, from_jinja
from journeys.definition.facts import FactType
from journeys.definition.programmes import longest
from journeys.primitives.problems import Problem, did_you_mean

RULE = "template"
MAX_BYTES = 64 * 1024
MAX_INCLUDES = 20
MAX_OUTPUT = 200_000
_MAX_STEPS = 20_000
_VALUE_LENGTH = 80

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_INCLUDE = re.compile(r"\{%[-+]?\s*include\s+(['\"])([^'\"]*)\1")
_VALUES = "{{ fact }}, {{ fact | date }}, {{ fact | label }} and {{ programme.value }}"
_PROGRAMME = "programme"
#: The beginning of a link target before a value of the programme, and the type of value that each scheme takes.
_UNCLOSED = re.compile(r"^Unexpected end of template\..* needs to be closed is '(\w+)'")
_LINK = re.compile(r"\]\((tel:|mailto:|)$")
_LINKED_KINDS = {"tel:": "phone", "mailto:": "email", "": "url"}
_WORDS = {
    "Filter": "a filter behind a filter",
    "Getattr": "an attribute ('.')",
    "Getitem": "an index ('[…]')",
    "Call": "a call",
    "CondExpr": "'… if … else …'",
    "Const": "a constant",
    "TemplateData": "a constant",
    "Concat": "'~'",
    "List": "a list",
    "Dict": "a mapping",
    "Tuple": "a list with commas",
    "Test": "a test ('is …')",
    "Compare": "a comparison",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a template and its position: `first_line` is the line of the file at which the text begins."""

    file: str
    text: str
    first_line: int = 1


def included_names(text: str) -> tuple[str, ...]:
    """The names of the partials that a text includes, in order, even if the text is not a valid template."""
    return tuple(dict.fromkeys(match[2] for match in _INCLUDE.finditer(text)))


def read_template(
    source: Source,
    plan: ReleasePlan,
    partials: Mapping[str, Source],
    *,
    track: str | None = None,
    when: Compiled | None = None,
    leaves: Mapping[str, tuple[str, ...]] | None = None,
    frame_values: Collection[str] = (),
) -> tuple[Template | None, list[Problem]]:
    """The template of a text, or None, and every problem of the text and of the partials that it includes.

    Args:
        source: the text.
        plan: the release whose facts and conditions the text may name.
        partials: the partials of the same locale, by name.
        track: the track in which state names in conditions are looked up first.
        when: a condition that is true wherever the text is shown.
        leaves: for each track, the full paths of the leaf states that may show the text; by default all.
        frame_values: the values of a message frame that the text may show (`FrameValue`).
    """
    if leaves is None:
        leaves = leaves_of(plan)
    reader = _TemplateReader(plan, partials, track, frame_values)
    body = reader.read(source, ())
    problems = reader.problems
    if not problems:
        problems += _too_large(body, plan, source)
    if problems:
        return None, problems
    template = Template(body, when, leaves)
    try:
        problems = Cases(template, plan).problems()
    except TooManyCells as error:
        message = f"The conditions of this template have {error}. Use fewer facts together."
        problems = [Problem(source.file, source.first_line, 1, "error", RULE, message)]
    return (None if any(problem.level == "error" for problem in problems) else template), problems


def leaves_of(plan: ReleasePlan) -> dict[str, tuple[str, ...]]:
    """For each track, the full paths of all leaf states."""
    return {name: tuple(f"{name}.{leaf}" for leaf in track.leaves) for name, track in plan.tracks.items()}


def _in_plain_words(message: str) -> str:
    """Jinja's message in words for authors, with what is accepted."""
    unclosed = _UNCLOSED.search(message)
    if unclosed is not None:
        tag = unclosed[1]
        return f"'{{% {tag} … %}}' has no end. Write '{{% end{tag} %}}' behind the text that it is for."
    return f"{message.rstrip('.')}. Accepted are {ACCEPTED}."


class _TemplateReader:
    """Reads a template and its partials, and collects their problems."""

    def __init__(
        self, plan: ReleasePlan, partials: Mapping[str, Source], track: str | None, frame_values: Collection[str]
    ) -> None:
        self.plan = plan
        self.frame_values = frame_values
        self.partials = partials
        self.scope = plan.scope(track, stay=True)
        self.problems: list[Problem] = []
        self.open: list[str] = []
        self.includes = 0

    def read(self, source: Source, loops: tuple[tuple[str, str], ...]) -> tuple[Node, ...]:
        text = source.text.replace("\r\n", "\n").replace("\r", "\n")
        if len(text.encode()) > MAX_BYTES:
            return self.stop(source, 1, 1, f"The text is longer than {MAX_BYTES} bytes.")
        tags, mistakes = scan(text)
        for mistake in mistakes:
            self.stop(source, mistake.line, mistake.column, mistake.message)
        if mistakes:
            return ()
        try:
            tree = Parser(ENVIRONMENT, text).parse()
        except jinja2.TemplateSyntaxError as error:
            message = f"This is not a template: {_in_plain_words(error.message or '')}"
            return self.stop(source, error.lineno, _column(tags, error.lineno), message)
        except (RecursionError, ValueError):
            return self.stop(source, 1, 1, "This template nests too deeply or contains a number with too many digits.")
        return _TreeReader(self, source, tags).nodes(tree.body, loops)

    def stop(self, source: Source, line: int, column: int, message: str) -> tuple[Node, ...]:
        line += source.first_line - 1
        self.problems.append(Problem(source.file, line, column, "error", RULE, message))
        return ()

    def problem(self, position: SourcePosition, message: str) -> None:
        self.problems.append(Problem(position.file, position.line, position.column, "error", RULE, message))


class _TreeReader:
    """Reads the tree of one text. Tags are matched in document order, which is the order of the tree."""

    def __init__(self, reader: _TemplateReader, source: Source, tags: Sequence[Tag]) -> None:
        self.reader = reader
        self.source = source
        self.tags: Iterator[Tag] = iter([tag for tag in tags if tag.word in ("", "if", "elif", "for", "include")])

    def take(self) -> tuple[Tag, SourcePosition]:
        tag = next(self.tags)
        return tag, SourcePosition(self.source.file, tag.line + self.source.first_line - 1, tag.column)

    def nodes(self, tree: Sequence[jinja.Node], loops: tuple[tuple[str, str], ...]) -> tuple[Node, ...]:
        nodes: list[Node] = []
        for node in tree:
            match node:
                case jinja.Output():
                    nodes += self.output(node, loops)
                case jinja.If():
                    nodes.append(self.branch(node, loops))
                case jinja.For():
                    nodes += self.repeat(node, loops)
                case jinja.Include():
                    nodes += self.include(node, loops)
                case _:
                    position = SourcePosition(self.source.file, node.lineno + self.source.first_line - 1, 1)
                    word = type(node).__name__.lower()
                    self.reader.problem(
                        position, f"'{word}' is not part of the template language. Accepted are {ACCEPTED}."
                    )
        return tuple(nodes)

    # --- values --------------------------------------------------------------------------------------------

    def output(self, node: jinja.Output, loops: tuple[tuple[str, str], ...]) -> Iterator[Node]:
        for number, part in enumerate(node.nodes):
            if isinstance(part, jinja.TemplateData):
                yield Words(part.data, SourcePosition(self.source.file, part.lineno + self.source.first_line - 1, 1))
                continue
            _, position = self.take()
            before = _data(node.nodes[number - 1]) if number else ""
            behind = _data(node.nodes[number + 1]) if number + 1 < len(node.nodes) else ""
            link = _LINK.search(before) if behind.startswith(")") else None
            value: Node | None
            if _is_of_programme(part):
                value = self.of_programme(part, position, link)
            elif isinstance(part, jinja.Name) and part.name in self.reader.frame_values:
                value = self.frame_value(part.name, position, link)
            else:
                value = self.value(part, position, dict(loops))
            if value is not None:
                yield value

    def value(self, part: jinja.Expr, position: SourcePosition, loops: Mapping[str, str]) -> Value | None:
        form: Form = "plain"
        if isinstance(part, jinja.Filter):
            if part.name not in get_args(Form)[1:]:
                hint = did_you_mean(part.name, get_args(Form)[1:])
                self.reader.problem(position, f"Unknown filter '{part.name[:40]}'.{hint}")
                return None
            if part.args or part.kwargs or part.dyn_args or part.dyn_kwargs:
                self.reader.problem(position, f"The filter '{part.name}' takes no arguments.")
                return None
            form = "date" if part.name == "date" else "label"
            inner = part.node
        else:
            inner = part
        if not isinstance(inner, jinja.Name):
            self.reader.problem(position, f"{_described(inner)} cannot be shown. Accepted are {_VALUES}.")
            return None
        if inner.name in loops:
            return (
                Value(inner.name, loops[inner.name], form, True, position) if self.fits_item(form, position) else None
            )
        kind = self.reader.plan.facts.get(inner.name)
        if kind is None:
            self.reader.problem(position, self.unknown(inner.name, loops))
            return None
        return self.fact_value(inner.name, kind, form, position)

    def of_programme(
        self, part: jinja.Getattr, position: SourcePosition, link: re.Match[str] | None
    ) -> OfProgramme | None:
        declared = self.reader.plan.journey.programme
        value = declared.get(part.attr)
        if value is None:
            hint = did_you_mean(part.attr, declared)
            self.reader.problem(position, f"Unknown value 'programme.{part.attr[:80]}'.{hint}")
            return None
        if link is not None and _LINKED_KINDS[link[1]] != value.kind:
            needed = _LINKED_KINDS[link[1]]
            fitting = [name for name, value in declared.items() if value.kind == needed]
            message = f"A link to '{link[1] or 'https://'}' needs a value of type {needed}.{did_you_mean('', fitting)}"
            self.reader.problem(position, message)
            return None
        return OfProgramme(value.name, value.kind, link[1] if link is not None else None, position)

    def frame_value(self, name: str, position: SourcePosition, link: re.Match[str] | None) -> FrameValue | None:
        target = f"[words]({{{{ {name} }}}})"
        if (link is not None) != (name in ADDRESSES) or (link is not None and link[1]):
            form = f"is the target of a link: {target}" if name in ADDRESSES else "cannot be in a link"
            self.reader.problem(position, f"'{{{{ {name} }}}}' {form}.")
            return None
        return FrameValue(name, position)

    def fits_item(self, form: Form, position: SourcePosition) -> bool:
        if form == "date":
            self.reader.problem(position, "An item of a set cannot be shown as a date. Use '| label'.")
        return form != "date"

    def unknown(self, name: str, loops: Mapping[str, str]) -> str:
        if name in self.reader.plan.conditions:
            return f"'{name}' is a condition; use it in {{% if {name} %}}."
        names = [*self.reader.frame_values, *self.reader.plan.facts, *loops]
        return f"Unknown fact '{name[:80]}'.{did_you_mean(name, names)}"

    def fact_value(self, name: str, kind: FactType, form: Form, position: SourcePosition) -> Value | None:
        labels = self.reader.plan.journey.facts[name].labels
        wrong = None
        if kind.kind == "set":
            wrong = f"'{name}' is a set; show its items with {{% for item in {name} %}}."
        elif kind.kind == "boolean" and not labels:
            wrong = f"'{name}' is true or false and has no labels; use it in {{% if {name} %}}."
        elif form == "date" and kind.kind != "date":
            wrong = f"'{name}' is of type {kind.kind}, not a date; write {{{{ {name} }}}}."
        elif form == "label" and kind.kind not in ("choice", "boolean"):
            wrong = f"'{name}' is of type {kind.kind} and has no labels; write {{{{ {name} }}}}."
        if wrong is not None:
            self.reader.problem(position, wrong)
            return None
        return Value(name, name, form, False, position)

    # --- statements ----------------------------------------------------------------------------------------

    def branch(self, node: jinja.If, loops: tuple[tuple[str, str], ...]) -> Branch:
        arms = []
        for test_node in (node, *node.elif_):
            tag, position = self.take()
            condition = self.condition(test_node.test, tag, position)
            body = self.nodes(test_node.body, loops)
            if condition is not None:
                arms.append(Arm(condition, body, position))
        otherwise = self.nodes(node.else_, loops) if node.else_ else None
        return Branch(tuple(arms), otherwise)

    def condition(self, test: jinja.Node, tag: Tag, position: SourcePosition) -> Compiled | None:
        try:
            return compile_condition(
                tag.text, from_jinja(cast(jinja.Expr, test), self.reader.scope), self.reader.plan.facts
            )
        except ConditionError as error:
            for message in error.messages:
                self.reader.problem(position, message)
        return None

    def repeat(self, node: jinja.For, loops: tuple[tuple[str, str], ...]) -> list[Node]:
        _, position = self.take()
        name = node.target.name if isinstance(node.target, jinja.Name) else ""
        fact = node.iter.name if isinstance(node.iter, jinja.Name) else ""
        mistake = self.loop_mistake(node, name, fact, dict(loops))
        if mistake is not None:
            self.reader.problem(position, mistake)
        body = self.nodes(node.body, (*loops, (name, fact)))
        self.nodes(node.else_, loops)
        return [] if mistake else [Repeat(name, fact, self.reader.plan.facts[fact].values, body, position)]

    def loop_mistake(self, node: jinja.For, name: str, fact: str, loops: Mapping[str, str]) -> str | None:
        plan = self.reader.plan
        form = "write it as {% for item in set_fact %}"
        if node.else_ or node.test is not None or node.recursive:
            return f"A loop takes no 'else', no 'if' and no 'recursive'; {form}."
        if not _NAME.fullmatch(name):
            return f"A loop needs one plain name for its items; {form}."
        if name in plan.facts or name in plan.conditions or name in loops:
            return f"The name '{name}' is already used; choose another name for the items of the loop."
        sets = [set_name for set_name, kind in plan.facts.items() if kind.kind == "set"]
        if not fact:
            return f"{_described(node.iter)} cannot be used in a loop. Use a declared set fact.{did_you_mean('', sets)}"
        if fact not in sets:
            return f"Unknown set fact '{fact[:80]}'; {form}.{did_you_mean(fact, sets)}"
        return None

    def include(self, node: jinja.Include, loops: tuple[tuple[str, str], ...]) -> tuple[Node, ...]:
        reader = self.reader
        _, position = self.take()
        name = node.template.value if isinstance(node.template, jinja.Const) else None
        if not isinstance(name, str) or node.ignore_missing or not node.with_context:
            reader.problem(position, "A partial is included by its name in quotes: {% include 'emergency' %}.")
            return ()
        if name in reader.open:
            path = " → ".join([*reader.open, name])
            reader.problem(position, f"The partial '{name}' includes itself: {path}.")
            return ()
        partial = reader.partials.get(name)
        if partial is None:
            hint = did_you_mean(name, reader.partials)
            reader.problem(position, f"Unknown partial '{name[:80]}' in this locale.{hint}")
            return ()
        reader.includes += 1
        if reader.includes > MAX_INCLUDES:
            if reader.includes == MAX_INCLUDES + 1:
                reader.problem(position, f"The text includes more than {MAX_INCLUDES} partials.")
            return ()
        reader.open.append(name)
        try:
            return reader.read(partial, loops)
        finally:
            reader.open.pop()


def _data(node: jinja.Node) -> str:
    return node.data if isinstance(node, jinja.TemplateData) else ""


def _is_of_programme(part: jinja.Node) -> TypeGuard[jinja.Getattr]:
    return isinstance(part, jinja.Getattr) and isinstance(part.node, jinja.Name) and part.node.name == _PROGRAMME


def _described(expression: jinja.Node | None) -> str:
    name = type(expression).__name__
    if isinstance(expression, jinja.BinExpr):
        return f"'{expression.operator}'"
    words = _WORDS.get(name, f"'{name.lower()}'")
    return words[0].upper() + words[1:]


def _column(tags: Sequence[Tag], line: int) -> int:
    return next((tag.column for tag in tags if tag.line == line), 1)


# --- size ------------------------------------------------------------------------------------------------------


def _too_large(body: Sequence[Node], plan: ReleasePlan, source: Source) -> list[Problem]:
    size, steps = _extent(body, plan)
    if size > MAX_OUTPUT:
        message = f"The rendered text could have {size} characters; at most {MAX_OUTPUT} are accepted."
    elif steps > _MAX_STEPS:
        message = f"Rendering could take {steps} steps; at most {_MAX_STEPS} are accepted. Nest fewer loops."
    else:
        return []
    loops = (node.place for node in walk(body) if isinstance(node, Repeat))
    position = next(loops, SourcePosition(source.file, source.first_line, 1))
    return [Problem(position.file, position.line, position.column, "error", RULE, message)]


def _extent(nodes: Sequence[Node], plan: ReleasePlan) -> tuple[int, int]:
    """The maximum number of characters and of steps of a rendering."""
    size = steps = 0
    for node in nodes:
        steps += 1
        match node:
            case Words(text):
                size += len(text)
            case Value(_, fact):
                kind = plan.facts[fact]
                size += kind.max_length if kind.kind == "text" else _VALUE_LENGTH
            case FrameValue():
                size += _VALUE_LENGTH
            case OfProgramme(name):
                size += longest(plan.journey.programme[name])
            case Branch(arms, otherwise):
                bodies = [_extent(arm.body, plan) for arm in arms] + [_extent(otherwise or (), plan)]
                size += max(body_cost[0] for body_cost in bodies)
                steps += len(arms) + max(body_cost[1] for body_cost in bodies)
            case Repeat():
                inner = _extent(node.body, plan)
                size += len(node.values) * inner[0]
                steps += len(node.values) * (inner[1] + 1)
    return size, steps
