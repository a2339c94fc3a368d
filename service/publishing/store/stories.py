"""SQL of the stories of journeys, which reviewers replay. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from service.platform.database.tables import stories


@dataclass(frozen=True, slots=True)
class StoredStory:
    """A story by the name of its file without `.yaml`, with its title and the bytes of the file."""

    name: str
    title: str
    script: bytes


_LIST = (
    select(stories.c.name, stories.c.title)
    .where(stories.c.journey == bindparam("the_journey"))
    .order_by(stories.c.name)
)
_SCRIPT = select(stories.c.script).where(
    stories.c.journey == bindparam("the_journey"), stories.c.name == bindparam("the_name")
)
_DELETE = delete(stories).where(stories.c.journey == bindparam("the_journey"))
_INSERT = insert(stories)


def list_titles(connection: Connection, journey: str) -> list[tuple[str, str]]:
    """The names and titles of the stories of a journey, by name."""
    return [(name, title) for name, title in connection.execute(_LIST, {"the_journey": journey})]


def find_script(connection: Connection, journey: str, name: str) -> bytes | None:
    """The file of a story, or None."""
    return connection.execute(_SCRIPT, {"the_journey": journey, "the_name": name}).scalar_one_or_none()


def replace_stories(connection: Connection, journey: str, published: Iterable[StoredStory], now: datetime) -> None:
    """Stores the stories of a journey in place of those that it had."""
    connection.execute(_DELETE, {"the_journey": journey})
    rows = [
        {"journey": journey, "name": story.name, "title": story.title, "script": story.script, "published_at": now}
        for story in published
    ]
    if rows:
        connection.execute(_INSERT, rows)
