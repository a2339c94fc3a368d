"""What journeys say of the same, as one person may be in several of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from journeys.definition.model import Journey
from journeys.primitives.problems import Problem

RULE = "topic-names"


def check_topic_names(journeys: Iterable[Journey]) -> Iterator[Problem]:
    """Yields a warning for each topic whose name in a language is not the one that an earlier journey gives it.

    A person of both journeys switches the topic off by one name.
    """
    names: dict[tuple[str, str], tuple[str, str]] = {}
    for journey in sorted(journeys, key=lambda journey: journey.key):
        for topic, title in journey.topics.items():
            for locale, name in title.items():
                earlier, owner = names.setdefault((topic, locale), (name, journey.key))
                if name != earlier:
                    mark = title.places.get(locale) or title.mark or journey.mark
                    message = (
                        f"The topic '{topic}' is '{earlier}' in the journey '{owner}', and '{name}' here. A person of "
                        "both journeys sees one name: use the same, or another topic."
                    )
                    yield Problem(journey.file, mark.line, mark.column, "warning", RULE, message)
