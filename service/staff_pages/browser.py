"""The cookie of a browser, and the proof that a form came from this site. It does not read accounts or pages."""

from __future__ import annotations

import hashlib
import hmac
import re

from flask import Request, Response

from service.platform import errors

COOKIE = "journeys_staff"
#: Behind TLS: a browser accepts this name only from this host itself, over TLS, and for the whole host.
SECURE_COOKIE = "__Host-journeys_staff"
#: The field of every form that proves its origin.
FIELD = "from_here"
_SECRET = re.compile(r"[A-Za-z0-9_-]{40,100}")


def read_secret(request: Request, *, https: bool) -> str | None:
    """Return the secret in the browser's cookie; None where it cannot be one of this site."""
    text = request.cookies.get(_name(https), "")
    return text if _SECRET.fullmatch(text) else None


def keep(response: Response, text: str, *, https: bool) -> None:
    """Set the cookie, out of the reach of scripts and of other sites' forms."""
    response.set_cookie(_name(https), text, secure=https, httponly=True, samesite="Lax")


def forget(response: Response, *, https: bool) -> None:
    """Delete the cookie."""
    response.delete_cookie(_name(https), secure=https, httponly=True, samesite="Lax")


def proof(text: str) -> str:
    """Return the proof that a form carries: derived from the secret, which it does not reveal."""
    return hmac.new(text.encode(), b"a form of the room", hashlib.sha256).hexdigest()


def require_own_form(request: Request, text: str | None) -> None:
    """Refuse a form that this site did not give to this browser.

    Raises:
        NotFromHere: the proof is missing or wrong, or the browser names another origin.
    """
    origin = request.headers.get("Origin")
    form_proof = request.form.get(FIELD, "")
    is_ours = text is not None and hmac.compare_digest(form_proof.encode(errors="replace"), proof(text).encode())
    if not is_ours or (origin is not None and origin.partition("://")[2] != request.host):
        raise errors.NotFromHere


def _name(https: bool) -> str:
    return SECURE_COOKIE if https else COOKIE
