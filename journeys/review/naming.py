"""Writes states, facts, delays and rules for reviewers in the words of a language. It reads declarations only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from journeys.content.rendering.locales import date_text, unit_text
from journeys.content.screen import fact_title, in_locale, label_of, title_of, trigger_title
from journeys.definition.compiler import ReleasePlan, TimerPlan
from journeys.definition.conditions import And, Names, Node, World, in_words
from journeys.definition.facts import Value
from journeys.definition.model import Titles
from journeys.primitives.durations import Duration
from journeys.primitives.state_path import is_within
from journeys.review.labels import labels_of


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of states, facts, values and rules of a release in a locale."""

    plan: ReleasePlan
    locale: str

    def label(self, name: str, **parts: object) -> str:
        """One of the service's own labels."""
        text = labels_of(self.locale)[name]
        return text.format(**parts) if parts else text

    def quoted(self, text: str) -> str:
        """A title in the quotation marks of the language."""
        return labels_of(self.locale)["quotes"].format(text)

    def title(self, titles: Titles, name: str) -> str:
        """A title, or else the name with blanks."""
        return in_locale(titles, self.locale, self.plan.journey.locales) if titles else name.replace("_", " ")

    def fact(self, name: str) -> str:
        """The title of a fact, in quotes."""
        return self.quoted(fact_title(self.plan, self.plan.journey.facts[name], self.locale))

    def value(self, fact: str, value: str) -> str:
        """The label of a value, in quotes."""
        return self.quoted(label_of(self.plan, self.plan.journey.facts[fact], value, self.locale))

    def trigger(self, name: str) -> str:
        """The title of a trigger, in quotes."""
        return self.quoted(trigger_title(self.plan, name, self.locale))

    def state(self, full: str) -> str:
        """The title of a state (or track) by its full path, in quotes."""
        return self.quoted(self.path(full).rpartition(" › ")[2])

    def topic(self, name: str) -> str:
        """The name of a topic, in quotes."""
        return self.quoted(self.title(self.plan.journey.topics.get(name, Titles()), name))

    def path(self, full: str) -> str:
        """The titles of a state and of the states around it, outermost first; for a track, its title."""
        track, *parts = full.split(".")
        if not parts:
            return self.title(self.plan.journey.tracks[track].title, track)
        paths = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
        return " › ".join(title_of(self.plan, track, path, self.locale) for path in paths)

    def rule(self, *conditions: Node) -> str:
        """Conditions that hold together, in words; named conditions are spelled out."""
        names = Names(self.fact, self.value, self.state, lambda day: date_text(day, self.locale), by_name=False)
        return in_words(conditions[0] if len(conditions) == 1 else And(conditions), self.locale, names)

    def world(self, world: World) -> str:
        """The known facts and the open states of a world, in words."""
        sentences = [
            f"{self.fact(name)}: {self.value_text(name, value)}" for name, value in sorted(world.values.items())
        ]
        deepest = [
            state
            for state in sorted(world.places)
            if not any(other != state and is_within(other, state) for other in world.places)
        ]
        if deepest:
            sentences.append(
                self.label("in_states", states=", ".join(self.quoted(self.path(state)) for state in deepest))
            )
        return "; ".join(sentences) or self.label("nothing_told")

    def value_text(self, fact: str, value: Value) -> str:
        """A value as a reader sees it."""
        kind = self.plan.journey.facts[fact].kind.kind
        if isinstance(value, list):
            return ", ".join(self.value(fact, item) for item in value) or "–"
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if kind == "boolean" and text not in self.plan.journey.facts[fact].labels:
            return self.label("yes" if value else "no")
        if kind == "date":
            return date_text(text, self.locale)
        return self.value(fact, text) if kind in ("choice", "boolean") else text

    def each(self, fact: str) -> str:
        """The rule of a loop over a set, in words."""
        return self.label("each", fact=self.fact(fact))

    def sent(self, timer: TimerPlan, state: str) -> str:
        """The time at which a timer of a state sends its reminder, in words."""
        time, where = self.time(timer.delay), self.state(state)
        if timer.start is None:
            return self.label("sent_after", time=time, state=where)
        is_before = timer.delay.months < 0 or timer.delay.rest < timedelta(0)
        return self.label(
            "sent_before" if is_before else "sent_from", time=time, fact=self.fact(timer.start), state=where
        )

    def time(self, delay: Duration) -> str:
        """A duration without its sign."""
        years, months = divmod(abs(delay.months), 12)
        rest = abs(delay.rest)
        hours, minutes = divmod(rest.seconds // 60, 60)
        parts = {"year": years, "month": months, "day": rest.days, "hour": hours, "minute": minutes}
        texts = [unit_text(number, unit, self.locale) for unit, number in parts.items() if number]
        return " ".join(texts) or unit_text(0, "day", self.locale)
