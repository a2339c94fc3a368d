"""How a topic of a journey is written: its name alone, or the name and whether it is on request."""

from __future__ import annotations

from typing import NamedTuple

from journeys.definition.model import Titles
from journeys.definition.reading.forms import FileForm, FormField
from journeys.definition.reading.kinds import FLAG, TITLES, Definitions, Kind, Schema
from journeys.definition.reading.nodes import MappingNode, Node
from journeys.definition.reading.shape import Shape


class Topic(NamedTuple):
    """A topic: its name by locale, and whether its pieces are shown only to patients who asked for it."""

    title: Titles
    is_on_request: bool = False


class TopicForm(FileForm):
    """A topic with more than its name."""

    title = FormField(TITLES, "Its name, as patients read it.", required=True)
    on_request = FormField(FLAG, "Whether its pieces are shown only to patients who asked for the topic.")

    def build(self) -> Topic:
        """The topic; a missing title has the position of the topic."""
        title = self.title
        return Topic(title if title else Titles.placed({}, self.mark, {}), self.on_request)


def _read_topic(shape: Shape, node: Node | None, label: str) -> Topic:
    keys = {key.text for key, _ in node.entries} if isinstance(node, MappingNode) else set()
    if keys.isdisjoint({TopicForm.title.key, TopicForm.on_request.key}):
        return Topic(TITLES.read(shape, node, label))
    return TopicForm.read(shape, node, label).build()


def _topic_schema(definitions: Definitions) -> Schema:
    return {"anyOf": [TITLES.schema(definitions), TopicForm.reference(definitions)]}


TOPIC: Kind[Topic | None] = Kind("a text by locale, or keys below", _read_topic, _topic_schema)
