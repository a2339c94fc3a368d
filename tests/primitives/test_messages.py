"""Catalogues of every language are read from a folder, and English fills their gaps."""

import pytest
from babel.messages.pofile import PoFileError

from journeys.primitives.messages import Translations

HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: {forms};\\n"\n'
GERMANIC = "nplurals=2; plural=(n != 1)"
POLISH = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)"
ENGLISH = """
msgid "greeting"
msgstr "Good day"

msgid "days"
msgid_plural "days"
msgstr[0] "{count} day"
msgstr[1] "{count} days"
"""


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "en", ENGLISH)
    return tmp_path


def write(folder, language, entries, forms=GERMANIC):
    catalogue = folder / language / "LC_MESSAGES" / "letters.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(HEADER.format(forms=forms) + entries, encoding="utf-8")


def test_a_text_comes_in_the_language_of_the_locale(folder):
    write(folder, "es", 'msgid "greeting"\nmsgstr "Buenos días"\n')
    letters = Translations(folder, "letters")
    assert [letters.for_locale(locale)["greeting"] for locale in ("en", "es", "es-US", "es_US", "fr")] == [
        "Good day",
        "Buenos días",
        "Buenos días",
        "Buenos días",
        "Good day",
    ]


def test_a_region_can_have_a_catalogue_of_its_own(folder):
    write(folder, "pt", 'msgid "greeting"\nmsgstr "Bom dia"\n')
    write(folder, "pt_BR", 'msgid "greeting"\nmsgstr "Oi"\n')
    letters = Translations(folder, "letters")
    locales = ("pt", "pt-BR", "pt_BR", "pt-PT", "pt-BR-x-easy")
    assert [letters.for_locale(locale)["greeting"] for locale in locales] == ["Bom dia", "Oi", "Oi", "Bom dia", "Oi"]


def test_english_fills_the_gaps_of_another_language(folder):
    write(folder, "es", '#, fuzzy\nmsgid "greeting"\nmsgstr "¿Hola?"\n')
    letters = Translations(folder, "letters").for_locale("es")
    assert letters["greeting"] == "Good day"
    assert letters.plural("days", 1).format(count=1) == "1 day"
    assert list(letters) == ["greeting", "days"]


def test_each_language_has_its_own_plural_forms(folder):
    entries = 'msgid "days"\nmsgid_plural "days"\nmsgstr[0] "dzień"\nmsgstr[1] "dni"\nmsgstr[2] "dni (wiele)"\n'
    write(folder, "pl", entries, POLISH)
    letters = Translations(folder, "letters").for_locale("pl")
    assert [letters.plural("days", count) for count in (1, 3, 5)] == ["dzień", "dni", "dni (wiele)"]


def test_a_domain_that_a_language_lacks_is_english(folder):
    (folder / "es" / "LC_MESSAGES").mkdir(parents=True)
    assert Translations(folder, "letters").for_locale("es")["greeting"] == "Good day"


def test_an_invalid_catalogue_is_refused(folder):
    write(folder, "es", "msgid greeting\n")
    with pytest.raises(PoFileError):
        Translations(folder, "letters").for_locale("es")
