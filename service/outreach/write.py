"""Writing a message: the piece as the told view shows it, in the person's language, for one channel and contact."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from journeys.content.catalogue import world_of
from journeys.content.rendering import Channel as RenderedFor
from journeys.content.rendering import with_code, with_sign_in, with_unsubscribe
from journeys.definition.conditions import NO_WORLD
from service.outreach.links import UnsubscribeLink, token_of
from service.outreach.outbox import Outbox
from service.outreach.port import Envelope, Unsubscribe
from service.outreach.weigh import WeighedMessage
from service.persons.store import PersonContact

_RENDERED: dict[str, RenderedFor] = {"email": "email", "sms": "sms", "push": "push", "post": "post"}


def write_envelope(
    outbox: Outbox,
    connection: Connection,
    weighed: WeighedMessage,
    contact: PersonContact,
    now: datetime,
    code: str | None = None,
) -> Envelope:
    """The message for one contact; its subject, and what a locked screen shows, are texts made for that."""
    seen, piece, stay = weighed.seen, weighed.justification.piece, weighed.justification.stay
    view = seen.view.shown
    assert piece is not None, "the gate lets nothing go that has no approved piece"
    catalogue, is_mail = seen.servable.catalogue, contact.channel == "email"
    page = piece if weighed.stored.is_answer else seen.servable.framed(piece, contact.channel)
    rendered = seen.servable.renderer.render(
        page,
        catalogue.plan,
        world_of(view, now, stay) if view is not None else NO_WORLD,
        locale=seen.chosen.locale,
        channel=_RENDERED[contact.channel],
    )
    unsubscribe = _unsubscribe(outbox, connection, contact) if is_mail and not weighed.stored.is_answer else None
    if unsubscribe is not None:
        rendered = with_unsubscribe(rendered, unsubscribe.url)
    if code is not None:
        rendered = with_code(rendered, code)
        if is_mail and piece.kind == "sign_in":
            rendered = with_sign_in(rendered, f"{outbox.public_url}/sign-in/code/{code}")
    return Envelope(
        address=contact.address if isinstance(contact.address, str) else json.dumps(contact.address),
        text=rendered.text,
        locale=rendered.locale,
        useful_until=weighed.stored.useful_until,
        subject=rendered.subject or "",
        html=rendered.html,
        footer=outbox.postal_address if is_mail and page is piece else "",  # a frame has the address of the programme
        unsubscribe=unsubscribe,
        list_id=_list_id(outbox.public_url, piece.purpose) if unsubscribe is not None else "",
        topic=f"{catalogue.plan.journey.key} {piece.key}",
        urgent=piece.is_critical,
    )


def _list_id(public_url: str, purpose: str) -> str:
    """The domain name of all mail for a purpose (RFC 2919); none where the host is a network address."""
    host = (urlsplit(public_url).hostname or "").rstrip(".")
    is_address = ":" in host or host.rpartition(".")[2].isdigit()
    return "" if is_address else f"{purpose}.{host}"


def _unsubscribe(outbox: Outbox, connection: Connection, contact: PersonContact) -> Unsubscribe:
    token = token_of(outbox.service, connection, UnsubscribeLink(contact.person, contact.channel))
    return Unsubscribe(url=f"{outbox.public_url}/u/{token}", mailbox=outbox.unsubscribe_mailbox)
