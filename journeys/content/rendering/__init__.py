"""Pieces as a patient reads them: HTML, plain text, e-mail, SMS, push and letters, in the locale that can be served.

The caller passes the instant as part of the world. A `Renderer` remembers no fact about a patient.
"""

from journeys.content.rendering.channels import Renderer, render, render_rendering
from journeys.content.rendering.code import with_code
from journeys.content.rendering.letter import Letter, letters_html
from journeys.content.rendering.locales import own_text, own_texts
from journeys.content.rendering.mail import with_sign_in, with_unsubscribe
from journeys.content.rendering.rendered import NotForChannel, Rendered
from journeys.primitives.words import Channel, Paper

__all__ = [
    "Channel",
    "Letter",
    "NotForChannel",
    "Paper",
    "Rendered",
    "Renderer",
    "letters_html",
    "own_text",
    "own_texts",
    "render",
    "render_rendering",
    "with_code",
    "with_sign_in",
    "with_unsubscribe",
]
