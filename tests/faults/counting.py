"""How often a fault test repeats, and the line it writes of what it did; it decides nothing about right or wrong.

In `make test-all` every test runs in its quick form, in `make test` in half of it (JOURNEYS_TEST_FAULTS=half).
`make faults` sets JOURNEYS_TEST_FAULTS=full; a number instead is a percentage of the full amount. Each test writes one
line of JSON into the folder that JOURNEYS_TEST_RESULTS names, and `tests/faults/report.py` makes the table of them.
"""

import json
import os
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

AMOUNT = os.environ.get("JOURNEYS_TEST_FAULTS", "quick")
RESULTS = os.environ.get("JOURNEYS_TEST_RESULTS")
#: The same in every run, another by choice; what a run drew can be drawn again.
SEED = int(os.environ.get("JOURNEYS_TEST_SEED", "0"))


def amount(quick: int, full: int) -> int:
    """How often to repeat."""
    if AMOUNT == "quick":
        return quick
    if AMOUNT == "half":
        return (quick + 1) // 2
    if AMOUNT == "full":
        return full
    return max(quick, round(full * float(AMOUNT) / 100))


@dataclass
class Tally:
    """What one fault test did: `rounds` of it, what was acknowledged, and what of that was lost or doubled.

    `errors` counts answers and states that break a promise otherwise; `notes` says what else is worth reading.
    """

    test: str
    what: str
    database: str
    rounds: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    errors: int = 0
    seconds: float = 0.0
    done: bool = False
    amount: str = AMOUNT
    notes: Counter = field(default_factory=Counter)

    def require_nothing_lost(self) -> None:
        """Fail where something was lost or doubled, or broke a promise otherwise."""
        found = (self.lost, self.doubled, self.errors)
        assert found == (0, 0, 0), f"{self.test}: lost, doubled, errors: {found}; {dict(self.notes)}"


@contextmanager
def tally(test: str, what: str, database: str):
    """A tally that is written at the end, also where the test failed (`done` is false then)."""
    counted = Tally(test, what, kind_of(database))
    began = time.monotonic()
    try:
        yield counted
        counted.require_nothing_lost()
        counted.done = True
    finally:
        counted.seconds = round(time.monotonic() - began, 1)
        write(counted)


def kind_of(database: str) -> str:
    """What the table calls a database, by its address."""
    return "SQLite" if database.startswith("sqlite") else "PostgreSQL" if database.startswith("postgres") else database


def write(counted: Tally) -> None:
    """Add the line of a tally to the results of this run."""
    if RESULTS is None:
        return
    folder = Path(RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(vars(counted)) + "\n")
