"""The told view: what the patient may know of an enrollment while a person must still tell them something.

Unlike the truth it depends on arrival: what began a hold is withheld until its telling arrives (fold.md, section 12).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from journeys.engine.events import Arrival, Event, active_events
from journeys.engine.state import News, State
from journeys.primitives.canonical import stored_time
from journeys.primitives.computed import computed

OWN = ("patient", "family")


def key_of(arrival: Arrival) -> str:
    """The key of an entry of the log: an event's uid, or a retraction's reporter and the uid that it names."""
    return arrival.uid if isinstance(arrival, Event) else f"{arrival.reporter} {arrival.uid}"


@dataclass(frozen=True)
class Told:
    """What was told to the patient, and what is withheld.

    `news` is all news that began; `told` the ids of news that a telling told, each with the uid of the telling;
    `withheld` the ids of the news that each withheld entry waits for, by the entry's key. `state` is the fold of the
    told view while any news is open, and None while the told view is the truth.
    """

    news: tuple[News, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    withheld: Mapping[str, frozenset[str]] = field(default_factory=dict)
    state: State | None = None

    @computed
    def open(self) -> tuple[News, ...]:
        """The news that a person must still tell the patient, in the order in which it arrived."""
        return tuple(news for news in self.news if news.id not in self.told)

    @property
    def withheld_keys(self) -> frozenset[str]:
        """The keys of the entries that are left out of the told view now."""
        return frozenset(key for key in self.withheld if self.is_withheld(key))

    def is_withheld(self, key: str) -> bool:
        """Whether the entry with this key is left out of the told view now."""
        return bool(self.open) and not self.withheld.get(key, frozenset()) <= self.told.keys()

    def withholds(self, arrival: Arrival) -> bool:
        """Whether an entry of the log is left out of the told view now."""
        return self.is_withheld(key_of(arrival))

    def visible(self, log: Iterable[Arrival]) -> list[Arrival]:
        """The entries of a log that are part of the told view now, in their order."""
        return [arrival for arrival in log if not self.withholds(arrival)] if self.open else list(log)

    def known(self, log: Iterable[Arrival]) -> list[Arrival]:
        """The entries of a log that the patient knows of: own ones, and events of staff that have an effect.

        What staff took back, and that they did so, the patient may never have known.
        """
        visible = self.visible(log)
        active = {event.uid for event in active_events(visible)}
        return [entry for entry in visible if entry.by in OWN or (isinstance(entry, Event) and entry.uid in active)]

    def to_stored(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "news": [news.to_stored() for news in self.news],
            "told": dict(self.told),
            "withheld": {key: sorted(ids) for key, ids in self.withheld.items()},
            "state": self.state.to_stored() if self.state else None,
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Told:
        """The told view of its stored form."""
        return cls(
            news=tuple(News.from_stored(news) for news in stored["news"]),
            told=stored["told"],
            withheld={key: frozenset(ids) for key, ids in stored["withheld"].items()},
            state=State.from_stored(stored["state"]) if stored["state"] else None,
        )

    # --- what an arrival changes -----------------------------------------------------------------------------

    def opening(self, begun: Iterable[News], tellings: Mapping[str, str | None] = MappingProxyType({})) -> Told:
        """With the news among these that is new, told where a telling is known."""
        known_ids = {news.id for news in self.news}
        fresh = tuple(news for news in begun if news.id not in known_ids)
        told_now = {news.id: telling for news in fresh if (telling := tellings.get(news.id)) is not None}
        return replace(self, news=(*self.news, *fresh), told={**self.told, **told_now}) if fresh else self

    def without(self, gone: Set[str]) -> Told:
        """Without open news that the truth no longer has; `withholding` frees what waited for it."""
        return replace(self, news=tuple(news for news in self.news if news.id not in gone)) if gone else self

    def telling(self, event: Event) -> Told:
        """With the open news told that names the trigger of a report by staff."""
        return self._told_by(event, lambda news: tells(event, news))

    def disclosing(self, event: Event, names: Set[str]) -> Told:
        """With the open news told of the states and facts, by name, of which an event of staff tells its own news."""
        return self._told_by(event, lambda news: news.name in names and not _is_before(event, news))

    def _told_by(self, event: Event, is_told: Callable[[News], bool]) -> Told:
        told_now = {news.id: event.uid for news in self.open if is_told(news)}
        return replace(self, told={**self.told, **told_now}) if told_now else self

    def retelling(self, tellings: Mapping[str, str | None], taken_back: str | None) -> Told:
        """Without the telling that is taken back: what it told is told by another telling of the truth, or is open."""
        still_told = {news: telling for news, telling in self.told.items() if telling != taken_back}
        by_others = {news: tellings.get(news) for news in self.told.keys() - still_told.keys()}
        told = still_told | {news: telling for news, telling in by_others.items() if telling is not None}
        return replace(self, told=told) if told != self.told else self

    def withholding(self, arrival: Arrival, ids: frozenset[str], gone: Set[str] = frozenset()) -> Told:
        """With an entry withheld until all of this news is told; what waited for news that is gone waits with it."""
        withheld = {key_of(arrival): ids, **self.withheld} if ids else self.withheld
        if gone:
            freed = {key: (waited - gone) | ids if waited & gone else waited for key, waited in withheld.items()}
            withheld = {key: waited for key, waited in freed.items() if waited}
        return replace(self, withheld=withheld)

    def hiding(self, telling: str, ids: frozenset[str]) -> Told:
        """With an event that told news, and was taken back, withheld until all of this news is told."""
        waited = self.withheld.get(telling, frozenset()) | ids
        return replace(self, withheld={**self.withheld, telling: waited}) if waited else self


def tells(event: Event, news: News) -> bool:
    """Whether an event tells a piece of news: staff report that it was told, on a day not before it."""
    is_telling = event.by == "staff" and event.kind == "reported" and event.type == news.until
    return is_telling and not _is_before(event, news)


def _is_before(event: Event, news: News) -> bool:
    """Whether an event happened before news began; where one of them is a day, by the days."""
    since, day = stored_time(news.since)
    return event.at.date() < since.date() if event.day or day else event.at < since


#: The told view of who never had anything held.
NOTHING_HELD = Told()
