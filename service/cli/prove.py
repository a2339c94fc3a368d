"""`journeys prove`: what holds for every patient of a journey, and the way of one for whom it does not."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from journeys.analysis.proofs import Prover, Verdict, built_in
from journeys.authoring.lint import CONTENT_RULES
from journeys.content.catalogue import Catalogue
from journeys.engine.machine import Release, make_release
from journeys.primitives.problems import only_errors
from service.cli.files import Files, refuse
from service.cli.options import content_option, definitions_option, format_option

#: Problems of how a journey behaves, not of what it says: with them it can still be reasoned about.
BEHAVIOR = (
    "broken-property",
    "dead-end",
    "duplicate-timer",
    "ends",
    "gap",
    "overlap",
    "parent-timer",
    "stale-fact",
    "telling",
    "titles",
    "too-many-steps",
    "unreachable-state",
    "zero-time-loop",
)


@click.command()
@click.argument("journey")
@definitions_option
@content_option
@format_option
def prove(journey: str, definitions: str, content: str, form: str) -> None:
    """Decide over all that can happen whether a journey's properties hold; 1 when one is broken.

    Each is proven, broken (with the shortest way of a patient found, as a story that `journeys play` plays), or not
    proven (with the reason). Some hold for every journey and need not be declared. JOURNEY is a key or a file.

    Examples: `journeys prove nsclc`, `journeys prove nsclc --format json`
    """
    release, catalogue, left = _load(Files(Path(definitions), Path(content)), journey)
    prover = Prover(release, catalogue)
    verdicts = [*prover.properties(), *built_in(prover)]
    if form == "json":
        rows = [one.as_dict(release.plan) for one in verdicts]
        click.echo(json.dumps({"journey": release.plan.journey.key, "verdicts": rows}, ensure_ascii=False, indent=1))
    else:
        for line in _lines(verdicts, release):
            click.echo(line)
    if left:
        click.echo(f"'journeys lint' names {left} more; mend them too.", err=True)
    if any(one.result == "broken" for one in verdicts):
        sys.exit(1)


def _load(files: Files, journey: str) -> tuple[Release, Catalogue, int]:
    """A journey that can be reasoned about, and how many errors lint finds in it; ends the command where it cannot."""
    linted = files.lint(files.definition(journey))
    errors = only_errors(linted.problems)
    wrong = [problem for problem in errors if problem.rule not in (*CONTENT_RULES, *BEHAVIOR)]
    if linted.journey is None or linted.catalogue is None or wrong:
        refuse(linted)
    return make_release(linted.journey), linted.catalogue, len(errors)


def _lines(verdicts: list[Verdict], release: Release) -> Iterator[str]:
    for one in verdicts:
        yield f"{one.result:<10}  {one.claim}"
        if one.result != "proven":
            yield f"            {one.file}:{one.mark.line}:{one.mark.column}"
            yield f"            {one.reason}"
        story = one.story(release.plan)
        if story is not None:
            yield from (f"            | {line}" for line in story.splitlines())
    counted = Counter(one.result for one in verdicts)
    yield f"{counted['proven']} proven, {counted['broken']} broken, {counted['not proven']} not proven"


COMMANDS = (prove,)
