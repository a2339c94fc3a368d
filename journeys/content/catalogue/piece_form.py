"""The format of `piece.yaml`, the settings that all languages of a piece have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from journeys.content.catalogue.front_matter import FrontMatterForm
from journeys.content.catalogue.piece import CHANNELS, DEFAULT_CHANNELS, DEFAULT_ORDER
from journeys.content.catalogue.sending import LONGEST_NOT_AGAIN, NOT_AGAIN, USEFUL_FOR, SendForm
from journeys.content.catalogue.sources import TEXT_FOLDER
from journeys.content.catalogue.text_kinds import QUESTIONS, TEXT_KINDS, GrantsForm, PieceKind
from journeys.definition.reading import Node, Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField, names_of, part
from journeys.definition.reading.kinds import CONDITION, FLAG, NUMBER, STATES, TEXT, TEXTS, Kind
from journeys.definition.reading.shape import KEY, MAX_NAME
from journeys.permission import PERSON_CHANNELS
from journeys.permission.caregivers import PRIVATE
from journeys.primitives.problems import did_you_mean
from journeys.primitives.words import MESSAGE_PURPOSES

NOTE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _read_channels(shape: Shape, node: Node | None, label: str) -> tuple[str, ...]:
    texts = shape.texts(node, label)
    for text in texts:
        if text.text not in CHANNELS:
            hint = did_you_mean(text.text, CHANNELS)
            shape.problem(text.mark, f"'{text.text[:40]}' in {label} is not a channel.{hint}")
    channels = {text.text for text in texts} & set(CHANNELS) or DEFAULT_CHANNELS
    return tuple(name for name in CHANNELS if name in channels)


def _read_tags(shape: Shape, node: Node | None, label: str) -> tuple[str, ...]:
    texts = shape.texts(node, label)
    for text in texts:
        if not KEY.fullmatch(text.text) or len(text.text) > MAX_NAME:
            shape.problem(text.mark, f"The tag '{text.text[:80]}' must be lower case letters, digits, '_' and '-'.")
    return tuple(text.text for text in texts)


DAY = kinds.text(accepts="a day, such as 2026-01-15", schema=kinds.DAY_SCHEMA)
PICTURE = kinds.text(accepts="an SVG or PNG file", schema={"type": "string", "pattern": r"\.(svg|png)$"})
ADDRESS = kinds.text(accepts="an address that begins with `https://`", schema=kinds.HTTPS_SCHEMA)


class ReferenceForm(FileForm):
    """A source that footnotes cite, in `references`."""

    title = FormField(TEXT, "The title.", required=True)
    source = FormField(TEXT, "The publisher, or the number of the publication.")
    url = FormField(ADDRESS, "The address, if there is one.")


class ImageForm(FileForm):
    """The picture of a card, `image`."""

    file = FormField(PICTURE, "A file in the folder of the piece.", required=True)


class CardActionForm(FileForm):
    """The button of a card, `action`: exactly one key."""

    report = FormField(kinds.text(accepts="a trigger"), "The card reports this trigger.")
    call = FormField(kinds.text(accepts="a value of the programme"), "The card calls this telephone number.")
    link = FormField(ADDRESS, "The card opens this page.")


class ReviewForm(FileForm):
    """The last review of a piece, `reviewed`."""

    by = FormField(TEXT, "A role or a name.", required=True)
    on = FormField(DAY, "The day of the review.", required=True)


class PieceForm(FileForm):
    """A piece: the keys that its languages share, under `piece:` in the first language, or in `piece.yaml`."""

    purpose = FormField(kinds.one_of(MESSAGE_PURPOSES), "The purpose of the piece.", required=True)
    when = FormField(CONDITION, "The patients to whom it is shown; an unknown condition shows nothing.")
    show_in = FormField(STATES, "The states or tracks that show it, in place of the state of its folder.")
    channels = FormField(kinds.some_of(CHANNELS, _read_channels), "The channels; `web` and `email` unless given.")
    tags = FormField(
        Kind(TEXTS.accepts, _read_tags, TEXTS.schema),
        f"Tags that properties and rules refer to; `{PRIVATE}`: no caregiver sees it.",
    )
    order = FormField(NUMBER, f"The rank on the screen, small numbers first; {DEFAULT_ORDER} unless given.")
    reminder = FormField(FLAG, "Whether only a timer's `remind` sends it.")
    references = FormField(names_of(ReferenceForm, "sources by name", NOTE.pattern), "The sources of the footnotes.")
    image = FormField(part(ImageForm, "`{file: …}`"), "The picture of the card.")
    action = FormField(part(CardActionForm, "`{report: …}`, `{call: …}` or `{link: …}`"), "The button of the card.")
    reviewed = FormField(part(ReviewForm, "`{by: …, on: …}`"), "The last review.")
    kind = FormField(kinds.choice(TEXT_KINDS, "page"), f"The kind of a piece in `{TEXT_FOLDER}`; not in a page.")
    grants = FormField(part(GrantsForm, "`{purpose: …, channels: …}`"), "What a consent text asks for.")
    answers = FormField(kinds.choice(QUESTIONS, "unknown"), "The question that a reply answers.")
    frames = FormField(kinds.choice(PERSON_CHANNELS, "email"), "The channel whose messages a frame goes around.")
    send = FormField(part(SendForm, "`{on: entry, …}` or `{after: …}`"), "The occasion on which it is sent by itself.")
    useful_for = FormField(
        kinds.duration(USEFUL_FOR),
        f"How long it is worth sending; {USEFUL_FOR} unless given, before a date until that date.",
    )
    not_again = FormField(
        kinds.duration(NOT_AGAIN),
        f"How soon a person may get it again, at most {LONGEST_NOT_AGAIN}; {NOT_AGAIN} unless given.",
    )
    fallback = FormField(
        kinds.duration("PT1M"), "How long without a receipt until the next channel is tried, shorter than `useful_for`."
    )
    critical = FormField(FLAG, "Whether it passes `not_again` and limits of messages; only for treatment.")
    topic = FormField(
        kinds.text(accepts="a topic"),
        "The topic, whose messages a person may switch off; caregivers see it where the patient shares the topic.",
    )


class LanguageFileForm(FrontMatterForm):
    """The front matter of a text: plain lines, each the same for all patients of a programme."""

    piece = FormField(
        part(PieceForm, "the keys of a piece, on lines of their own"),
        "The keys that the languages share, in the journey's first language; in place of `piece.yaml`.",
    )


KINDS_WITH: Mapping[FormField[object], tuple[PieceKind, ...]] = {
    **dict.fromkeys((PieceForm.when, PieceForm.show_in, PieceForm.channels, PieceForm.tags), ("page",)),
    **dict.fromkeys((PieceForm.order, PieceForm.reminder, PieceForm.image, PieceForm.action), ("page",)),
    **dict.fromkeys((PieceForm.send, PieceForm.useful_for, PieceForm.not_again), ("page",)),
    **dict.fromkeys((PieceForm.fallback, PieceForm.critical, PieceForm.topic), ("page",)),
    PieceForm.grants: ("consent",),
    PieceForm.answers: ("reply",),
    PieceForm.frames: ("frame",),
}
#: The kinds of pieces in which a key has a meaning; the others have one in all.
MESSAGE_FIELDS: tuple[FormField[Any], ...] = (
    PieceForm.useful_for,
    PieceForm.not_again,
    PieceForm.fallback,
    PieceForm.critical,
)
#: Keys that have a meaning only in a piece that is sent.
