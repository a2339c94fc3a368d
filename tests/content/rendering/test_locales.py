"""A wish for a locale is always served, and the answer names by which."""

import pytest

from journeys.content.rendering import render, served_locale
from journeys.content.rendering.locales import date_text
from tests.samples.sample import pieces, plan, world


@pytest.mark.parametrize(
    ("asked", "declared", "served"),
    [
        ("es", ["en", "es"], "es"),
        ("es-US", ["en", "es"], "es"),
        ("es_US", ["en", "es"], "es"),
        ("ES-us", ["en", "es", "es-US"], "es-US"),
        ("es-US", ["en", "es-MX"], "es-MX"),
        ("es-US", ["en", "es-MX", "es-ES"], "es-MX"),
        ("fr", ["en", "es"], "en"),
        ("", ["en", "es"], "en"),
        ("zh-Hant-TW", ["en", "zh"], "zh"),
        ("est", ["en", "es"], "en"),
    ],
)
def test_exact_then_language_then_first(asked, declared, served):
    assert served_locale(asked, declared) == served


def test_the_rendering_names_the_locale_served():
    found = render(pieces()["welcome"], plan(), world(), locale="es-US")
    assert (found.locale, found.title) == ("es", "Le damos la bienvenida")
    assert render(pieces()["welcome"], plan(), world(), locale="fr").locale == "en"


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "January 5, 2026"),
        ("es", "5 de enero de 2026"),
        ("en-GB", "5 January 2026"),
        ("qqq", "January 5, 2026"),
    ],
)
def test_dates_are_written_out(locale, text):
    assert date_text("2026-01-05", locale) == text
