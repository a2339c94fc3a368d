"""Publishes the stories of journeys, so that reviewers can replay them; a release does not depend on them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from journeys.authoring.stories import Story, read_story, without_expectations
from journeys.definition.reading import read_authored
from journeys.primitives.problems import Problem
from service.platform import errors
from service.publishing.service import Service
from service.publishing.store import stories
from service.publishing.store.stories import StoredStory


def publish_stories(service: Service, folder: Path, journeys: Iterable[str]) -> list[Problem]:
    """Store the stories of each journey, `<folder>/<journey>/*.yaml`, in place of those that it had.

    A journey without a folder keeps those that it had: its stories are elsewhere.

    Returns:
        The problems of files that cannot be read as stories of their journey; these files are left out.
    """
    problems: list[Problem] = []
    for journey in journeys:
        if not (folder / journey).is_dir():
            continue
        published = []
        for path in sorted((folder / journey).glob("*.yaml")):
            data, file_problems = read_authored(path)
            story, story_problems = read_story(data, str(path)) if data is not None else (None, [])
            problems += [*file_problems, *story_problems]
            if story is not None and data is not None and story.journey == journey:
                published.append(StoredStory(path.stem, story.title, data))
        with service.database.writing() as connection:
            stories.replace_stories(connection, journey, published, service.clock())
    return problems


def list_stories(service: Service, journey: str) -> list[tuple[str, str]]:
    """Return the names and titles of the published stories of a journey, by name."""
    with service.database.reading() as connection:
        return stories.list_titles(connection, journey)


def read_published_story(service: Service, journey: str, name: str) -> Story:
    """Return a published story as a script only.

    Raises:
        NotFound: the journey has no story of this name.
    """
    with service.database.reading() as connection:
        data = stories.find_script(connection, journey, name)
    story, _ = read_story(data, name) if data is not None else (None, [])
    if story is None:
        raise errors.NotFound
    return without_expectations(story)
