"""What patients read is at most of the 8th school grade, block by block; the 6th is the aim.

English is measured by Flesch and Kincaid, Spanish by Fernández Huerta (`journeys.authoring.readability`); other
languages are not. A block of fewer than 30 words is judged together with its neighbours. Names in the journey's
glossary.yaml are left out, and nothing else. What is between 6 and 8 is no problem: `journeys reading` lists it.

Why 8: NIH and HHS recommend the 6th grade, yet the National Cancer Institute's own pages for patients are of the 8th.

Wrong: "Approximately a quarter of individuals undergoing this procedure subsequently experience complications." Better:
"About 1 in 4 people have problems after it."
"""

from __future__ import annotations

from collections.abc import Iterator

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.readability import GATE, Judged
from journeys.primitives.problems import Problem, counted

ID = "reading-grade"
_KINDS = {"heading": "heading", "item": "item", "cell": "cell", "paragraph": "paragraph"}


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem at the hardest sentence of what is above the gate."""
    for _, reading in subject.readings:
        for judged in reading.above_gate:
            sizes = f"{counted(judged.count.words, 'word')} in {counted(len(judged.count.sentences), 'sentence')}"
            message = (
                f"{_described(judged)} at grade {judged.grade:.1f} ({sizes}); "
                f"at most {GATE} is accepted. Shorten sentences and words; "
                f"the hardest: \u201c{_shortened(judged.hardest[0].text)}\u201d"
            )
            yield subject.problem_in_text(judged.block_of_hardest.position, message)


def _described(judged: Judged) -> str:
    if len(judged.blocks) == 1:
        block = judged.blocks[0]
        return f"'{block.name}' reads" if block.name else f"This {_KINDS[block.kind]} reads"
    return f"These {len(judged.blocks)} short blocks together read"


def _shortened(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}\u2026"
