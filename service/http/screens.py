"""A screen as JSON: the values of the core with the addresses that lead on. It decides nothing."""

from __future__ import annotations

from typing import Any

from flask import url_for

from journeys.content.catalogue import Piece, PieceText
from journeys.content.screen import Card, Field, Reportable
from journeys.engine import Stay
from journeys.primitives.canonical import time_text
from service.enrollments.answers import Viewed
from service.enrollments.content import marked


def screen_body(viewed: Viewed) -> dict[str, Any]:
    """A screen for an answer."""
    screen, stored = viewed.screen, viewed.seen.view.stored
    ended = viewed.ended
    return {
        "enrollment": stored.id,
        "journey": stored.journey,
        "title": marked(viewed.seen.shelf, screen.locale, screen.title),
        "locale": screen.locale,
        "where": {track: {"title": where.title, "since": _since(where.stay)} for track, where in screen.where.items()},
        "next": [{"title": one.title, "date": one.day.isoformat(), "kind": one.kind} for one in screen.next],
        "cards": [_card(card, viewed) for card in screen.cards],
        "can_report": [reportable_body(one) for one in screen.can_report],
        "contacts": {name: dict(contact) for name, contact in screen.contacts.items()},
        "ended": {"title": ended["title"], "at": ended["at"]} if ended is not None else None,
    }


def reportable_body(one: Reportable) -> dict[str, Any]:
    """What may be reported, with the fields of its form, for an answer."""
    return {"type": one.type, "label": one.label, "fields": [_field(field) for field in one.fields]}


def picture_of(enrollment: str, piece: Piece, text: PieceText) -> dict[str, Any] | None:
    """Where the picture of a piece is, and what it shows in words."""
    if piece.image is None:
        return None
    return {"url": url_for("view.read_picture", enrollment=enrollment, key=piece.key), "alt": text.image_alt}


def reviewed_of(piece: Piece) -> dict[str, str] | None:
    """Who reviewed a piece, and when."""
    return {"by": piece.reviewed.by, "on": piece.reviewed.on} if piece.reviewed is not None else None


def _card(card: Card, viewed: Viewed) -> dict[str, Any]:
    piece, enrollment = card.selected.piece, viewed.seen.view.stored.id
    action = card.action
    return {
        "key": piece.key,
        "version": viewed.seen.shelf.numbers[piece.key],
        "title": marked(viewed.seen.shelf, card.text.locale, card.text.title),
        "summary": marked(viewed.seen.shelf, card.text.locale, card.text.summary),
        "image": picture_of(enrollment, piece, card.text),
        "action": {"label": card.text.action, "kind": action.kind, "target": action.target} if action else None,
        "why": card.why,
        "since": _since(card.selected.stay),
        "seen": card.is_seen,
        "reviewed": reviewed_of(piece),
        "body": url_for("view.read_piece", enrollment=enrollment, key=piece.key, locale=card.text.locale),
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.kind,
        "required": field.required,
        "choices": [{"value": one.value, "label": one.label, "within": one.within} for one in field.choices],
        "min": field.minimum,
        "max": field.maximum,
        "max_length": field.max_length,
        "group": field.group,
    }


def _since(stay: Stay) -> str:
    return time_text(stay.since, stay.day)
