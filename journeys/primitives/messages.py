"""Reads the service's own texts in every language from gettext catalogues. It holds no text and knows no domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from gettext import GNUTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

#: The language that has every text; it fills the gaps of the others.
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True, slots=True, eq=False)
class Messages(Mapping[str, str]):
    """The texts of one domain in one language, by key and in the order of the English catalogue."""

    texts: Mapping[str, str]
    translations: GNUTranslations

    def plural(self, key: str, count: int) -> str:
        """The form of a text that the language uses with a number."""
        return self.translations.ngettext(key, key, count)

    def __getitem__(self, key: str) -> str:
        return self.texts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Translations:
    """The texts of one domain in every language that has a catalogue `<language>/LC_MESSAGES/<domain>.po`.

    They are read at first use, because most commands show none of them.

    Attributes:
        folder: the folder with one folder for each language, English among them.
        domain: the name of the catalogue.
    """

    folder: Traversable
    domain: str

    @cached_property
    def by_language(self) -> Mapping[str, Messages]:
        """The texts by the name of the language's folder (`en`, `es`, `pt_BR`).

        Raises:
            PoFileError: a catalogue is not a valid PO file.
        """
        catalogs = {
            language.name: _read(catalogue, language.name)
            for language in sorted(self.folder.iterdir(), key=lambda entry: entry.name)
            if (catalogue := language / "LC_MESSAGES" / f"{self.domain}.po").is_file()
        }
        english = catalogs[SOURCE_LANGUAGE]
        keys = [message.id if isinstance(message.id, str) else message.id[0] for message in english if message.id]
        source = _compile(english)
        by_language = {}
        for language, catalog in catalogs.items():
            translations = _compile(catalog)
            if language != SOURCE_LANGUAGE:
                translations.add_fallback(source)
            by_language[language] = Messages({key: translations.gettext(key) for key in keys}, translations)
        return by_language

    def for_locale(self, locale: str) -> Messages:
        """The texts for a locale (`es-US`), which is cut from the right until there are some, else those in English."""
        if locale in self.by_language:  # the usual case: every card of a screen looks up a text
            return self.by_language[locale]
        name = locale.replace("-", "_")
        while name and name not in self.by_language:
            name = name.rpartition("_")[0]
        return self.by_language[name or SOURCE_LANGUAGE]


def package_translations(package: str, domain: str) -> Translations:
    """The texts of a domain that a package ships in its folder `locales`."""
    return Translations(files(package) / "locales", domain)


def _read(catalogue: Traversable, language: str) -> Catalog:
    from babel.messages.pofile import read_po

    with catalogue.open("rb") as file:
        return read_po(file, language, ignore_obsolete=True, abort_invalid=True)


def _compile(catalog: Catalog) -> GNUTranslations:
    from babel.messages.mofile import write_mo

    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)
