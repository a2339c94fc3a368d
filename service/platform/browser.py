"""The cookie of a browser, and the proof that a form came from this site. It reads neither accounts nor persons."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from flask import Request, Response
from markupsafe import Markup

from service.platform import errors

#: The field of every form that proves its origin.
FIELD = "from_here"
#: What a browser with `Sec-GPC: 1` refuses for its user (globalprivacycontrol.org).
REFUSED_BY_GPC = ("measurement", "marketing")
_SECRET = re.compile(r"[A-Za-z0-9_-]{40,100}")


@dataclass(frozen=True, slots=True)
class BrowserCookie:
    """A cookie that holds one secret, out of the reach of scripts and of other sites' forms."""

    name: str

    @property
    def secure_name(self) -> str:
        """Its name behind TLS: a browser accepts it only from this host itself, over TLS, and for the whole host."""
        return f"__Host-{self.name}"

    def read(self, request: Request, *, https: bool) -> str | None:
        """Return the secret in the browser's cookie; None where it cannot be one of this site."""
        text = request.cookies.get(self._name(https), "")
        return text if _SECRET.fullmatch(text) else None

    def keep(self, response: Response, text: str, *, https: bool, is_embedded: bool = False) -> None:
        """Set the cookie. `is_embedded`: pages of other sites may embed this one; each has a cookie apart, over TLS."""
        samesite, partitioned = ("None", True) if is_embedded and https else ("Lax", False)
        name = self._name(https)
        response.set_cookie(name, text, secure=https, httponly=True, samesite=samesite, partitioned=partitioned)

    def forget(self, response: Response, *, https: bool) -> None:
        """Delete the cookie."""
        response.delete_cookie(self._name(https), secure=https, httponly=True, samesite="Lax")

    def _name(self, https: bool) -> str:
        return self.secure_name if https else self.name


def proof(text: str) -> str:
    """Return the proof that a form carries: derived from the secret, which it does not reveal."""
    return hmac.new(text.encode(), b"a form of the room", hashlib.sha256).hexdigest()


def proof_field(text: str | None) -> Markup:
    """Return the hidden field that proves the origin of a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, proof(text or ""))


def require_own_form(request: Request, text: str | None) -> None:
    """Refuse a form that this site did not give to this browser.

    Raises:
        NotFromHere: the proof is missing or wrong, or the browser names another origin.
    """
    form_proof = request.form.get(FIELD, "")
    is_ours = text is not None and hmac.compare_digest(form_proof.encode(errors="replace"), proof(text).encode())
    if not is_ours:
        raise errors.NotFromHere
    require_own_origin(request)


def require_own_origin(request: Request) -> None:
    """Refuse a request that a browser sends for another site.

    Raises:
        NotFromHere: the browser names another origin.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise errors.NotFromHere


def purposes_refused(request: Request) -> tuple[str, ...]:
    """Return the purposes that the browser refuses for its user."""
    return REFUSED_BY_GPC if request.headers.get("Sec-GPC") == "1" else ()
