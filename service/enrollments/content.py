"""The content for a reader: the pieces that a view selects, in a locale and in the requested formats. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeys.content.catalogue import Piece, Selected, select, world_of
from journeys.content.rendering import Channel, own_text
from journeys.engine import State
from journeys.primitives.locales import served_locale
from service.publishing.servable import ServableContent

CHANNELS = ("web", "email", "sms", "push", "post")
_LONG = frozenset({"web", "email", "post"})


@dataclass(frozen=True, slots=True)
class ContentOptions:
    """The options of a request for content: locale (None: the enrollment's), channel, and formats of the bodies.

    `content`: whether pieces are requested at all; `view`: whether the screen is requested with the answer.
    """

    locale: str | None = None
    channel: str = "web"
    formats: frozenset[str] = frozenset()
    content: bool = True
    view: bool = False


def locale_for(servable: ServableContent, locale: str) -> str:
    """The declared locale that serves a requested locale."""
    return served_locale(locale, servable.catalogue.plan.journey.locales)


def choose(servable: ServableContent, view: State, at: datetime, *, channel: str, locale: str) -> list[Selected]:
    """The pieces that a view shows at a time in a channel, in order."""
    shown = select(servable.catalogue, view, at)
    if channel in _LONG:
        return [selected for selected in shown if channel in selected.piece.channels]
    return [
        selected
        for selected in shown
        if channel in selected.piece.channels and has_text(selected.piece, channel, locale)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedPiece:
    """A piece in one locale: title and summary, and the bodies that were requested."""

    key: str
    version: int
    title: str
    summary: str
    locale: str
    html: str | None = None
    text: str | None = None


def describe(
    servable: ServableContent,
    selected: Selected,
    view: State,
    at: datetime,
    *,
    locale: str,
    options: ContentOptions,
) -> DescribedPiece:
    """A selected piece in a locale, with a body in each requested format."""
    piece, texts = selected.piece, selected.piece.texts[locale]
    bodies: dict[str, str] = {}
    if options.formats:
        world = world_of(view, at, selected.stay)
        for form in options.formats:
            channel = _rendered_for(options.channel, form)
            rendered = servable.renderer.render(piece, servable.catalogue.plan, world, locale=locale, channel=channel)
            if form == "text":
                bodies[form] = marked(servable, locale, rendered.text)
            else:
                bodies[form] = _mark_of_page(servable, locale) + str(rendered.html)
    return DescribedPiece(
        key=piece.key,
        version=servable.numbers[piece.key],
        title=marked(servable, locale, texts.title),
        summary=marked(servable, locale, texts.summary),
        locale=locale,
        html=bodies.get("html"),
        text=bodies.get("text"),
    )


def marked(servable: ServableContent, locale: str, text: str) -> str:
    """A text for the patient; where unsigned drafts are served, it begins with the mark of a draft."""
    return f"[{own_text(locale, 'draft')}] {text}" if servable.is_draft else text


def _mark_of_page(servable: ServableContent, locale: str) -> str:
    return (
        f'<p class="draft" role="note"><strong>{own_text(locale, "draft")}</strong></p>\n' if servable.is_draft else ""
    )


def _rendered_for(channel: str, form: str) -> Channel:
    if form == "text":
        return "sms" if channel == "sms" else "push" if channel == "push" else "text"
    return "email" if channel == "email" else "web"


def has_text(piece: Piece, channel: str, locale: str) -> bool:
    """Whether a piece has a text for a channel: SMS and push need texts of their own."""
    text = piece.texts[locale]
    return {"sms": text.text, "push": text.push}.get(channel, "") is not None
