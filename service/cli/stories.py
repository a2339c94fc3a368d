"""`journeys play` and `journeys test`: play stories and personas. They touch no database."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import rich_click as click

from journeys.primitives.problems import Problem
from service.cli.files import Files, files_options, stories_in, unread_stories
from service.cli.options import programme_option
from service.cli.output import EXIT_PROBLEMS, exit_if, write_lines
from service.cli.progress import problem_line, progress_bar

if TYPE_CHECKING:
    from journeys.authoring.stories import Played, Stage, Story
    from journeys.content.catalogue import Catalogue
    from journeys.engine.machine import Release

#: The folder of stories unless another is named.
STORIES = ("tests/stories",)


@click.command(name="play")
@click.argument("story", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--locale", default="", help="The language of titles; by default that of the story.")
@programme_option
@files_options
def play_story(story: Path, locale: str, programme: str, files: Files) -> None:
    """Play a story, or the days of a persona, and print its transcript.

    Example: `journeys play tests/stories/nsclc/01-stage-one-to-hospice.yaml`
    """
    from journeys.authoring.stories import transcript

    player = StoryPlayer(files, programme)
    played, problems = player.play(story)
    write_lines(problems, err=True)
    if played is None:
        sys.exit(EXIT_PROBLEMS)
    click.echo(transcript(played, player.stage(played.story.journey).catalogue, locale), nl=False)
    write_lines(mismatches_in_words(played), err=True)
    exit_if(played.mismatches or played.problems)


@click.command()
@click.argument("paths", nargs=-1)
@click.option("--update", is_flag=True, help="Write the actual results into the expectations of the stories.")
@click.option("--watch", is_flag=True, help="Play them again whenever a file changes, until Ctrl-C.")
@programme_option
@files_options
def test(paths: tuple[str, ...], update: bool, watch: bool, programme: str, files: Files) -> None:
    """Play all stories and compare the results with their expectations; no database is needed.

    PATHS are story files or folders; tests/stories by default. Where an expectation is not met, the story is told until
    then.

    Examples: `journeys test`, `journeys test tests/stories/nsclc --update`, `journeys test --watch`
    """
    if update and watch:
        raise click.UsageError("--update writes the files that --watch waits for. Use one of them.")
    failed = _test(paths, update, StoryPlayer(files, programme))
    if watch:
        _watch(paths, StoryPlayer(files, programme))
    exit_if(failed)


def _watch(paths: tuple[str, ...], player: StoryPlayer) -> None:
    """Plays stories again whenever they, or the files of a journey, change."""
    from watchfiles import watch  # it loads slowly

    folders = [*map(Path, paths or STORIES), player.files.definitions, player.files.content]
    for _ in watch(*(folder for folder in folders if folder.exists()), raise_interrupt=False):
        click.echo()
        try:
            _test(paths, False, StoryPlayer(player.files, player.programme))
        except SystemExit:  # a journey that cannot be read: its problems were printed, and the next change may mend it
            continue


def _test(paths: tuple[str, ...], update: bool, player: StoryPlayer) -> int:
    """Plays stories, and prints how they went; returns how many failed."""
    from journeys.authoring.stories import transcript, updated

    failed = 0
    stories = list(stories_in(paths or STORIES))
    write_lines(unread_stories(paths or STORIES), err=True)
    with progress_bar("Stories", len(stories)) as progress:
        for path in stories:
            if not os.path.lexists(path):
                raise click.UsageError(f"The story {path} does not exist.")
            played, problems = player.play(path)
            progress(1)
            if played is not None and update and not played.problems:
                path.write_bytes(updated(path.read_bytes(), played))
                continue
            lines = [problem_line(problem) for problem in problems]
            lines += mismatches_in_words(played) if played is not None else []
            failed += bool(lines)
            write_lines(lines)
            if played is not None and played.mismatches:
                told = transcript(
                    played.until(played.mismatches[0].lines), player.stage(played.story.journey).catalogue
                )
                click.echo(indent(told, "    "), nl=False)
    click.echo(f"{len(stories) - failed} passed, {failed} failed")
    return failed


class StoryPlayer:
    """Plays stories, and reads each journey only once."""

    def __init__(self, files: Files, programme: str = "") -> None:
        self.files = files
        self.programme = programme
        self.stages: dict[str, Stage] = {}

    def stage(self, journey: str) -> Stage:
        """A journey, ready to play stories on."""
        from journeys.authoring.stories import Stage, compiled_once

        if journey not in self.stages:
            release, catalogue = self.files.load(journey, self.programme)
            self.stages[journey] = Stage(release, catalogue, questionnaire=compiled_once())
        return self.stages[journey]

    def play(self, path: Path) -> tuple[Played | None, list[Problem]]:
        """The played story of a file, or None where it cannot be played, and the problems of both."""
        from journeys.authoring.stories import play

        story, problems = _read_story(path)
        if story is None:
            return None, problems
        stage = self.stage(story.journey)

        def find_release(name: str) -> tuple[Release, Catalogue] | None:
            for file in (path.parent / name, self.files.definitions / name):
                if file.is_file():
                    return self.files.load(str(file), self.programme)
            return None

        played = play(story, replace(stage, find=find_release))
        return played, [*problems, *played.problems]


def _read_story(path: Path) -> tuple[Story | None, list[Problem]]:
    """The story of a file; the days of a persona are a story too."""
    from journeys.authoring.lint import read_checked
    from journeys.authoring.stories import is_persona, read_persona, read_story

    data, in_file = read_checked(path)
    if data is None:
        return None, in_file
    if not is_persona(data):
        story, problems = read_story(data, str(path))
        return story, [*in_file, *problems]
    persona, problems = read_persona(data, str(path))
    return (persona.story if persona is not None else None), [*in_file, *problems]


def mismatches_in_words(played: Played) -> list[str]:
    """A line with file and line number for each expectation that was not met."""
    from journeys.authoring.stories import flow

    lines = []
    for mismatch in played.mismatches:
        mark = played.story.steps[mismatch.step].mark
        lines.append(
            f"{played.story.file}:{mark.line}:{mark.column} step {mismatch.step + 1}: {mismatch.key} "
            f"is {flow(mismatch.actual)}, expected {flow(mismatch.expected)}"
        )
    return lines


COMMANDS = (play_story, test)
