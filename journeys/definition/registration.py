"""The declaration of a programme's registration: how people join by themselves, and what they are told first. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from journeys.definition.model import NOWHERE, Mark, Text, Titles

#: All fields on one page, one question a page, or one question a page below the answers given so far.
Style = Literal["one-page", "one-question-a-page", "dialogue"]
STYLES: tuple[Style, ...] = get_args(Style)
#: What registration asks, in this order; `permission` stands for one question for each consent text.
FIELDS = ("language", "entry", "contact", "time_zone", "permission")
#: Where a contact can be confirmed by a code.
CONTACT_CHANNELS = ("email", "sms")


@dataclass(frozen=True, slots=True)
class Registration:
    """How people join a programme by themselves.

    Attributes:
        gives: what people get, said before anything is asked.
        next: what happens after the last step.
        why: the reason for each field, by `FIELDS`; a field may have none.
        styles: the styles in which it is shown; the first unless an address names another.
        languages: the locales in which it is offered; empty: all of the journey.
        channels: the channels of which a contact may be, of `CONTACT_CHANNELS`.
        consents: the keys of the consent texts that are asked for, in order.
        mark: the position of the declaration.
    """

    gives: tuple[Titles, ...]
    next: Titles
    why: Mapping[str, Titles]
    styles: tuple[Style, ...] = ("one-question-a-page",)
    languages: tuple[Text, ...] = ()
    channels: tuple[str, ...] = ("email",)
    consents: tuple[Text, ...] = ()
    mark: Mark = field(default=NOWHERE, compare=False)

    def to_stored(self) -> dict[str, Any]:
        """The declaration as plain JSON values."""
        return {
            "gives": [dict(titles) for titles in self.gives],
            "next": dict(self.next),
            "why": {name: dict(titles) for name, titles in self.why.items()},
            "styles": list(self.styles),
            "languages": [text.text for text in self.languages],
            "channels": list(self.channels),
            "consents": [text.text for text in self.consents],
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Registration:
        """The declaration from the value of `to_stored`."""
        return cls(
            gives=tuple(Titles(titles) for titles in stored["gives"]),
            next=Titles(stored["next"]),
            why={name: Titles(titles) for name, titles in stored["why"].items()},
            styles=tuple(stored["styles"]),
            languages=_texts(stored["languages"]),
            channels=tuple(stored["channels"]),
            consents=_texts(stored["consents"]),
        )

    def texts(self) -> list[tuple[str, Titles]]:
        """Every text of the declaration with its key: `gives 1`, `why contact`, `next`."""
        gives = [(f"gives {number}", titles) for number, titles in enumerate(self.gives, start=1)]
        return [*gives, *((f"why {name}", titles) for name, titles in self.why.items()), ("next", self.next)]

    def locales(self, of_journey: Sequence[str]) -> tuple[str, ...]:
        """The locales in which people can register, in the order of the journey's."""
        chosen = {text.text for text in self.languages} or set(of_journey)
        return tuple(locale for locale in of_journey if locale in chosen)


def _texts(texts: Sequence[str]) -> tuple[Text, ...]:
    return tuple(Text(text, NOWHERE) for text in texts)
