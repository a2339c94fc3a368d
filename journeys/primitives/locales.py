"""Language tags (BCP 47): read once for every door, and looked up among the locales that are declared."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from langcodes import Language

LONGEST_TAG = 100
#: RFC 5646 asks for room for 35 characters; extensions for regional preferences make tags longer.
_BEGINNING = re.compile(r"(?:[a-z]{2,8}|[ix])(?![a-z0-9])[\x00-\x7f]*\Z", re.ASCII | re.IGNORECASE)
#: A language of 2 to 8 letters (RFC 5646, 2.1), or the `x` of private use or `i` of old registrations.
_RIGHT_TO_LEFT_SCRIPTS = frozenset(
    ("Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Syre", "Syrj", "Syrn", "Thaa", "Yezi")
)
#: The scripts in use that are written from right to left (Unicode, Bidi_Class R and AL), by their codes (ISO 15924).
_EAST_ASIAN_SCRIPTS = frozenset(("Hani", "Hans", "Hant", "Jpan", "Kore"))
_NO_LANGUAGES = frozenset(("mis", "mul", "und", "zxx"))
#: The codes of ISO 639-2 for uncoded, multiple, undetermined and no linguistic content.
FARTHEST = 10
#: The distance (CLDR, language matching) up to which another regional form or script of a language serves.


def read_tag(text: str) -> str | None:
    """A language tag in its canonical form (RFC 5646, 4.5), or None where the text is not one.

    `es_MX` is `es-MX`, `ES` is `es`, `spa` is `es`, `iw` is `he`; extensions such as `-u-mu-celsius` are kept.
    """
    if not 2 <= len(text) <= LONGEST_TAG or not _BEGINNING.match(text):
        return None
    try:
        return _language(text).to_tag()
    except ValueError:
        return None


def is_language(tag: str) -> bool:
    """Whether a tag names a language that the registry of languages lists, rather than none, several or an unknown one.

    Args:
        tag: a tag as `read_tag` returns it.
    """
    language = _language(tag)
    return language.is_valid() and not tag.startswith("x-") and (language.language or "und") not in _NO_LANGUAGES


def served_locale(requested: str, declared: Sequence[str]) -> str:
    """The declared locale that serves a request best; the first where none serves it.

    The tag is cut from the right, part by part (RFC 4647, 3.4), as long as the likely script stays the same; then the
    closest form of the same language counts, then of the language that takes it in (`yue` of `zh`, `nn` of `no`), and
    last the language in another script.

    Args:
        requested: a tag as `read_tag` returns it; any other text is served in the first locale.
        declared: the tags of a definition, at least one.
    """
    if requested in declared:  # the usual case
        return requested
    from langcodes import closest_match

    tag = read_tag(requested)
    if tag is None or tag.startswith(("x-", "und")):
        return declared[0]
    by_tag = {read_tag(locale): locale for locale in reversed(declared)}
    parts = tag.split("-")
    cut = [shorter for end in range(len(parts), 0, -1) if (shorter := "-".join(parts[:end])) in by_tag]
    for shorter in cut:
        if _script(shorter) == _script(tag):
            return by_tag[shorter]
    locales = [locale for locale in by_tag if locale]
    for form in (tag, _in_macrolanguage(tag)):
        closest, _ = closest_match(form, locales, FARTHEST)
        if closest in by_tag:
            return by_tag[closest]
    return next((by_tag[shorter] for shorter in cut), declared[0])


def _in_macrolanguage(tag: str) -> str:
    """A tag with the language that takes its own in, if any: `zh-Hant-HK` for `yue`, `no-Latn-NO` for `nn`."""
    from langcodes import Language
    from langcodes.data_dicts import MACROLANGUAGES

    language = Language.get(tag).maximize()
    macrolanguage = MACROLANGUAGES.get(language.language or "")
    if macrolanguage is None:
        return tag
    return Language.make(macrolanguage, script=language.script, territory=language.territory).to_tag()


def _language(tag: str) -> Language:
    """The language of a tag. langcodes takes 25 ms to import, which commands that read no tag need not wait for.

    Raises:
        ValueError: the text is not a tag.
    """
    from langcodes import Language

    return Language.get(tag)


def _script(tag: str) -> str | None:
    try:
        return _language(tag).maximize().script
    except ValueError:
        return None


def script_of(tag: str) -> str:
    """The likely script of a language, as Unicode's names of its letters begin: `LATIN`, `ARABIC`, `CJK`."""
    from babel import Locale

    code = _script(tag) or ""
    return "CJK" if code in _EAST_ASIAN_SCRIPTS else Locale("en").scripts.get(code, code).upper()


def direction_of(tag: str) -> Literal["ltr", "rtl"]:
    """The direction in which a language is written, by its likely script: `rtl` for `ar`, `he`, `fa`, `pa-Arab`."""
    return "rtl" if _script(tag) in _RIGHT_TO_LEFT_SCRIPTS else "ltr"


def language_attributes(tag: str) -> str:
    """The attributes of an HTML element in a language: `lang`, and `dir` where it is written from right to left."""
    lang = f'lang="{html.escape(tag)}"'
    return f'{lang} dir="rtl"' if direction_of(tag) == "rtl" else lang
