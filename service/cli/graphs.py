"""`journeys diagram` and `journeys paths`: draw the states of a journey, and cover them by paths."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from journeys.primitives.problems import only_errors
from journeys.primitives.words import AIMS
from service.cli.files import Files, files_options, refuse
from service.cli.output import Writers, write_lines

if TYPE_CHECKING:
    from journeys.analysis.paths import Aim


@click.command()
@click.argument("journey")
@click.option("--format", "form", type=click.Choice(["svg", "mermaid"]), default="svg", show_default=True)
@click.option("--locale", default="", help="The language of titles.")
@files_options
def diagram(journey: str, form: str, locale: str, files: Files) -> None:
    """Draw a journey's states and transitions.

    Examples: `journeys diagram nsclc > nsclc.svg`, `journeys diagram nsclc --format mermaid`
    """
    from journeys.authoring import diagram as diagrams  # Graphviz loads slowly

    linted = files.read(files.definition(journey))
    if linted.journey is None or linted.plan is None:
        refuse(linted)
    draw = diagrams.svg if form == "svg" else diagrams.mermaid
    click.echo(draw(linted.journey, locale=locale or linted.journey.locales[0]))


@click.command()
@click.argument("journey")
@click.option(
    "--cover", "aim", type=click.Choice(AIMS), default="transitions", show_default=True, help="What the paths cover."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "stories"]), default="text", show_default=True)
@click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --format stories: write each path to a file in this folder.",
)
@files_options
def paths(journey: str, aim: Aim, form: str, folder: Path | None, files: Files) -> None:
    """Count a journey's paths, and print paths that cover every state, transition, or pair of transitions in a row.

    Examples: `journeys paths nsclc --cover pairs --format json`, `journeys paths nsclc --format stories --into build`
    """
    from journeys.analysis.paths import Cover, counts, cover, cover_as_json, cover_as_text, to_story
    from journeys.authoring.lint import CONTENT_RULES
    from journeys.definition.graph import graph_of
    from journeys.engine.machine import make_release

    if folder is not None and form != "stories":
        raise click.UsageError("--into needs --format stories.")
    linted = files.read(files.definition(journey))
    blocking = [problem for problem in only_errors(linted.problems) if problem.rule not in CONTENT_RULES]
    if linted.journey is None or blocking:
        refuse(linted)
    release = make_release(linted.journey)
    covered = cover(release, aim)
    if form == "stories":
        _write_stories([to_story(path, release.plan) for path in covered.paths], folder, aim)
        return
    path_counts = counts(graph_of(release.plan))
    writers = Writers[Cover](
        as_text=partial(cover_as_text, path_counts), as_json=partial(cover_as_json, path_counts), indent=1
    )
    writers.write(covered, form)


def _write_stories(stories: list[str], folder: Path | None, aim: Aim) -> None:
    if folder is None:
        click.echo("---\n".join(stories), nl=False)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number, story in enumerate(stories, start=1):
        (folder / f"{aim}-{number:04}.yaml").write_text(story)
    write_lines([f"{len(stories)} stories in {folder}"], err=True)


COMMANDS = (diagram, paths)
