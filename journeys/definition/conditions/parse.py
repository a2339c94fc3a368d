"""Parses the text of a condition (Jinja's expression grammar) into checked nodes; refuses whatever is not listed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

import jinja2
from jinja2 import nodes as jinja
from jinja2.parser import Parser

from journeys.definition.conditions.nodes import (
    And,
    Const,
    DateCompare,
    DaysInState,
    DaysSince,
    Flag,
    Has,
    InState,
    Is,
    Known,
    Named,
    Node,
    Not,
    NumberCompare,
    Operator,
    Or,
    Visits,
    inner_parts,
)
from journeys.definition.facts import FactType
from journeys.primitives.canonical import parse_day
from journeys.primitives.problems import did_you_mean

MAX_LENGTH = 1000
MAX_PARTS = 200
#: Of a condition with the named ones in it written out: names used twice in names used twice grow without end.
MAX_SIZE = 1000
MAX_DEPTH = 100
#: Beyond every integer fact, and further than the calendar in days.
MAX_NUMBER = 2**31 - 1

_OPERATORS: Mapping[str, Operator] = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
}
_MIRRORED: Mapping[Operator, Operator] = {
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
    "==": "==",
    "!=": "!=",
}
#: The beginning of the message for a name that is not declared; lint recognizes it.
UNKNOWN_NAME = "Unknown fact or condition '{}'."
_PREDICATES = ("in_state", "visits", "days_since", "days_in_state")
_LANGUAGE = (
    "and, or, not, comparisons, in, constants, declared facts and conditions, 'is known', "
    "in_state('…'), visits('…'), days_since(fact), days_in_state"
)
_ENVIRONMENT = jinja2.Environment(autoescape=True)


class ConditionError(Exception):
    """A condition that the language does not accept; `messages` lists every mistake."""

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__(*messages)
        self.messages = messages

    def __str__(self) -> str:
        return " ".join(self.messages)


@dataclass(frozen=True)
class Scope:
    """The names that a condition may use.

    `resolve_state` returns the full path (`track.state`) of a path as written, or None;
    `state_paths` are the full paths to suggest. `stay`: whether the condition may use `days_in_state`.
    """

    facts: Mapping[str, FactType]
    conditions: Mapping[str, Node] = field(default_factory=dict)
    resolve_state: Callable[[str], str | None] = lambda _: None
    state_paths: tuple[str, ...] = ()
    stay: bool = False

    def evolve(self, **changes: object) -> Scope:
        """The same scope with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


def parse_condition(text: str, scope: Scope) -> Node:
    """The checked condition.

    Raises:
        ConditionError: with every mistake in it.
    """
    if len(text) > MAX_LENGTH:
        raise ConditionError((f"The condition is longer than {MAX_LENGTH} characters.",))
    if text.count("(") + text.count("[") + text.count("not ") + text.count("-") > MAX_PARTS:
        raise ConditionError(("The condition nests too deeply; declare some of its parts under 'conditions'.",))
    try:
        parser = Parser(_ENVIRONMENT, text, state="variable")
        expression = parser.parse_expression()
        parser.stream.expect("eof")
    except jinja2.TemplateSyntaxError as error:
        raise ConditionError((_explain(text, error),)) from None
    except RecursionError:
        raise ConditionError(("The condition nests too deeply.",)) from None
    return from_jinja(expression, scope)


def from_jinja(expression: jinja.Expr, scope: Scope) -> Node:
    """The checked condition of an expression that Jinja has parsed.

    Raises:
        ConditionError: with every mistake in it.
    """
    reader = _ConditionReader(scope)
    node = reader.read(expression)
    if reader.messages:
        raise ConditionError(tuple(dict.fromkeys(reader.messages)))
    if is_too_large(node):
        raise ConditionError(
            (f"With named conditions written out, the condition has more than {MAX_SIZE} parts or nests too deeply.",)
        )
    return node


def is_too_large(node: Node) -> bool:
    """Whether a condition has too many parts or nests too deeply, with named conditions written out; stops early."""
    waiting = [(node, 1)]
    for _ in range(MAX_SIZE):
        if not waiting:
            return False
        part, depth = waiting.pop()
        if depth > MAX_DEPTH:
            return True
        waiting += [(inner, depth + 1) for inner in inner_parts(part)]
    return bool(waiting)


