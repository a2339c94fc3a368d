"""The difference between two screens of one patient: cards and dates that came, went or moved. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from journeys.content.catalogue import world_of
from journeys.content.rendering import Renderer
from journeys.content.screen.cards import Card
from journeys.content.screen.coming import Coming
from journeys.content.screen.screen import Screen
from journeys.definition.compiler import ReleasePlan
from journeys.engine import State

Item = TypeVar("Item")
TextOf = Callable[[Card], str]
#: The text of a card of a screen, with the facts of its view filled in.


@dataclass(frozen=True, slots=True)
class MovedDate:
    """An upcoming event before and after it moved to another day."""

    before: Coming
    after: Coming


@dataclass(frozen=True, slots=True)
class ScreenChanges:
    """What came to a screen, what went, and what is different on it now.

    `rewritten` are cards that stayed and whose text is another.
    """

    cards_came: tuple[Card, ...]
    cards_went: tuple[Card, ...]
    rewritten: tuple[Card, ...]
    dates_came: tuple[Coming, ...]
    dates_went: tuple[Coming, ...]
    moved: tuple[MovedDate, ...]

    def to_stored(self, title: Callable[[str], str]) -> dict[str, Any]:
        """Plain JSON values; `title` marks the title of a card, where drafts are marked."""

        def cards(items: tuple[Card, ...]) -> list[dict[str, str]]:
            return [{"key": card.selected.piece.key, "title": title(card.text.title)} for card in items]

        def dates(items: tuple[Coming, ...]) -> list[dict[str, str]]:
            return [{"title": date.title, "date": date.day.isoformat(), "kind": date.kind} for date in items]

        return {
            "cards": {
                "came": cards(self.cards_came),
                "went": cards(self.cards_went),
                "rewritten": cards(self.rewritten),
            },
            "dates": {
                "came": dates(self.dates_came),
                "went": dates(self.dates_went),
                "moved": [
                    {
                        "title": moved.after.title,
                        "kind": moved.after.kind,
                        "from": moved.before.day.isoformat(),
                        "to": moved.after.day.isoformat(),
                    }
                    for moved in self.moved
                ],
            },
        }


def changes(before: Screen, after: Screen, text_before: TextOf, text_after: TextOf) -> ScreenChanges:
    """The difference between two screens of a patient in one locale, each with the texts of its cards (`texts_in`)."""
    old_cards, new_cards = _by_key(before), _by_key(after)
    old_dates, new_dates = _by_title(before), _by_title(after)
    return ScreenChanges(
        cards_came=tuple(_missing(new_cards, old_cards)),
        cards_went=tuple(_missing(old_cards, new_cards)),
        rewritten=tuple(
            card
            for key, card in new_cards.items()
            if key in old_cards and text_before(old_cards[key]) != text_after(card)
        ),
        dates_came=tuple(_missing(new_dates, old_dates)),
        dates_went=tuple(_missing(old_dates, new_dates)),
        moved=tuple(
            MovedDate(old_dates[key], date)
            for key, date in new_dates.items()
            if key in old_dates and old_dates[key].day != date.day
        ),
    )


def texts_in(renderer: Renderer, plan: ReleasePlan, view: State, at: datetime, locale: str) -> TextOf:
    """The texts of the cards of a told view at an instant, in a declared locale."""

    def text(card: Card) -> str:
        world = world_of(view, at, card.selected.stay)
        return str(renderer.render(card.selected.piece, plan, world, locale=locale).html)

    return text


def _by_key(screen: Screen) -> dict[str, Card]:
    return {card.selected.piece.key: card for card in screen.cards}


def _by_title(screen: Screen) -> dict[tuple[str, str], Coming]:
    return {(date.kind, date.title): date for date in screen.next}


def _missing(items: Mapping[Any, Item], others: Mapping[Any, Item]) -> Iterator[Item]:
    return (item for key, item in items.items() if key not in others)
