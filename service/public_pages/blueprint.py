"""The blueprint of the pages of a link: their frame, languages, and errors as pages. It has no page itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template

from journeys.primitives.errors import CallerError
from journeys.primitives.locales import served_locale
from journeys.primitives.messages import SOURCE_LANGUAGE, package_translations
from service.platform.page_frame import headers_of_pages, policy_of_pages, use_frame
from service.platform.page_refusals import asset_of, use_refusals

FOLDER = Path(__file__).parent
STYLE = "public.css"
#: Nothing is loaded from other sites, no script runs, and forms are sent only to this site.
POLICY = policy_of_pages("style-src 'self'; img-src data:", form_action="self")
TEXTS = package_translations("service", "public_pages")
LANGUAGES = (SOURCE_LANGUAGE, *(name for name in TEXTS.by_language if name != SOURCE_LANGUAGE))

blueprint = Blueprint("public", __name__, template_folder="templates")
use_frame(blueprint, headers_of_pages(POLICY))


def locale_of(language: str) -> str:
    """The locale of the pages that serves a person's language best, else English."""
    return served_locale(language, LANGUAGES)


def page(template: str, language: str, status: int = 200, **values: Any) -> Response:
    """A page as a response, in the language of a person or else in English."""
    locale = locale_of(language)
    shown = render_template(f"public/{template}.html", locale=locale, texts=TEXTS.by_language[locale], **values)
    return make_response(shown, status)


def _refusal(status: int, _: CallerError | None) -> Response:
    """The page of a refusal, in every language: whose link it was is not looked up."""
    kind = "unknown" if status == 404 else "failed"
    return page("refused", SOURCE_LANGUAGE, status, kind=kind, translations=TEXTS.by_language)


use_refusals(blueprint, _refusal)


@blueprint.route("/public/<name>")
def asset(name: str) -> Response:
    """The stylesheet."""
    return asset_of(FOLDER / "static", name, {STYLE: "text/css"})
