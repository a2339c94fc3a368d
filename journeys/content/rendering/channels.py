"""One piece for one patient, locale and channel."""

from __future__ import annotations

from journeys.content.catalogue import Piece, PieceText
from journeys.content.rendering.html import body_html, page_html
from journeys.content.rendering.locales import served_locale, shown_in, words
from journeys.content.rendering.mail import mail_html
from journeys.content.rendering.plain import body_plain
from journeys.content.rendering.rendered import Channel, NotForChannel, Rendered
from journeys.content.templates import Filled, Rendering, fill
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World


def render(piece: Piece, plan: ReleasePlan, world: World, *, locale: str, channel: Channel = "web") -> Rendered:
    """The piece as one patient reads it.

    Args:
        piece: the piece; the caller has asked whether it may be shown (`select`, `consider`).
        plan: the release it was checked against.
        world: what the patient is told: plain values, places, visits, the instant, the stay's beginning.
        locale: the locale wished for; the result names the one served.
        channel: what to render for.

    Raises:
        NotForChannel: when the author gave no text for SMS or push.
        UnknownValue: when a fact that it shows is not known; cannot be while its `when` is true.
    """
    text = piece.texts[served_locale(locale, plan.journey.locales)]
    if channel in ("sms", "push"):
        return _short(piece, text, channel)
    return _long(piece, text, channel, fill(text.body, world, shown_in(plan, text.locale)))


def render_rendering(piece: Piece, rendering: Rendering, *, locale: str, channel: Channel = "web") -> Rendered:
    """One of the possible renderings as it will look, with placeholders as values; for those who review it."""
    text = piece.texts[locale]
    if channel in ("sms", "push"):
        return _short(piece, text, channel)
    return _long(piece, text, channel, rendering.filled)


def _short(piece: Piece, text: PieceText, channel: Channel) -> Rendered:
    words = text.text if channel == "sms" else text.push
    if words is None:
        raise NotForChannel(piece.key, channel)
    return Rendered(piece.key, piece.version, channel, text.locale, text.title, text.summary, text=words)


def _long(piece: Piece, text: PieceText, channel: Channel, filled: Filled) -> Rendered:
    references = tuple(piece.references.values())
    subject: str | None = None
    html: str | None = None
    plain = ""
    if channel != "text":
        html = body_html(filled, piece.key, references, text.locale)
    if channel in ("text", "email"):
        plain = f"{text.title}\n\n{body_plain(filled, references, text.locale)}"
    if channel == "page" and html is not None:
        html = page_html(text.title, html, text.locale)
    if channel == "email" and html is not None:
        html = mail_html(text.title, html, text.locale)
        # Never the title: a subject is read on locked screens.
        subject = text.subject or words(text.locale, "subject")
    return Rendered(piece.key, piece.version, channel, text.locale, text.title, text.summary, subject, html, plain)
