"""Writes the actual results into the expectations of a story's file; it leaves every other byte unchanged."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from journeys.authoring.stories.expectations import agree
from journeys.authoring.stories.played import Played
from journeys.authoring.stories.script import Plain

#: The expectations written for a step whose `expect` is empty.
USUAL = ("state", "sees")
#: Those that are written as well where there is anything to say.
USUAL_WHERE_ANY = (
    *("outcome", "waiting_for", "asks", "held", "patient_state", "tasks", "reminders", "sends", "suppressed", "ended"),
)

Written = str | Sequence["Written"] | Mapping[str, "Written"]
#: A value of a story: a text, a list, or a mapping.

WIDTH = 120
#: Longer lines are wrapped.

_PLAIN = re.compile(r"[A-Za-z_](?:[\w./+-]| (?=\w))*|\d{4}-\d\d-\d\d")


def updated(data: bytes, played: Played) -> bytes:
    """The story's file with every listed expectation set to the actual result; an empty `expect` gets the usual ones.

    Expectations that are met stay as the author wrote them. A `state` that lists some tracks keeps only those tracks.
    """
    text = data.decode()
    tree = YAML().compose(io.StringIO(text))
    steps = _child(tree, "steps")
    assert isinstance(steps, SequenceNode)
    edits: list[tuple[int, int, str]] = []
    for node, step, actual in zip(steps.value, played.story.steps, played.actual, strict=False):
        expect = _child(node, "expect")
        if expect is not None:
            edits += _edits(text, expect, step.expect, actual)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text.encode()


def _edits(
    text: str, node: Node, expected: Mapping[str, Plain], actual: Mapping[str, Plain]
) -> Iterator[tuple[int, int, str]]:
    """The replacements in one `expect`: start, end, and new text."""
    usual = (*USUAL, *(key for key in USUAL_WHERE_ANY if _says_something(key, actual)))
    new_expectations = {
        key: _narrowed(key, expected.get(key), actual[key]) for key in expected or usual if key in actual
    }
    changed = [
        key for key, value in new_expectations.items() if key not in expected or _differs(key, expected[key], value)
    ]
    if not changed:
        return
    if isinstance(node, MappingNode) and not node.flow_style:
        for name, value in node.value:
            if name.value in changed:
                indent = " " * name.start_mark.column
                yield _replaced(text, value, _wrapped(name.value, new_expectations[name.value], indent))
        return
    value = _start(text, node)
    start = text.rfind("\n", 0, value) + 1
    column = len(text[start:value].rstrip())
    line = flow(new_expectations)
    if column + 1 + len(line) <= WIDTH:
        yield _replaced(text, node, f" {line}")
    else:
        indent = " " * (len(text[start:]) - len(text[start:].lstrip(" -")) + 2)
        lines = "".join(f"\n{indent}{key}:{_wrapped(key, value, indent)}" for key, value in new_expectations.items())
        yield _replaced(text, node, lines)


def _says_something(key: str, actual: Mapping[str, Plain]) -> bool:
    """Whether a step is worth an expectation: not where nothing is held, or the patient knows the state."""
    return actual.get(key) not in ("", [], {}, None, "false" if key == "held" else actual["state"])


def _replaced(text: str, node: Node, new: str) -> tuple[int, int, str]:
    """The edit that replaces a value by another, which begins with a blank or a line break."""
    start = _start(text, node)
    end = max(start, _end(node)) if start == node.start_mark.index else start
    while text[start - 1] in " \n":
        start -= 1
    return start, end, new


def _start(text: str, node: Node) -> int:
    """The start of a node's text; an empty one is where its colon ends, whatever lines follow."""
    start = int(node.start_mark.index)
    return start if _end(node) > start else text.rindex(":", 0, start) + 1


def _end(node: Node) -> int:
    """The end of a node's text; a block ends with its last value, not with the comments after it."""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _child(node: Node, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _differs(key: str, expected: Plain, new: Plain) -> bool:
    return not agree(key, expected, new) or (isinstance(new, dict) and bool(new) and not expected)


def _narrowed(key: str, expected: Plain | None, actual: Plain) -> Plain:
    """The actual value, limited to the tracks that the expectation lists; all tracks if it lists none.

    Of messages it has all.
    """
    if key == "suppressed" or not isinstance(actual, dict) or not isinstance(expected, dict):
        return actual
    return {name: value for name, value in actual.items() if name in expected} or actual


def _wrapped(key: str, value: Plain, indent: str) -> str:
    """A value after its key and colon: wrapped if it is long, of several messages each in a line of its own."""
    line = f"{indent}{key}: {flow(value)}"
    if key == "sends" and isinstance(value, list) and len(line) > WIDTH:
        return "".join(f"\n{indent}  - {flow(message)}" for message in value)
    wrapped = fill(line, WIDTH, subsequent_indent=f"{indent}  ", break_long_words=False, break_on_hyphens=False)
    return wrapped.removeprefix(f"{indent}{key}:")


def flow(value: Written) -> str:
    """A value as a story writes it, in one line."""
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(flow(item) for item in value) + "]"
