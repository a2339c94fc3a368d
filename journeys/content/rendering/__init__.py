"""Pieces as a patient reads them: HTML, plain text, e-mail, SMS and push, in the locale that can be served.

No clock: the instant is part of the world that is handed in. Nothing is kept about a patient.
"""

from journeys.content.rendering.channels import render, render_rendering
from journeys.content.rendering.locales import LOCALES_WITH_WORDS, served_locale, words
from journeys.content.rendering.mail import to_message
from journeys.content.rendering.rendered import RENDERED_AS, Channel, NotForChannel, Rendered

__all__ = [
    "LOCALES_WITH_WORDS",
    "RENDERED_AS",
    "Channel",
    "NotForChannel",
    "Rendered",
    "render",
    "render_rendering",
    "served_locale",
    "to_message",
    "words",
]
