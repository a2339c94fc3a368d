"""The registration of a programme: the fields of its format, and its reading."""

from __future__ import annotations

from collections.abc import Sequence as Items
from typing import cast

from journeys.definition.model import Text, Titles
from journeys.definition.reading import kinds
from journeys.definition.reading.forms import FileForm, FormField, built
from journeys.definition.reading.kinds import TITLES, TITLES_SCHEMA, Kind
from journeys.definition.reading.nodes import Node, Sequence
from journeys.definition.reading.shape import Shape
from journeys.definition.registration import CONTACT_CHANNELS, FIELDS, STYLES, Registration, Style
from journeys.primitives.problems import did_you_mean

MOST_GIFTS = 5


def _read_gifts(shape: Shape, node: Node | None, label: str) -> tuple[Titles, ...]:
    if node is None:
        return ()
    items = node.items if isinstance(node, Sequence) else ()
    if not 1 <= len(items) <= MOST_GIFTS:
        message = f"{label} must be a list of 1 to {MOST_GIFTS} texts by locale, as in - {{en: …, es: …}}."
        shape.problem(node.mark, message)
    return tuple(shape.titles(item, f"an item of {label}") for item in items[:MOST_GIFTS])


def _closed(accepted: Items[str]) -> Kind[tuple[Text, ...]]:
    """Some words out of a closed list, each once."""

    def read(shape: Shape, node: Node | None, label: str) -> tuple[Text, ...]:
        texts = shape.texts(node, label)
        for index, text in enumerate(texts):
            if text.text not in accepted:
                hint = did_you_mean(text.text, accepted)
                words = ", ".join(accepted)
                shape.problem(text.mark, f"'{text.text[:40]}' in {label} is not accepted. Accepted: {words}.{hint}")
            elif text.text in (other.text for other in texts[:index]):
                shape.problem(text.mark, f"'{text.text}' is listed twice in {label}; remove one of them.")
        return tuple(text for text in texts if text.text in accepted)

    return kinds.some_of(accepted, read)


GIFTS = Kind(
    f"a list of 1 to {MOST_GIFTS} texts by locale",
    _read_gifts,
    kinds.fixed({"type": "array", "items": TITLES_SCHEMA, "minItems": 1, "maxItems": MOST_GIFTS}),
)


class RegistrationReasonsForm(FileForm):
    """Why registration asks for something, `why`: what the answer changes for the reader."""

    language = FormField(TITLES, "Why the language is asked.")
    entry = FormField(TITLES, "Why the reader's own situation is asked.", required=True)
    contact = FormField(TITLES, "Why an address or a number is asked.", required=True)
    time_zone = FormField(TITLES, "Why the time zone is asked.")
    permission = FormField(TITLES, "Why permission is asked.")

    def build(self) -> dict[str, Titles]:
        """The reasons by field, without those that were not written."""
        return {field.key: self.read_as(field, TITLES) for field in self.fields if field in self}


class RegistrationForm(FileForm):
    """How people join a programme by themselves, `registration`, at `/join/<programme>`."""

    gives = FormField(GIFTS, "What people get; it is said first, and must be true.", required=True)
    next = FormField(TITLES, "What happens after the last step; it must be true.", required=True)
    why = FormField(
        built(RegistrationReasonsForm, RegistrationReasonsForm.build, "`{entry: …, contact: …}`"),
        "Why each field is asked.",
        required=True,
    )
    styles = FormField(_closed(STYLES), f"The first is shown, others by address; `{STYLES[1]}` unless given.")
    languages = FormField(
        kinds.texts("a locale, or a list of locales"), "The languages offered; those of the journey unless given."
    )
    channels = FormField(_closed(CONTACT_CHANNELS), "The kinds of contact, confirmed by a code; `email` unless given.")
    consents = FormField(
        kinds.texts("the key of a consent text, or a list of keys"),
        "The consent texts, in order; each can be declined.",
    )

    def build(self) -> Registration:
        """The declaration."""
        why = self.why or {}
        styles = cast(tuple[Style, ...], tuple(dict.fromkeys(text.text for text in self.styles)))
        return Registration(
            gives=self.gives,
            next=self.next,
            why={name: why[name] for name in FIELDS if name in why},
            styles=styles or STYLES[1:2],
            languages=self.languages,
            channels=tuple(text.text for text in self.channels) or CONTACT_CHANNELS[:1],
            consents=self.consents,
            mark=self.mark,
        )


REGISTRATION: Kind[Registration | None] = built(RegistrationForm, RegistrationForm.build, "`{gives: …, why: …}`")
