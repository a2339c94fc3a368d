"""An enrollment as a frozen value with its stored form, and the step that it takes, which the shell stores."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeys.engine.checkpoints import NewCheckpoints
from journeys.engine.effects import Effect
from journeys.engine.results import Result
from journeys.engine.state import State
from journeys.engine.told import NOTHING_HELD, Told


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One patient in one journey.

    `release` is the id of the release enrolled with; `state` the cached fold, the truth; `told` what the patient may
    know of it; `ledger` the status (`open`, `cleared`, `done`) and name of the effects that are open and of the last
    that ended; `revision` counts the steps that changed anything.
    """

    id: str
    release: str
    state: State | None = None
    told: Told = NOTHING_HELD
    ledger: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    revision: int = 0

    @property
    def view(self) -> State | None:
        """The told view: the truth while no news is open."""
        return self.told.state or self.state

    @property
    def heard_of(self) -> Collection[str]:
        """The facts that the told view has heard of, by name, and the states that it has entered, by full path."""
        return self.view.heard_of | self.view.visits.keys() if self.view is not None else ()

    @property
    def next_due_at(self) -> datetime | None:
        """The instant at which the next timer of the truth or of the told view fires, or None."""
        if self.told.state is None:
            return self.state.next_due_at if self.state is not None else None
        due = [state.next_due_at for state in (self.state, self.told.state) if state is not None]
        return min((at for at in due if at is not None), default=None)

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values; everything to store beside the log."""
        return {
            "id": self.id,
            "release": self.release,
            "state": self.state.to_stored() if self.state else None,
            "told": self.told.to_stored(),
            "ledger": {name: list(entry) for name, entry in self.ledger.items()},
            "revision": self.revision,
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Enrollment:
        """The enrollment of its stored form."""
        return cls(
            id=stored["id"],
            release=stored["release"],
            state=State.from_stored(stored["state"]) if stored["state"] else None,
            told=Told.from_stored(stored["told"]),
            ledger={name: (status, label) for name, (status, label) in stored["ledger"].items()},
            revision=stored["revision"],
        )


@dataclass(frozen=True, slots=True)
class Record:
    """One line of an enrollment's history. `kind`: event, timer, revised, undone, restored, retracted, effect."""

    kind: str
    at: str
    item: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of advancing, as values; the shell stores them and acts on them.

    `results` has what each arriving event did, by uid; `timers` what each timer did that fired; `stays_undone` the
    stays that a retraction or a late event took back. `view_results` and `view_stays_undone` say the same of the told
    view, for who may not know the truth; an event of theirs is in it even where the view withholds it. `checkpoints`
    are those that take the place of earlier ones, or None: then these stay.
    """

    enrollment: Enrollment
    records: tuple[Record, ...] = ()
    effects: tuple[Effect, ...] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    timers: tuple[Result, ...] = ()
    stays_undone: frozenset[str] = frozenset()
    view_results: Mapping[str, Result] = field(default_factory=dict)
    view_stays_undone: frozenset[str] = frozenset()
    checkpoints: NewCheckpoints | None = None

    @property
    def cleared(self) -> tuple[str, ...]:
        """The names of effects that are no longer needed."""
        return tuple(effect.name for effect in self.effects if effect.action == "clear")
