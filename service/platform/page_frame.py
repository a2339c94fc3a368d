"""The frame of every HTML page: the base template `frame.html`, and the headers of the responses. It knows no page."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask, Response
from markupsafe import Markup

from journeys.primitives.locales import language_attributes
from service.platform.headers import HEADERS

#: Set even where a static file sets its own.
_ALWAYS_SET = frozenset({"Cache-Control", "Referrer-Policy"})


def policy_of_pages(sources: str, *, form_action: str) -> str:
    """The Content-Security-Policy of pages that load nothing but `sources`, and that no other page may frame."""
    return f"default-src 'none'; {sources}; base-uri 'none'; form-action '{form_action}'; frame-ancestors 'none'"


def policy_of_sent(*, frame_ancestors: str) -> str:
    """The Content-Security-Policy of an e-mail or a picture that is opened by itself: it runs and loads nothing."""
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors '{frame_ancestors}'"


def headers_of_pages(policy: str, *, referrer: str = "no-referrer") -> dict[str, str]:
    """The headers of pages with a Content-Security-Policy, which no other site may open or embed."""
    return {
        **HEADERS,
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": referrer,
    }


def use_frame(pages: Flask | Blueprint, headers: Mapping[str, str]) -> None:
    """Makes `frame.html` available to the templates of an application or a blueprint, and sets headers on responses.

    A header that a view sets, such as the policy of an e-mail, stays. In templates, `<p {{ locale | language }}>` is an
    element in a language, with its direction.
    """

    def finish(response: Response) -> Response:
        for name, value in headers.items():
            if name in _ALWAYS_SET or name not in response.headers:
                response.headers[name] = value
        return response

    if isinstance(pages, Flask):
        pages.add_template_filter(_language, "language")
    else:
        pages.add_app_template_filter(_language, "language")
    pages.register_blueprint(Blueprint("frame", __name__, template_folder="templates"))
    pages.after_request(finish)


def _language(locale: str) -> Markup:
    return Markup(language_attributes(locale))  # noqa: S704
