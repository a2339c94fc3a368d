"""Makes an e-mail: one readable column of HTML with its style inside, and the same as text. It loads nothing."""

from __future__ import annotations

import html
from dataclasses import replace

import css_inline

from journeys.content.rendering.html import page_html
from journeys.content.rendering.rendered import Rendered
from journeys.content.templates import ADDRESSES, SIGN_IN, UNSUBSCRIBE
from journeys.primitives.locales import direction_of

_STYLE = """
body { margin: 0; padding: 0; background: #ffffff; }
main { max-width: 600px; margin: 0 auto; padding: 24px 16px; }
main, h1, h2, h3, h4, p, li, th, td, a { font-family: Arial, Helvetica, sans-serif; }
main, p, li { color: #1f2933; font-size: 17px; line-height: 1.5; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 16px; color: #102a43; }
h2 { font-size: 20px; line-height: 1.3; margin: 24px 0 8px; color: #102a43; }
h3 { font-size: 18px; line-height: 1.3; margin: 20px 0 8px; color: #102a43; }
a { color: #0b5cad; }
th, td { border: 1px solid #9fb3c8; padding: 6px 8px; text-align: left; }
table { border-collapse: collapse; }
"""
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)


def mail_html(title: str, body: str, locale: str) -> str:
    """The HTML part: the body under its title, every style written into its element."""
    is_rtl = direction_of(locale) == "rtl"
    style = _STYLE.replace("text-align: left", "text-align: right") if is_rtl else _STYLE
    return _INLINER.inline(page_html(title, body, locale, style))


def with_unsubscribe(rendered: Rendered, address: str) -> Rendered:
    """An e-mail whose frame links to the address at which this person ends the messages."""
    return _with_address(rendered, UNSUBSCRIBE, address)


def with_sign_in(rendered: Rendered, address: str) -> Rendered:
    """An e-mail with a code to sign in, whose link leads to the page that has the button."""
    return _with_address(rendered, SIGN_IN, address)


def _with_address(rendered: Rendered, name: str, address: str) -> Rendered:
    page = (rendered.html or "").replace(ADDRESSES[name], html.escape(address))
    return replace(rendered, html=page, text=rendered.text.replace(ADDRESSES[name], address))
