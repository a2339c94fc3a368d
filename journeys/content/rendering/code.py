"""Puts the code into a text after it was rendered, so that no renderer remembers it."""

from __future__ import annotations

from dataclasses import replace

from journeys.content.catalogue import CODE_IN_LINE
from journeys.content.rendering.rendered import Rendered
from journeys.content.templates import CODE


def with_code(rendered: Rendered, code: str) -> Rendered:
    """A verification text or a sign-in text, rendered for e-mail or as a text message, with its code."""
    placeholder = f"⟨{CODE}⟩"
    page = rendered.html.replace(placeholder, code) if rendered.html is not None else None
    return replace(rendered, html=page, text=CODE_IN_LINE.sub(code, rendered.text).replace(placeholder, code))
