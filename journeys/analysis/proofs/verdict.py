"""The verdict on a property: proven, broken with a counter-example, or not proven with the reason; values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from journeys.analysis.paths import Path, to_story
from journeys.definition.compiler import ReleasePlan
from journeys.definition.model import NOWHERE, Mark

Result = Literal["proven", "broken", "not proven"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one claim.

    `rule` is `property`, or the name of a built-in rule; `reason` one sentence or several; `configurations` the number
    that was visited; `path` the shortest path found that breaks the claim, taken by the engine, and `sees` the pieces
    shown at its end. `file` and `mark` are the place of the claim, or of its cause.
    """

    rule: str
    claim: str
    result: Result
    reason: str = ""
    configurations: int = 0
    path: Path | None = None
    sees: tuple[str, ...] = ()
    file: str = ""
    mark: Mark = NOWHERE

    def story(self, plan: ReleasePlan) -> str | None:
        """The counter-example as a story, with the pieces seen at its end; None without a counter-example."""
        if self.path is None:
            return None
        seen = ", ".join(self.sees)
        return f"{to_story(self.path, plan)}      sees: [{seen}]\n"

    def as_dict(self, plan: ReleasePlan) -> dict[str, object]:
        """The verdict as plain values, for `--format json`."""
        return {
            "rule": self.rule,
            "claim": self.claim,
            "result": self.result,
            "reason": self.reason,
            "configurations": self.configurations,
            "file": self.file,
            "line": self.mark.line,
            "column": self.mark.column,
            "story": self.story(plan),
        }


def way_in_words(path: Path) -> str:
    """A path on one line: its beginning and its events."""
    began = f"joins by '{path.entry}'" if path.entry else "joins"
    happens = sorted(
        [(event.at, 0, event.type) for event in path.events]
        + [(at, 1, edge.on) for edge, at in zip(path.edges, path.times, strict=True) if edge.kind == "timer"]
    )
    return ", ".join([began, *(name for _, _, name in happens)])