class _ConditionReader:
    """Reads one expression and collects its mistakes."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.messages: list[str] = []

    def refuse(self, message: str) -> Node:
        self.messages.append(message)
        return Const(False)

    def read(self, expression: jinja.Expr) -> Node:
        match expression:
            case jinja.And():
                return And(tuple(self.read(part) for part in _chained(expression)))
            case jinja.Or():
                return Or(tuple(self.read(part) for part in _chained(expression)))
            case jinja.Not():
                return Not(self.read(expression.node))
            case jinja.Const() if isinstance(expression.value, bool):
                return Const(expression.value)
            case jinja.Name():
                return self.read_name(expression.name)
            case jinja.Compare():
                return self.read_compare(expression)
            case jinja.Test():
                return self.read_test(expression)
            case jinja.Call():
                return self.read_call(expression)
            case _:
                described = _described(expression)
                return self.refuse(f"{described} is not part of the condition language. Accepted: {_LANGUAGE}.")

    def read_name(self, name: str) -> Node:
        if name in self.scope.conditions:
            return Named(name, self.scope.conditions[name])
        kind = self.scope.facts.get(name)
        if kind is None:
            return self.refuse(self.unknown_name(name))
        if kind.kind != "boolean":
            return self.refuse(
                f"'{name}' is a fact of type {kind.kind}, not boolean; compare it, or write '{name} is known'."
            )
        return Flag(name)

    def unknown_name(self, name: str) -> str:
        if name in _PREDICATES:
            return f"'{name}' is not a fact. Write it with an argument in brackets, or compare it with a number."
        names = [*self.scope.facts, *self.scope.conditions, *_PREDICATES]
        return UNKNOWN_NAME.format(name) + did_you_mean(name, names)

    def fact(self, expression: jinja.Node) -> tuple[str, FactType] | None:
        if not isinstance(expression, jinja.Name):
            self.refuse(f"{_described(expression)} cannot be used here. Use a declared fact.")
            return None
        kind = self.scope.facts.get(expression.name)
        if kind is None:
            self.refuse(self.unknown_name(expression.name))
            return None
        return expression.name, kind

    def read_test(self, test: jinja.Test) -> Node:
        if test.name != "known" or test.args or test.kwargs:
            return self.refuse(f"'is {test.name}' is not part of the condition language. Accepted: 'is known'.")
        fact = self.fact(test.node)
        return Known(fact[0]) if fact else Const(False)

    def read_call(self, call: jinja.Call) -> Node:
        name = call.node.name if isinstance(call.node, jinja.Name) else None
        if name == "in_state":
            path = self.state_argument(call, "in_state")
            return InState(path) if path else Const(False)
        if name in ("visits", "days_since", "days_in_state"):
            return self.refuse(f"'{name}(…)' is a number; compare it, as in '{name}(…) < 30'.")
        accepted = did_you_mean(name, _PREDICATES) if name else " Accepted: " + ", ".join(_PREDICATES) + "."
        return self.refuse(f"'{name or _described(call.node)}' cannot be called.{accepted}")

    def state_argument(self, call: jinja.Call, name: str) -> str | None:
        plain = len(call.args) == 1 and not (call.kwargs or call.dyn_args or call.dyn_kwargs)
        argument = call.args[0] if plain else None
        if not (isinstance(argument, jinja.Const) and isinstance(argument.value, str)):
            self.refuse(f"'{name}' takes one state in quotes, as in {name}('disease.surveillance').")
            return None
        path = self.scope.resolve_state(argument.value)
        if path is None:
            hint = did_you_mean(argument.value, self.scope.state_paths)
            self.refuse(f"Unknown state '{argument.value}'.{hint}")
        return path

    def read_compare(self, compare: jinja.Compare) -> Node:
        parts: list[Node] = []
        left: jinja.Expr = compare.expr
        for operand in compare.ops:
            parts.append(self.read_pair(left, operand.op, operand.expr))
            left = operand.expr
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def read_pair(self, left: jinja.Expr, word: str, right: jinja.Expr) -> Node:
        if word in ("in", "notin"):
            node = self.read_in(left, right)
            return Not(node) if word == "notin" else node
        operator = _OPERATORS[word]
        if isinstance(left, jinja.Const | jinja.Neg):
            left, right, operator = right, left, _MIRRORED[operator]
        constant = _constant(right)
        if constant is None:
            hint = self.quoting(left, right)
            return self.refuse(f"Compare with a constant, not with {_described(right)}.{hint}")
        if isinstance(constant, int) and abs(constant) > MAX_NUMBER:
            return self.refuse(f"A number is too large; at most {MAX_NUMBER} is accepted.")
        if isinstance(left, jinja.Call) or (isinstance(left, jinja.Name) and left.name == "days_in_state"):
            return self.read_number_predicate(left, operator, constant)
        fact = self.fact(left)
        return self.compare_fact(*fact, operator, constant) if fact else Const(False)

    def quoting(self, left: jinja.Expr, right: jinja.Expr) -> str:
        """A hint for a value without its quotes."""
        kind = self.scope.facts.get(left.name) if isinstance(left, jinja.Name) else None
        if kind is not None and kind.kind == "date":
            return " Put the date in quotes, as in '2026-01-15'."
        if kind is not None and isinstance(right, jinja.Name) and right.name in kind.ancestors:
            return f" Put the value in quotes: '{right.name}'."
        if isinstance(right, jinja.Name) and right.name in self.scope.facts:
            return f" '{right.name}' is a fact; two facts cannot be compared."
        if kind is not None and kind.kind == "boolean":
            return " Accepted: true, false."
        return " Put a value in quotes." if isinstance(right, jinja.Name) else ""

    def read_number_predicate(self, left: jinja.Call | jinja.Name, operator: Operator, constant: object) -> Node:
        name_node = left.node if isinstance(left, jinja.Call) else left
        name = name_node.name if isinstance(name_node, jinja.Name) else ""
        if name not in ("visits", "days_since", "days_in_state"):
            return self.refuse(f"'{name}' is not a number.{did_you_mean(name, _PREDICATES)}")
        if isinstance(constant, bool) or not isinstance(constant, int):
            return self.refuse(f"'{name}' must be compared with a whole number.")
        if name == "days_in_state":
            if isinstance(left, jinja.Call) and (left.args or left.kwargs):
                return self.refuse("'days_in_state' takes no argument; it counts from the entry into its own state.")
            if not self.scope.stay:
                return self.refuse("'days_in_state' is accepted only in a condition of a state or a piece.")
            return DaysInState(operator, constant)
        call = cast(jinja.Call, left)
        if not isinstance(left, jinja.Call):
            return self.refuse(f"'{name}' needs an argument in brackets.")
        if name == "visits":
            path = self.state_argument(call, "visits")
            return Visits(path, operator, constant) if path else Const(False)
        if len(call.args) != 1 or call.kwargs or call.dyn_args or call.dyn_kwargs:
            return self.refuse("'days_since' takes one date fact, as in days_since(last_scan_on).")
        fact = self.fact(call.args[0])
        if fact and fact[1].kind != "date":
            return self.refuse(f"'days_since' needs a date; '{fact[0]}' is of type {fact[1].kind}.")
        return DaysSince(fact[0], operator, constant) if fact else Const(False)

    def compare_fact(self, name: str, kind: FactType, operator: Operator, constant: object) -> Node:
        equal = operator in ("==", "!=")
        node: Node | None = None
        match kind.kind:
            case "choice" if equal and isinstance(constant, str):
                node = self.choice(name, kind, (constant,))
            case "boolean" if equal and isinstance(constant, bool):
                node = Flag(name) if constant else Not(Flag(name))
            case "integer" if isinstance(constant, int) and not isinstance(constant, bool):
                return NumberCompare(name, operator, constant)
            case "date" if isinstance(constant, str):
                try:
                    return DateCompare(name, operator, parse_day(constant).isoformat())
                except ValueError:
                    return self.refuse(f"'{constant}' is not a date such as 2026-01-15.")
            case "text":
                return self.refuse(f"'{name}' is a text; conditions cannot read texts.")
            case "set":
                return self.refuse(f"'{name}' is a set; write \"'value' in {name}\".")
            case _:
                return self.refuse(
                    f"'{name}' is of type {kind.kind}; it cannot be compared with {constant!r} by '{operator}'. "
                    f"Accepted: {kind.accepts()}."
                )
        return Not(node) if operator == "!=" else node

    def choice(self, name: str, kind: FactType, values: tuple[str, ...]) -> Node:
        for value in values:
            if value not in kind.ancestors:
                self.refuse(f"Unknown value '{value}' of '{name}'.{did_you_mean(value, kind.values)}")
        return Is(name, values)

    def read_in(self, left: jinja.Expr, right: jinja.Expr) -> Node:
        if isinstance(right, jinja.List | jinja.Tuple):
            constants = [_constant(item) for item in right.items]
            fact = self.fact(left)
            if not fact:
                return Const(False)
            name, kind = fact
            if kind.kind == "choice" and constants and all(isinstance(item, str) for item in constants):
                return self.choice(name, kind, tuple(str(item) for item in constants))
            return self.refuse(f"'{name} in […]' needs a choice fact and a list of its values in quotes.")
        fact = self.fact(right)
        if not fact:
            return Const(False)
        name, kind = fact
        value = _constant(left)
        if kind.kind != "set" or not isinstance(value, str):
            return self.refuse(f'"… in {name}" needs a value in quotes and a fact of type set.')
        if value not in kind.values:
            return self.refuse(f"Unknown value '{value}' of '{name}'.{did_you_mean(value, kind.values)}")
        return Has(name, value)


def _explain(text: str, error: jinja2.TemplateSyntaxError) -> str:
    message = f"'{text}' is not a condition"
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return f"{message}: to compare, write '=='."
    if re.search(r"""(?<!['"])\b\d{4}-\d\d-\d\d""", text):
        return f"{message}: put the date in quotes."
    if "&&" in text or "||" in text:
        return f"{message}: write 'and' and 'or'."
    if text.count("'") % 2 or text.count('"') % 2:
        return f"{message}: a quote is missing."
    if text.count("(") != text.count(")") or text.count("[") != text.count("]"):
        return f"{message}: a bracket is missing."
    reason = (error.message or "").replace("end of template", "its end").replace("token ", "")
    return f"{message}: {reason}. Accepted: {_LANGUAGE}."


def _chained(expression: jinja.BinExpr) -> list[jinja.Expr]:
    """The operands of `a and b and c`, which Jinja nests to the left, as long as the operator is the same."""
    parts: list[jinja.Expr] = []
    left: jinja.Expr = expression
    while isinstance(left, jinja.BinExpr) and type(left) is type(expression):
        parts.append(left.right)
        left = left.left
    return [left, *reversed(parts)]


def _constant(expression: jinja.Node) -> object | None:
    if isinstance(expression, jinja.Const) and isinstance(expression.value, bool | int | str):
        return expression.value
    if isinstance(expression, jinja.Neg):
        inner = _constant(expression.node)
        return -inner if isinstance(inner, int) and not isinstance(inner, bool) else None
    return None


_WORDS = {
    "Filter": "a filter ('|')",
    "Getattr": "an attribute ('.')",
    "Getitem": "an index ('[…]')",
    "Call": "a call",
    "CondExpr": "'… if … else …'",
    "Const": "this constant",
    "Add": "'+'",
    "Sub": "'-'",
    "Mul": "'*'",
    "Div": "'/'",
    "Pow": "'**'",
    "Mod": "'%'",
    "Concat": "'~'",
    "List": "a list",
    "Tuple": "a list",
    "Dict": "a mapping",
    "Neg": "'-'",
    "Pos": "'+'",
    "FloorDiv": "'//'",
    "And": "'and'",
    "Or": "'or'",
    "Not": "'not'",
    "Compare": "a comparison",
    "Test": "'is'",
    "Slice": "a slice",
    "Name": "a name",
}


def _described(expression: jinja.Node) -> str:
    word = type(expression).__name__
    if isinstance(expression, jinja.Name):
        return f"'{expression.name}'"
    return _WORDS.get(word, f"'{word.lower()}'")
