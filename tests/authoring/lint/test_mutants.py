"""Whatever is done to a definition, lint gives problems, never an exception; what it lets pass compiles."""

import os
import random
import re
from functools import cache

import pytest

from journeys.authoring.lint import lint_journey
from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.primitives.problems import only_errors
from tests.folders import SAMPLES
from tests.reference.generate import random_case

SEEDS = int(os.environ.get("JOURNEYS_MUTANTS", "6"))
SAMPLE = SAMPLES / "content" / "journey.yaml"
WORD = re.compile(r"[A-Za-z0-9_.'-]+")
ODD = [
    "",
    "stay",
    "0",
    "-1",
    "x.y",
    "[]",
    "{}",
    "''",
    "P0D",
    "-P1D",
    "2026-02-30",
    "entered.a.b",
    "deceased",
    "[x, [y]]",
    "9" * 30,
]


@cache
def texts():
    """Return definitions without mistakes: one written by hand, some made up."""
    cases = [random_case(seed) for seed in range(4)]
    return [SAMPLE.read_text(), *(case.definition_yaml(name) for case in cases for name in case.releases)]


def mutant(rng):
    """Return a definition with some lines and words taken away, doubled, moved or replaced."""
    lines = rng.choice(texts()).splitlines()
    words = WORD.findall("\n".join(lines))
    for _ in range(min(rng.choice([1, 1, 2, 3]), len(lines))):
        place = rng.randrange(len(lines))
        match rng.randrange(7):
            case 0:
                del lines[place]
            case 1:
                lines.insert(rng.randrange(len(lines)), lines[place])
            case 2:
                lines[place] = "  " + lines[place]
            case 3:
                lines[place] = lines[place].partition(":")[0] + ": " + rng.choice(ODD)
            case _:
                result = list(WORD.finditer(lines[place]))
                if result:
                    result = rng.choice(result)
                    new = rng.choice(words if rng.random() < 0.8 else ODD)
                    lines[place] = lines[place][: result.start()] + new + lines[place][result.end() :]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_mutant_is_refused_with_problems_or_compiles(seed):
    rng = random.Random(seed)
    for number in range(40):
        text = mutant(rng)
        try:
            journey, problems = read_journey(text.encode(), "mutant.yaml")
            problems = only_errors([*problems, *(lint_journey(journey) if journey else ())])
            last = text.count("\n") + 1
            assert all(
                1 <= problem.line <= last and problem.column >= 1 and problem.message.endswith((".", "?", ")"))
                for problem in problems
            )
            if journey is None or problems:
                assert problems
            else:
                make_release(journey)
        except Exception as error:
            raise AssertionError(f"mutant {seed}/{number}:\n{text}") from error
