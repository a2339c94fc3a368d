"""Lists every rendering of a template: its text with named placeholders, and the conditions under which it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from journeys.content.markdown import CLOSE, OPEN
from journeys.content.templates.certainty import Cases, Context, Question
from journeys.content.templates.fill import Filled
from journeys.content.templates.nodes import Branch, FrameValue, Node, OfProgramme, Repeat, Template, Value, Words
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World

MAX_RENDERINGS = 64
_MAX_PATHS = 2048


class TooManyRenderings(Exception):
    """The template has more renderings than a reviewer can look at one by one."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One text that a template can show.

    `filled` is the text with placeholders (`⟨last_scan_on⟩`) as values; `holds` are the conditions as written, each
    with its truth (false: false or unknown); `example` is a world that leads to this text.
    """

    filled: Filled
    holds: tuple[tuple[str, bool], ...]
    example: World

    @property
    def text(self) -> str:
        """The Markdown with placeholders."""
        return self.filled.markdown

    @property
    def condition(self) -> str:
        """The conditions on one line, or 'always'."""
        return "; ".join(text if truth else f"not: {text}" for text, truth in self.holds) or "always"


@dataclass(frozen=True, slots=True)
class _Path:
    context: Context
    filled: Filled
    holds: tuple[tuple[str, bool], ...] = ()

    def say(self, text: str) -> _Path:
        return replace(self, filled=Filled(self.filled.text + text, self.filled.values))

    def show(self, placeholder: str) -> _Path:
        values = self.filled.values
        text = f"{self.filled.text}{OPEN}{len(values)}{CLOSE}"
        return replace(self, filled=Filled(text, (*values, placeholder)))

    def note(self, text: str, truth: bool, context: Context) -> _Path:
        holds = self.holds if (text, truth) in self.holds else (*self.holds, (text, truth))
        return replace(self, holds=holds, context=context)


def renderings(template: Template, plan: ReleasePlan) -> list[Rendering]:
    """The distinct renderings, in document order.

    Raises:
        TooManyRenderings: when there are more than 64.
        TooManyCells: when facts that meet have too many combinations.
    """
    cases = Cases(template, plan)
    if not cases.is_possible(cases.start):
        return []
    renderings_by_text: dict[Filled, Rendering] = {}
    for path in _expand(template.body, _Path(cases.start, Filled("", ())), cases):
        if path.filled not in renderings_by_text:
            renderings_by_text[path.filled] = Rendering(path.filled, path.holds, cases.example(path.context))
    if len(renderings_by_text) > MAX_RENDERINGS:
        raise TooManyRenderings(f"{len(renderings_by_text)} renderings")
    return list(renderings_by_text.values())


def _expand(nodes: Iterable[Node], start: _Path, cases: Cases) -> list[_Path]:
    paths = [start]
    for node in nodes:
        match node:
            case Words(text):
                paths = [path.say(text) for path in paths]
            case Value() | OfProgramme(scheme=None) | FrameValue(is_address=False):
                paths = [path.show(node.placeholder) for path in paths]
            case OfProgramme() | FrameValue():
                paths = [path.say(node.placeholder) for path in paths]
            case Repeat():
                paths = [expanded for path in paths for expanded in _expand_repeat(node, path, cases)]
            case Branch():
                paths = [expanded for path in paths for expanded in _expand_branch(node, path, cases)]
        if len(paths) > _MAX_PATHS:
            raise TooManyRenderings(f"more than {_MAX_PATHS} renderings")
    return paths


def _expand_branch(branch: Branch, path: _Path, cases: Cases) -> list[_Path]:
    paths: list[_Path] = []
    for number, arm in enumerate(branch.arms):
        question: Question = ("if", arm.condition.node)
        left = cases.answers(path.context, question)
        if True in left:
            shown = path.note(arm.condition.text, True, cases.keep(path.context, question, (True,)))
            paths += _expand(arm.body, shown, cases)
        # Only the last condition, without an `else` after it, may be unknown. Like false, it shows nothing.
        is_last = number == len(branch.arms) - 1 and branch.otherwise is None
        rest: tuple[bool | None, ...] = (False, None) if is_last else (False,)
        if not left & set(rest):
            return paths
        path = path.note(arm.condition.text, False, cases.keep(path.context, question, rest))
    return paths + _expand(branch.otherwise or (), path, cases)


def _expand_repeat(repeat: Repeat, path: _Path, cases: Cases) -> list[_Path]:
    question: Question = ("empty", repeat.fact)
    written = f"{repeat.fact} is not empty"
    paths = _expand(repeat.body, path.note(written, True, path.context), cases)
    if True in cases.answers(path.context, question):
        paths.append(path.note(written, False, cases.keep(path.context, question, (True,))))
    return paths
