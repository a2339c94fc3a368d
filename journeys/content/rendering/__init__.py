"""Pieces as a patient reads them: HTML, plain text, e-mail, SMS and push, in the locale that can be served.

The caller passes the instant as part of the world. No fact about a patient is cached.
"""

from journeys.content.rendering.channels import render, render_rendering
from journeys.content.rendering.locales import own_text, own_texts, served_locale
from journeys.content.rendering.mail import to_message
from journeys.content.rendering.rendered import RENDERED_AS, Channel, NotForChannel, Rendered

__all__ = [
    "RENDERED_AS",
    "Channel",
    "NotForChannel",
    "Rendered",
    "own_text",
    "own_texts",
    "render",
    "render_rendering",
    "served_locale",
    "to_message",
]
