"""The number of repetitions of a fault test, and the result line that it writes.

In `make test-all` every test runs in its quick form; `make test` leaves them out.
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
#: The same in every run unless set, so that a run can be repeated exactly.
SEED = int(os.environ.get("JOURNEYS_TEST_SEED", "0"))


def amount(quick: int, full: int) -> int:
    """Return how often to repeat a test."""
    if AMOUNT == "quick":
        return quick
    if AMOUNT == "full":
        return full
    return max(quick, round(full * float(AMOUNT) / 100))


@dataclass
class Tally:
    """The counts of one fault test: rounds, acknowledged events, and how many of these were lost or doubled.

    `errors` counts answers and states that break another promise; `notes` counts other events worth reading.
    """

    test: str
    scenario: str
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
        """Fail if an event was lost or doubled, or another promise was broken."""
        failures = (self.lost, self.doubled, self.errors)
        assert failures == (0, 0, 0), f"{self.test}: lost, doubled, errors: {failures}; {dict(self.notes)}"


@contextmanager
def tally(test: str, scenario: str, database: str):
    """A tally that is written at the end; `done` stays false if the test fails."""
    counts = Tally(test, scenario, kind_of(database))
    began = time.monotonic()
    try:
        yield counts
        counts.require_nothing_lost()
        counts.done = True
    finally:
        counts.seconds = round(time.monotonic() - began, 1)
        write(counts)


def kind_of(database: str) -> str:
    """Return the name of a database in the table, from its address."""
    return "SQLite" if database.startswith("sqlite") else "PostgreSQL" if database.startswith("postgres") else database


def write(counts: Tally) -> None:
    """Append a tally to the results of this run."""
    if RESULTS is None:
        return
    folder = Path(RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(vars(counts)) + "\n")
