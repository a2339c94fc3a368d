"""What a reader is given of the content: the pieces that a view selects, in a locale, rendered where that is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.content.catalogue import Piece, Selected, select, world_of
from journeys.content.rendering import Channel, render, served_locale, words
from journeys.engine import Snapshot, State
from service.publishing.library import ServableContent

CHANNELS = ("web", "email", "sms", "push")
_LONG = frozenset({"web", "email"})


@dataclass(frozen=True, slots=True)
class Asked:
    """How a reader wants content: the locale (None: the enrollment's), the channel, and whether bodies are wanted.

    `view`: whether the screen is wanted beside the answer.
    """

    locale: str | None = None
    channel: str = "web"
    formats: frozenset[str] = frozenset()
    content: bool = True
    view: bool = False


def locale_for(shelf: ServableContent, wanted: str) -> str:
    """The declared locale in which a wish is served."""
    return served_locale(wanted, shelf.catalogue.plan.journey.locales)


def choose(
    shelf: ServableContent, view: State | Snapshot, at: datetime, *, channel: str, locale: str
) -> list[Selected]:
    """The pieces that a view shows at its instant in a channel, in order."""
    shown = select(shelf.catalogue, view, at)
    if channel in _LONG:
        return [one for one in shown if channel in one.piece.channels]
    return [one for one in shown if channel in one.piece.channels and has_text(one.piece, channel, locale)]


def describe(
    shelf: ServableContent, chosen: Selected, view: State | Snapshot, at: datetime, *, locale: str, asked: Asked
) -> Any:
    """A chosen piece for an answer: title and summary, and the body in the formats asked for.

    `text` of the short channels is their own; a piece that has none for the channel was not chosen.
    """
    piece, text = chosen.piece, chosen.piece.texts[locale]
    described: dict[str, Any] = {
        "key": piece.key,
        "version": shelf.numbers[piece.key],
        "title": marked(shelf, locale, text.title),
        "summary": marked(shelf, locale, text.summary),
        "locale": locale,
    }
    if asked.formats:
        world = world_of(view, at, chosen.stay)
        for form in sorted(asked.formats):
            channel = _rendered_for(asked.channel, form)
            rendered = render(piece, shelf.catalogue.plan, world, locale=locale, channel=channel)
            if form == "text":
                described[form] = marked(shelf, locale, rendered.text)
            else:
                described[form] = _mark_of_page(shelf, locale) + str(rendered.html)
    return described


def marked(shelf: ServableContent, locale: str, text: str) -> str:
    """A text as it is given out: where nobody had to sign it, it says so before anything else."""
    return f"[{words(locale, 'draft')}] {text}" if shelf.is_draft else text


def _mark_of_page(shelf: ServableContent, locale: str) -> str:
    return f'<p class="draft" role="note"><strong>{words(locale, "draft")}</strong></p>\n' if shelf.is_draft else ""


def _rendered_for(channel: str, form: str) -> Channel:
    if form == "text":
        return "sms" if channel == "sms" else "push" if channel == "push" else "text"
    return "email" if channel == "email" else "web"


def has_text(piece: Piece, channel: str, locale: str) -> bool:
    """Whether a piece has words for a channel: the short ones need their own."""
    text = piece.texts[locale]
    return {"sms": text.text, "push": text.push}.get(channel, "") is not None
