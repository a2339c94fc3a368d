"""`journeys prove`: decide whether properties hold for every patient of a journey, with a path that breaks them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import rich_click as click

from journeys.primitives.problems import counted, only_errors
from service.cli.files import Files, files_options, refuse
from service.cli.options import format_option
from service.cli.output import Writers, exit_if
from service.cli.progress import progress_bar

if TYPE_CHECKING:
    from journeys.analysis.proofs import Verdict
    from journeys.content.catalogue import Catalogue
    from journeys.engine.machine import Release

#: Lint rules about the behaviour of a journey: a journey that breaks them can still be analysed.
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


@dataclass(frozen=True, slots=True)
class ProofReport:
    """The verdicts on the properties of a release."""

    release: Release
    verdicts: list[Verdict]


@click.command()
@click.argument("journey")
@files_options
@format_option
def prove(journey: str, files: Files, form: str) -> None:
    """Decide for every possible patient whether a journey's properties hold; 1 when one is broken.

    Each property is proven, broken (with the shortest path to a patient for whom it is, as a story that `journeys play`
    plays), or not proven (with the reason). Built-in properties need not be declared. JOURNEY is a key or a file.

    Examples: `journeys prove nsclc`, `journeys prove nsclc --format json`
    """
    from journeys.analysis.proofs import PropertyProver, built_in

    with progress_bar("Proving"):
        release, catalogue, errors = _load(files, journey)
        prover = PropertyProver(release, catalogue)
        report = ProofReport(release, [*prover.properties(), *built_in(prover)])
    REPORT.write(report, form)
    if errors:
        click.echo(f"'journeys lint' reports {counted(errors, 'error')}; fix them too.", err=True)
    exit_if(any(verdict.result == "broken" for verdict in report.verdicts))


def _load(files: Files, journey: str) -> tuple[Release, Catalogue, int]:
    """A journey that can be analysed, and its number of lint errors; any other journey ends the command."""
    from journeys.authoring.lint import CONTENT_RULES
    from journeys.engine.machine import make_release

    linted = files.lint(files.definition(journey))
    errors = only_errors(linted.problems)
    blocking = [problem for problem in errors if problem.rule not in (*CONTENT_RULES, *BEHAVIOR)]
    if linted.journey is None or linted.catalogue is None or blocking:
        refuse(linted)
    return make_release(linted.journey), linted.catalogue, len(errors)


def _lines(report: ProofReport) -> Iterator[str]:
    for verdict in report.verdicts:
        yield f"{verdict.result:<10}  {verdict.claim}"
        if verdict.result != "proven":
            yield f"            {verdict.file}:{verdict.mark.line}:{verdict.mark.column}"
            yield f"            {verdict.reason}"
        story = verdict.story(report.release.plan)
        if story is not None:
            yield from (f"            | {line}" for line in story.splitlines())
    counts = Counter(verdict.result for verdict in report.verdicts)
    yield f"{counts['proven']} proven, {counts['broken']} broken, {counts['not proven']} not proven"


REPORT: Writers[ProofReport] = Writers(
    as_text=_lines,
    as_json=lambda report: {
        "journey": report.release.plan.journey.key,
        "verdicts": [verdict.as_dict(report.release.plan) for verdict in report.verdicts],
    },
    indent=1,
)


COMMANDS = (prove,)
