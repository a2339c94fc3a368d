"""A screen as the API writes it: texts marked where they are drafts, and addresses. It decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from journeys.content.catalogue import Piece, PieceText, Reviewed
from journeys.content.screen import Card, Reportable
from journeys.content.screen.coming import Coming
from journeys.content.screen.screen import Where
from journeys.engine import Stay
from service.enrollments.answers import DrawnScreen
from service.enrollments.content import marked
from service.enrollments.screen import PieceAnswer
from service.enrollments.views import EnrollmentEnd
from service.http.schema import dumper
from service.http.view_schemas import PieceBody, ReportableOut, ViewOut


@dataclass(frozen=True, slots=True)
class PictureLink:
    """The address of a picture, and its description in words."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class CardAction:
    """The button of a card."""

    label: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAnswer:
    """One card; `body` is the address of its body."""

    key: str
    version: int
    title: str
    summary: str
    image: PictureLink | None
    action: CardAction | None
    why: str
    stay: Stay
    is_seen: bool
    reviewed: Reviewed | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenAnswer:
    """A screen."""

    enrollment: str
    journey: str
    title: str
    locale: str
    where: Mapping[str, Where]
    next: Sequence[Coming]
    cards: Sequence[CardAnswer]
    can_report: Sequence[Reportable]
    contacts: Mapping[str, Mapping[str, str | None]]
    ended: EnrollmentEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPiece:
    """One piece with its bodies, its picture and its review."""

    key: str
    version: int
    title: str
    summary: str
    locale: str
    html: str | None
    text: str | None
    image: PictureLink | None
    reviewed: Reviewed | None


_dump_screen = dumper(ViewOut)
_dump_piece = dumper(PieceBody)
#: A report that a patient can send, with the fields of its form, as a JSON object.
reportable_body = dumper(ReportableOut)


def screen_body(drawn: DrawnScreen) -> dict[str, Any]:
    """A screen as a JSON object."""
    screen, stored = drawn.screen, drawn.seen.view.stored
    return _dump_screen(
        ScreenAnswer(
            enrollment=stored.id,
            journey=stored.journey,
            title=marked(drawn.seen.servable, screen.locale, screen.title),
            locale=screen.locale,
            where=screen.where,
            next=screen.next,
            cards=[_card(card, drawn) for card in screen.cards],
            can_report=screen.can_report,
            contacts=screen.contacts,
            ended=drawn.ended,
        )
    )


def piece_body(enrollment: str, answer: PieceAnswer) -> dict[str, Any]:
    """A piece as a JSON object."""
    piece, described = answer.selected.piece, answer.described
    return _dump_piece(
        OpenedPiece(
            key=described.key,
            version=described.version,
            title=described.title,
            summary=described.summary,
            locale=described.locale,
            html=described.html,
            text=described.text,
            image=_picture(enrollment, piece, piece.texts[described.locale]),
            reviewed=piece.reviewed,
        )
    )


def _card(card: Card, drawn: DrawnScreen) -> CardAnswer:
    piece, texts, servable, enrollment = card.selected.piece, card.text, drawn.seen.servable, drawn.seen.view.stored.id
    action = card.action
    return CardAnswer(
        key=piece.key,
        version=servable.numbers[piece.key],
        title=marked(servable, texts.locale, texts.title),
        summary=marked(servable, texts.locale, texts.summary),
        image=_picture(enrollment, piece, texts),
        action=CardAction(str(texts.action), action.kind, action.target) if action else None,
        why=card.why,
        stay=card.selected.stay,
        is_seen=card.is_seen,
        reviewed=piece.reviewed,
        body=url_for("view.read_piece", enrollment=enrollment, key=piece.key, locale=texts.locale),
    )


def _picture(enrollment: str, piece: Piece, texts: PieceText) -> PictureLink | None:
    if piece.image is None:
        return None
    return PictureLink(url_for("view.read_picture", enrollment=enrollment, key=piece.key), str(texts.image_alt))
