"""A screen as the API writes it: texts marked where they are drafts, and addresses. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from journeys.content.catalogue import Piece, PieceText, Reviewed
from journeys.content.screen import Card, QuestionCard, Reportable, Screen, TopicCard
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
class CardWriting:
    """The parts of a card that depend on where its screen is shown.

    Attributes:
        marked: returns a text in a locale, marked where it is a draft.
        number: returns the number of the version of a piece, by key.
        body: returns the address of the body of a piece, by key and locale.
        picture: returns the address of the picture of a piece, by key.
    """

    marked: Callable[[str, str], str]
    number: Callable[[str], int]
    body: Callable[[str, str], str]
    picture: Callable[[str], str]


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
    questions: Sequence[QuestionCard]
    declined: Sequence[QuestionCard]
    topics: Sequence[TopicCard]
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
    """The screen of an enrollment as a JSON object."""
    stored, servable = drawn.seen.view.stored, drawn.seen.servable
    writing = CardWriting(
        marked=lambda locale, text: marked(servable, locale, text),
        number=lambda key: servable.numbers[key],
        body=lambda key, locale: url_for("view.read_piece", enrollment=stored.id, key=key, locale=locale),
        picture=lambda key: url_for("view.read_picture", enrollment=stored.id, key=key),
    )
    return body_of_screen(drawn.screen, writing, enrollment=stored.id, journey=stored.journey, ended=drawn.ended)


def body_of_screen(
    screen: Screen, writing: CardWriting, *, enrollment: str, journey: str, ended: EnrollmentEnd | None
) -> dict[str, Any]:
    """A screen as a JSON object."""
    return _dump_screen(
        ScreenAnswer(
            enrollment=enrollment,
            journey=journey,
            title=writing.marked(screen.locale, screen.title),
            locale=screen.locale,
            where=screen.where,
            next=screen.next,
            cards=[_card(card, writing) for card in screen.cards],
            can_report=screen.can_report,
            questions=screen.questions,
            declined=screen.declined,
            topics=screen.topics,
            contacts=screen.contacts,
            ended=ended,
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
            image=_picture(
                piece,
                piece.texts[described.locale],
                lambda key: url_for("view.read_picture", enrollment=enrollment, key=key),
            ),
            reviewed=piece.reviewed,
        )
    )


def _card(card: Card, writing: CardWriting) -> CardAnswer:
    piece, texts, action = card.selected.piece, card.text, card.action
    return CardAnswer(
        key=piece.key,
        version=writing.number(piece.key),
        title=writing.marked(texts.locale, texts.title),
        summary=writing.marked(texts.locale, texts.summary),
        image=_picture(piece, texts, writing.picture),
        action=CardAction(str(texts.action), action.kind, action.target) if action else None,
        why=card.why,
        stay=card.selected.stay,
        is_seen=card.is_seen,
        reviewed=piece.reviewed,
        body=writing.body(piece.key, texts.locale),
    )


def _picture(piece: Piece, texts: PieceText, address: Callable[[str], str]) -> PictureLink | None:
    return PictureLink(address(piece.key), str(texts.image_alt)) if piece.image is not None else None
