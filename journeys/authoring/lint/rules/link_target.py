"""A link leads where its words say: to the same number, the same address, the same site.

Patients trust the words of a link, and a phone dials its target. A number in the words has the digits of the target;
letters count as on a keypad (1-800-QUIT-NOW). In one of the two, the country code may be missing (`555 010 0100` for
`tel:+15550100100`); a leading `0` of a national number and `(0)` behind a country code do not count. An e-mail address
or the name of a site in the words is that of the target; `example.org` may lead to `www.example.org`. A `mailto:` link
fills in a subject at most. The letters of a site's name belong to one script, Latin or that of the
page: others look alike. Values of the programme are compared as each programme sets them.

Wrong: `[+1 555 010 0100](tel:+15550100199)`. Right: `[+1 555 010 0100](tel:+15550100100)`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from journeys.authoring.lint.subject import LintSubject
from journeys.authoring.readability import Link
from journeys.content.catalogue import Piece, PieceText
from journeys.content.templates import SourcePosition
from journeys.definition.programmes import Values, link_to, text_of, values_of
from journeys.primitives.locales import script_of
from journeys.primitives.problems import Problem

ID = "link-target"
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_NUMBER = re.compile(r"(?<![\w@.])\+?\(?\d[\d\s().\u2010-\u2014/-]*(?:[A-Z]{3,}[A-Z\d-]*)?(?<![\s(/.-])(?![\w@])")
_EXTENSION = re.compile(r"\s*[;,]?\s*(?:ext|extension|extensión|x)\.?\s*=?\s*(\d{1,8})", re.IGNORECASE)
_HOURS = re.compile(
    r"(?<![\w+.-])(?<!\d )\d{1,2}(?:[.:h]\d{2})?\s*[\u2010-\u2014-]\s*\d{1,2}(?:[.:h]\d{2})?(?![\w-])(?!\s?\d)"
)
#: The hours in which somebody answers: `9-17`, `8.30-16.30`.
_MAIL = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")
_SITE = re.compile(
    r"(?:https?://)?(?<![\w@.-])((?:[\w-]+\.)+(?:com|org|net|gov|edu|int|io|info|health|es|mx|eu|uk|us|ca|de|fr))(?![\w@-])"
    r"|https?://([^\s/]+)|(?<!\w)(www\.[\w.-]+\w)",
    re.IGNORECASE,
)
_VALUE = re.compile(r"⟨programme\.(\w+)⟩")
_REFERENCE = re.compile(r"\{\{ *programme\.(\w+) *\}\}")
_LINKED_VALUE = re.compile(r"^(tel:|mailto:|https://example\.org/)programme\.(\w+)$")
_MOST_WORDS = 1000
#: The characters of a link that are compared: the patterns take time that is quadratic to their number.
_SHORTEST, _SHORTEST_NATIONAL = 3, 7
_LONGEST_COUNTRY_CODE = 3
#: A number of an emergency line has 3 digits. A number with a country code less has at least 7, and a country code 3.


def check(subject: LintSubject) -> Iterator[Problem]:
    """Yields a problem for each link that leads elsewhere than its words say."""
    programmes = subject.programmes.by_key.values() if subject.programmes is not None else ()
    settings = [(programme.key, values_of(programme)) for programme in programmes]
    for _, text in subject.texts:
        for block in text.blocks:
            for link in block.links:
                wrong = next(_mistakes(link, text.locale, settings, subject), "")
                if wrong:
                    yield subject.problem_in_text(block.position, wrong)
    for piece in (subject.pieces or {}).values():
        for shown in piece.texts.values():
            for link, position in _links_of_card(piece, shown, subject):
                wrong = next(_mistakes(link, shown.locale, settings, subject), "")
                if wrong:
                    yield subject.problem_in_text(position, wrong)
    for programme in programmes:
        for name, setting in programme.values.items():
            declared = subject.journey.programme.get(name)
            for locale in subject.journey.locales if declared is not None and declared.kind == "url" else ():
                wrong = _wrong_host(text_of(values_of(programme), name, locale), locale)
                if wrong:
                    yield subject.problem_in_programmes(setting.mark, wrong)


def _links_of_card(piece: Piece, text: PieceText, subject: LintSubject) -> Iterator[tuple[Link, SourcePosition]]:
    """The links that are made of piece.yaml, with their words in one language: sources, and the button of the card."""
    for reference in piece.references.values():
        if reference.url:
            yield Link(reference.title, reference.url), subject.position_in_shared(piece, reference.url)
    if piece.action is None or text.action is None or piece.action.kind == "report":
        return
    target = piece.action.target if piece.action.kind == "link" else f"tel:programme.{piece.action.target}"
    words = _REFERENCE.sub(r"⟨programme.\1⟩", text.action)
    yield Link(words, target), text.places.get("action", SourcePosition("", 1, 1))


def _mistakes(link: Link, locale: str, settings: list[tuple[str, Values]], subject: LintSubject) -> Iterator[str]:
    linked = _LINKED_VALUE.fullmatch(link.target)
    values_in_words = _VALUE.findall(link.text)
    if linked is None and not values_in_words:
        yield from _compared(link.text, link.target, locale)
        return
    for key, values in settings:
        words = _VALUE.sub(lambda match, values=values: text_of(values, match[1], locale), link.text)  # type: ignore[misc]
        target = link.target
        if linked is not None:
            target = link_to(subject.journey.programme[linked[2]].kind, text_of(values, linked[2], locale))
        for wrong in _compared(words, target, locale):
            yield f"With the values of '{key}': {wrong}"
    kinds = {
        name: subject.journey.programme[name].kind for name in values_in_words if name in subject.journey.programme
    }
    if linked is not None and not settings:
        for name, kind in kinds.items():
            if name != linked[2] and kind == subject.journey.programme[linked[2]].kind:
                yield f"The link shows 'programme.{name}' and leads to 'programme.{linked[2]}'; use one of them."


def _compared(words: str, target: str, locale: str) -> Iterator[str]:
    """The mistakes of a link, whose words and target are as a patient reads them."""
    words = words[:_MOST_WORDS]
    scheme, _, rest = target.partition(":")
    shown = f"The link \u201c{words[:60]}\u201d leads to '{target[:80]}'"
    if scheme == "tel":
        yield from (f"{shown}, which is another number; write one number." for _ in _other_numbers(words, rest))
    mails = {mail.lower() for mail in _MAIL.findall(words)}
    mailed_to, _, fields = unquote(rest).partition("?") if scheme == "mailto" else ("", "", "")
    if mails - {mail.strip().lower() for mail in mailed_to.split(",")}:
        yield f"{shown}, which is another address; write one address."
    if set(parse_qs(fields, keep_blank_values=True)) - {"subject"}:
        yield f"{shown}, which fills in more than the subject; only '?subject=' is accepted."
    host = (urlsplit(target).hostname or "") if scheme == "https" else ""
    for match in _SITE.finditer(_MAIL.sub(" ", words)):
        site = (match[1] or match[2] or match[3]).lower().removeprefix("www.")
        readable = _readable(host)
        if not any(name == site or name.endswith(f".{site}") for name in (host, readable)):
            yield f"{shown}, which is another site than '{site[:60]}'; name the site that it leads to."
    wrong = _wrong_host(target, locale)
    if wrong:
        yield wrong


def _other_numbers(words: str, target: str) -> Iterator[str]:
    """The numbers in the words of a link to a telephone that are not its number."""
    dialed, _, parameters = unquote(target).partition(";")
    extensions = _EXTENSION.findall(words)
    linked_extension = _EXTENSION.fullmatch(f";{parameters}") if parameters else None
    if extensions and linked_extension is not None and extensions[0] != linked_extension[1]:
        yield extensions[0]
    numbers = [match[0] for match in _NUMBER.finditer(_HOURS.sub(";", _EXTENSION.sub(" ", words)))]
    numbers = [number for number in numbers if len(_digits(number)) >= _SHORTEST]
    long_numbers = [number for number in numbers if len(_digits(number)) >= _SHORTEST_NATIONAL]
    yield from (number for number in long_numbers or numbers if not _is_same_number(number, dialed))


def _is_same_number(shown: str, dialed: str) -> bool:
    """Whether two ways to write a number mean the same one; a country code may be missing in one of them."""
    (first, first_has_code), (second, second_has_code) = _with_country(shown), _with_country(dialed)
    if first == second:
        return True
    if first_has_code == second_has_code:
        return not first_has_code and first.lstrip("0") == second.lstrip("0")
    full, national = (first, second) if first_has_code else (second, first)
    national = national.removeprefix("0")
    is_long = len(national) >= _SHORTEST_NATIONAL
    return is_long and full.endswith(national) and len(full) - len(national) <= _LONGEST_COUNTRY_CODE


def _with_country(number: str) -> tuple[str, bool]:
    """The digits of a number, and whether they begin with the code of a country (`+` or `00`)."""
    begins = number.strip().lstrip("(").startswith("+")
    digits = _digits(number.replace("(0)", "") if begins or number.startswith("00") else number)
    return (digits.removeprefix("00"), True) if digits.startswith("00") and not begins else (digits, begins)


def _digits(number: str) -> str:
    """The digits of a number in any script as ASCII; letters as on a keypad."""
    written = number.translate(_KEYPAD)
    return "".join(str(unicodedata.digit(sign)) for sign in written if sign.isdigit())


def _wrong_host(target: str, locale: str) -> str:
    host = _readable(urlsplit(target).hostname or "")
    if host.isascii():
        return ""
    page_script = script_of(locale)
    for label in host.split("."):
        scripts = {_script(letter) for letter in label if letter.isalpha()}
        if len(scripts) > 1 or not scripts <= {"LATIN", page_script}:
            return (
                f"The site '{host[:60]}' of a link mixes letters that look alike ({', '.join(sorted(scripts))}); "
                f"accepted are Latin letters{f' or {page_script} ones' if page_script != 'LATIN' else ''}, unmixed."
            )
    return ""


def _readable(host: str) -> str:
    """The name of a site with its letters in place of their ASCII form (`xn--…`)."""
    try:
        labels = (_decoded(label) for label in host.split("."))
        return ".".join(labels).lower()
    except UnicodeError:
        return host


def _decoded(label: str) -> str:
    return label[4:].encode().decode("punycode") if label.lower().startswith("xn--") else label


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "UNKNOWN").partition(" ")[0]
    return "CJK" if script in ("HIRAGANA", "KATAKANA", "HANGUL") else script
