"""What a browser keeps, one cookie, and the proof that a form came from us. It knows no account and no page."""

from __future__ import annotations

import hashlib
import hmac
import re

from flask import Request, Response

from service.platform import errors

COOKIE = "journeys_room"
PATH = "/room"
#: The field of every form that proves where it came from.
FIELD = "from_here"
_KEPT = re.compile(r"[A-Za-z0-9_-]{40,100}")


def kept(request: Request) -> str | None:
    """What the browser keeps, if it can be ours."""
    text = request.cookies.get(COOKIE, "")
    return text if _KEPT.fullmatch(text) else None


def keep(response: Response, text: str, *, https: bool) -> None:
    """Lets the browser keep something, out of the reach of scripts and of other sites' forms."""
    response.set_cookie(COOKIE, text, path=PATH, secure=https, httponly=True, samesite="Lax")


def forget(response: Response, *, https: bool) -> None:
    """Lets the browser keep nothing."""
    response.delete_cookie(COOKIE, path=PATH, secure=https, httponly=True, samesite="Lax")


def proof(text: str) -> str:
    """What a form carries: it follows from what the browser keeps, and does not lead back to it."""
    return hmac.new(text.encode(), b"a form of the room", hashlib.sha256).hexdigest()


def require_own_form(request: Request, text: str | None) -> None:
    """Refuses a form that was not given to this browser here.

    Raises:
        NotFromHere: it carries no proof or another one, or the browser says that it comes from elsewhere.
    """
    origin = request.headers.get("Origin")
    given = request.form.get(FIELD, "")
    is_ours = text is not None and hmac.compare_digest(given.encode(errors="replace"), proof(text).encode())
    if not is_ours or (origin is not None and origin.partition("://")[2] != request.host):
        raise errors.NotFromHere
