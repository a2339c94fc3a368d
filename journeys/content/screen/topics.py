"""The topics on a screen: those that the patient may ask for or decline now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeys.content.catalogue import Catalogue, open_topics
from journeys.content.screen.titles import in_locale
from journeys.definition.model import TOPIC_ASKED, TOPIC_DECLINED
from journeys.engine import State


@dataclass(frozen=True, slots=True)
class TopicCard:
    """A topic in the patient's words.

    `is_shown`: whether its pieces are shown. `is_on_request`: whether they are shown only to patients who ask for them.
    """

    key: str
    title: str
    is_shown: bool
    is_on_request: bool

    @property
    def report(self) -> str:
        """The event with which the patient changes that."""
        return TOPIC_DECLINED if self.is_shown else TOPIC_ASKED


def topic_cards(catalogue: Catalogue, view: State, at: datetime, locale: str) -> tuple[TopicCard, ...]:
    """The topics of a told view at an instant, in a declared locale."""
    journey = catalogue.plan.journey
    return tuple(
        TopicCard(
            key=name,
            title=in_locale(journey.topics[name], locale, journey.locales),
            is_shown=not view.hides(name, journey.on_request),
            is_on_request=name in journey.on_request,
        )
        for name in open_topics(catalogue, view, at)
    )
