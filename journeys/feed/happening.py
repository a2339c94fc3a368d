"""An event about an enrollment, and the kinds of such events. It needs no release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Kind = Literal[
    "state.entered", "state.left", "timer.fired", "task.opened", "task.closed", "content.due", "enrollment.ended"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
STAFF_KINDS: tuple[Kind, ...] = ("task.opened", "task.closed", "timer.fired")
#: Only staff see tasks, and timers, whose names say which task they open.


@dataclass(frozen=True, slots=True)
class Happening:
    """An event about an enrollment.

    `key` names it among those of its enrollment, whenever they are listed. `origin` is the stay of a task, or the
    effect that made content due; empty for other kinds. `data` has ids and names that the definition declares.
    """

    kind: Kind
    key: str
    at: datetime
    data: Mapping[str, str]
    origin: str = ""
