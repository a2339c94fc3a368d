"""A piece of content as values: its texts by language, and the properties that they share. It reads no file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from journeys.content.catalogue.front_matter import AUTHORIZATION, MAX_LENGTHS
from journeys.content.catalogue.sending import DEFAULT_NOT_AGAIN, Send
from journeys.content.catalogue.text_kinds import Grants, PieceKind, Question
from journeys.content.templates import SourcePosition, Template, with_values
from journeys.definition.conditions import Compiled
from journeys.definition.programmes import Values, filled_line
from journeys.permission import PERSON_CHANNELS, PersonChannel
from journeys.primitives.durations import Duration

RULE = "content"
CHANNELS = ("web", *PERSON_CHANNELS)
ActionKind = Literal["report", "call", "link"]
DEFAULT_CHANNELS = ("web", "email")
DEFAULT_ORDER = 100
#: The tag of pieces that keep a patient safe.
SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Reference:
    """The source of a footnote; only the title is always set."""

    id: str
    title: str
    source: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """The action on a card: the patient can `report` a trigger, `call` a number of the programme or follow a `link`."""

    kind: ActionKind
    target: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as patients see it."""

    file: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who last looked at a piece (a role or a name), and on which day (`2026-01-15`)."""

    by: str
    on: str


@dataclass(frozen=True, slots=True)
class PieceText:
    """A piece in one locale; optional lines that the author did not write are None.

    In a piece for all programmes, values of the programme are references as the author wrote them. `places` are the
    positions of the lines of the front matter and of the `body`. `text_parts` are the most parts of the text message.
    `waits` says that it is a copy of another language, which waits for translation.
    """

    locale: str
    title: str
    summary: str
    subject: str | None
    text: str | None
    push: str | None
    body: Template = field(repr=False)
    why: str | None = None
    action: str | None = None
    image_alt: str | None = None
    information: str | None = None
    discloser: str | None = None
    recipient: str | None = None
    purpose: str | None = None
    expires: str | None = None
    right_to_revoke: str | None = None
    text_parts: int = 1
    waits: bool = False
    places: Mapping[str, SourcePosition] = field(default_factory=dict, repr=False, compare=False)

    @property
    def authorization(self) -> dict[str, str]:
        """The elements of a written authorization that the text states, by name; empty except for marketing."""
        return {line.key: self.lines[line.key] for line in AUTHORIZATION if line.key in self.lines}

    @property
    def lines(self) -> dict[str, str]:
        """The existing lines of the front matter, by name."""
        lines = {name: getattr(self, name) for name in MAX_LENGTHS}
        return {name: line for name, line in lines.items() if line is not None}

    def with_values(self, values: Values) -> PieceText:
        """The text with the values of one programme."""
        lines = {name: filled_line(line, values, self.locale) for name, line in self.lines.items()}
        body = with_values(self.body, values, self.locale)
        if body is self.body and lines == self.lines:
            return self
        filled: dict[str, Any] = dict(lines)
        return replace(self, body=body, **filled)


@dataclass(frozen=True, slots=True)
class Piece:
    """One content item of a release.

    `states` are the full paths of the states in which it is shown, or names of whole tracks; only pages have any. A
    consent text has `grants`, a reply `answers`, a message frame `frames`.

    A page with `send`, or a reminder, is sent as a message: as long as it is useful after it fell due (`useful_for`;
    None: until the date that its timer counts to, else `DEFAULT_USEFUL_FOR`), and to the same person not again within
    `not_again`. After `fallback` without a receipt the next channel is tried; None: no other channel is. If it
    `is_critical`, neither `not_again` nor a limit of messages holds it back. A person who switched off its `topic` does
    not get it, a patient who declined the topic does not see it either, and a caregiver sees it where the patient
    shares the topic. `positions` are those of the keys of
    `piece.yaml`; of a key inside another as `send.after`.
    """

    key: str
    version: str
    place: str
    states: tuple[str, ...]
    purpose: str
    when: Compiled | None
    channels: tuple[str, ...]
    tags: tuple[str, ...]
    order: int
    is_reminder: bool
    references: Mapping[str, Reference]
    texts: Mapping[str, PieceText] = field(repr=False)
    action: Action | None = None
    image: Picture | None = None
    reviewed: Reviewed | None = None
    kind: PieceKind = "page"
    grants: Grants | None = None
    answers: Question | None = None
    frames: PersonChannel | None = None
    send: Send | None = None
    useful_for: Duration | None = None
    not_again: Duration = DEFAULT_NOT_AGAIN
    fallback: Duration | None = None
    is_critical: bool = False
    topic: str | None = None
    positions: Mapping[str, SourcePosition] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_of_safety(self) -> bool:
        """Whether it keeps a patient safe, so that nobody can decline it."""
        return self.is_critical or SAFETY in self.tags

    @property
    def may_be_declined(self) -> bool:
        """Whether a patient may decline its topic."""
        return self.topic is not None and not self.is_of_safety

    @property
    def rank(self) -> tuple[int, str]:
        """Its place on a screen: by its order, then its key."""
        return self.order, self.key

    def with_values(self, values: Values) -> Piece:
        """The piece with the values of one programme; the piece itself if it shows no value."""
        texts = {locale: text.with_values(values) for locale, text in self.texts.items()}
        changed = any(texts[locale] is not text for locale, text in self.texts.items())
        return replace(self, texts=texts) if changed else self
