"""One piece for one patient, locale and channel."""

from __future__ import annotations

from functools import lru_cache

from journeys.content.catalogue import Piece, PieceText, Reference
from journeys.content.rendering.html import fixed_html, in_order, page_html, put_in_html, put_in_mail, right_to_left
from journeys.content.rendering.locales import babel_locale, own_text, shown_in
from journeys.content.rendering.mail import mail_html
from journeys.content.rendering.plain import fixed_plain, put_in_plain
from journeys.content.rendering.rendered import NotForChannel, Rendered
from journeys.content.templates import Filled, Rendering, fill
from journeys.definition.compiler import ReleasePlan
from journeys.definition.conditions import World
from journeys.primitives.locales import direction_of, served_locale
from journeys.primitives.words import Channel


class Renderer:
    """Renders pieces, and remembers their HTML and plain text before values are filled in.

    It remembers nothing about a patient: in the author's text a value is only a number. Threads may share it.
    """

    def __init__(self, size: int = 1024) -> None:
        self.fixed_html = lru_cache(size)(fixed_html)
        self.fixed_plain = lru_cache(size)(fixed_plain)
        self.fixed_mail = lru_cache(size)(self._fixed_mail)
        self.babel = lru_cache(64)(babel_locale)
        self.direction = lru_cache(64)(direction_of)

    def render(
        self, piece: Piece, plan: ReleasePlan, world: World, *, locale: str, channel: Channel = "web"
    ) -> Rendered:
        """The piece as one patient reads it.

        Args:
            piece: the piece; the caller checks beforehand that it may be shown (`select`, `consider`).
            plan: the release that the piece was checked against.
            world: the told view: values, states, visits, the instant, the beginning of the stay.
            locale: the requested locale; the result names the one served.
            channel: the channel to render for.

        Raises:
            NotForChannel: the piece has no text for SMS or push.
            UnknownValue: a fact that the piece shows is unknown; this cannot happen while its `when` is true.
        """
        text = piece.texts[served_locale(locale, plan.journey.locales)]
        if channel in ("sms", "push"):
            return _short(piece, text, channel)
        return self._long(piece, text, channel, fill(text.body, world, shown_in(plan, text.locale, self.babel)))

    def render_rendering(
        self, piece: Piece, rendering: Rendering, *, locale: str, channel: Channel = "web"
    ) -> Rendered:
        """One of the possible renderings with placeholders as values, for reviewers."""
        text = piece.texts[locale]
        if channel in ("sms", "push"):
            return _short(piece, text, channel)
        return self._long(piece, text, channel, rendering.filled)

    def _long(self, piece: Piece, text: PieceText, channel: Channel, filled: Filled) -> Rendered:
        references = tuple(piece.references.values())
        subject: str | None = None
        html: str | None = None
        plain = ""
        if channel == "email":
            html = put_in_mail(
                self.fixed_mail(text.title, filled.text, piece.key, references, text.locale), filled.values
            )
            # Never the title: a subject is read on locked screens.
            subject = text.subject or own_text(text.locale, "subject")
        elif channel != "text":
            html = put_in_html(self.fixed_html(filled.text, piece.key, references, text.locale), filled.values)
            if self.direction(text.locale) == "rtl":
                html = right_to_left(html, text.locale) if channel in ("web", "post") else in_order(html)
        if channel in ("text", "email"):
            body = put_in_plain(self.fixed_plain(filled.text, references, text.locale), filled.values)
            plain = f"{text.title}\n\n{body}"
        if channel == "page" and html is not None:
            html = page_html(text.title, html, text.locale)
        if channel == "post":  # nobody reads a letter before its envelope is opened
            subject = text.title
        return Rendered(piece.key, piece.version, channel, text.locale, text.title, text.summary, subject, html, plain)

    def _fixed_mail(self, title: str, text: str, key: str, references: tuple[Reference, ...], locale: str) -> str:
        body = self.fixed_html(text, key, references, locale)
        return mail_html(title, in_order(body) if self.direction(locale) == "rtl" else body, locale)


def render(piece: Piece, plan: ReleasePlan, world: World, *, locale: str, channel: Channel = "web") -> Rendered:
    """The piece as one patient reads it, rendered once (see `Renderer.render`)."""
    return Renderer().render(piece, plan, world, locale=locale, channel=channel)


def render_rendering(piece: Piece, rendering: Rendering, *, locale: str, channel: Channel = "web") -> Rendered:
    """One of the possible renderings with placeholders as values, rendered once, for reviewers."""
    return Renderer().render_rendering(piece, rendering, locale=locale, channel=channel)


def _short(piece: Piece, text: PieceText, channel: Channel) -> Rendered:
    short_text = text.text if channel == "sms" else text.push
    if short_text is None:
        raise NotForChannel(piece.key, channel)
    return Rendered(piece.key, piece.version, channel, text.locale, text.title, text.summary, text=short_text)
