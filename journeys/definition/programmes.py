"""The values of programmes: the texts that each type accepts, their text in a locale, and patients' contacts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from journeys.definition.message_limits import MessageLimits
from journeys.definition.model import CONTACTS, NOWHERE, Journey, Mark, ProgrammeKind, ProgrammeValue, Titles
from journeys.definition.registration import Registration
from journeys.primitives.characters import is_plain_line
from journeys.primitives.locales import served_locale


@dataclass(frozen=True, slots=True)
class ValueSetting:
    """A value as a programme sets it: one text for everybody, or one by locale.

    `mark` is the position of the name, `value_mark` that of the value.
    """

    text: str | Titles
    mark: Mark = NOWHERE
    value_mark: Mark = NOWHERE


@dataclass(frozen=True, slots=True)
class Programme:
    """One site or service that runs a journey, with its own values and limits of messages.

    `places` are the positions of the limits. `registration`: how people join it by themselves; None: they do not.
    """

    key: str
    title: Titles
    values: Mapping[str, ValueSetting]
    mark: Mark = NOWHERE
    messages: MessageLimits = field(default_factory=MessageLimits)
    places: Mapping[str, Mark] = field(default_factory=dict, compare=False, repr=False)
    registration: Registration | None = None


@dataclass(frozen=True, slots=True)
class Programmes:
    """The programmes of a journey, in the order of their file; `exists`: whether there is such a file."""

    file: str
    by_key: Mapping[str, Programme] = field(default_factory=dict)
    exists: bool = True


Values = Mapping[str, str | Mapping[str, str]]
#: The values of one programme by name: a text for everybody, or one by locale.

ACCEPTED: Mapping[ProgrammeKind, str] = {
    "text": "one line of at most {} characters",
    "phone": "a phone number such as '+1 555 010 0100 ext. 12': digits, blanks, '+', '-', brackets and 'ext'",
    "email": "an e-mail address such as care@example.org",
    "url": "an address that begins with https:// and names a host",
}
MAX_LENGTHS: Mapping[ProgrammeKind, int] = {"phone": 40, "email": 254, "url": 1000}
SHOWN_CONTACTS = ("hospice", "care_team", "after_hours", "emergency")

_PHONE = re.compile(r"(\+?[0-9(][0-9 ()-]*[0-9)])(?: ?ext\.? ?([0-9]{1,8}))?")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_REFERENCE = re.compile(r"\{\{ *programme\.([a-z][a-z0-9_]*) *\}\}")


def is_accepted(value: ProgrammeValue, text: str) -> bool:
    """Whether a text matches the value's type; `accepts` describes the accepted texts."""
    if not is_plain_line(text) or len(text) > longest(value):
        return False
    match value.kind:
        case "phone":
            match = _PHONE.fullmatch(text)
            return match is not None and 3 <= sum(sign.isdigit() for sign in match[1]) <= 15
        case "email":
            return _EMAIL.fullmatch(text) is not None
        case "url":
            return _is_url(text)
        case _:
            return True


def accepts(value: ProgrammeValue) -> str:
    """The accepted texts, in words."""
    return ACCEPTED[value.kind].format(value.max_length)


def longest(value: ProgrammeValue) -> int:
    """The maximum number of characters of a value."""
    return MAX_LENGTHS.get(value.kind, value.max_length)


def _is_url(text: str) -> bool:
    if " " in text or not text.startswith("https://"):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def link_to(kind: ProgrammeKind, text: str) -> str:
    """The address that a value links to (`tel:+15550100100`), without characters special to Markdown or HTML."""
    match kind:
        case "phone":
            number, _, extension = text.partition("ext")
            digits = re.sub(r"[^0-9]", "", number)
            ext = re.sub(r"[^0-9]", "", extension)
            return f"tel:{'+' if number.startswith('+') else ''}{digits}{f';ext={ext}' if ext else ''}"
        case "email":
            return f"mailto:{quote(text, safe='@.+-')}"
        case _:
            return quote(text, safe=":/?#=&,%@.+-~")  # no ";": no character reference


# --- reading values ----------------------------------------------------------------------------------------------


def to_stored(programme: Programme) -> dict[str, Any]:
    """A programme as plain JSON values."""
    limits = programme.messages.to_stored()
    stored = {"title": dict(programme.title), "values": values_of(programme)}
    if programme.registration is not None:
        stored["registration"] = programme.registration.to_stored()
    return stored | {"messages": limits} if limits else stored


def limits_from_stored(programme: Mapping[str, Any]) -> MessageLimits:
    """The limits of messages from the value of `to_stored`."""
    return MessageLimits.from_stored(programme.get("messages", {}))


def registration_from_stored(programme: Mapping[str, Any]) -> Registration | None:
    """The registration from the value of `to_stored`; None where the programme has none."""
    return Registration.from_stored(programme["registration"]) if "registration" in programme else None


def values_of(programme: Programme) -> Values:
    """The values that a programme sets."""
    return {name: _plain(value) for name, value in programme.values.items()}


def _plain(value: ValueSetting) -> str | dict[str, str]:
    return value.text if isinstance(value.text, str) else dict(value.text)


def text_of(values: Values, name: str, locale: str) -> str:
    """The text of a value in the closest locale that is set; empty if none is."""
    value = values.get(name, "")
    if isinstance(value, str):
        return value
    return value[served_locale(locale, tuple(value))] if value else ""


def references_in(line: str) -> list[str]:
    """The names of the values that a line shows as `{{ programme.name }}`."""
    return [match[1] for match in _REFERENCE.finditer(line)]


def without_references(line: str) -> str:
    """A line without the references."""
    return _REFERENCE.sub("", line)


def filled_line(line: str, values: Values, locale: str) -> str:
    """A line with each reference replaced by its value; references inside values are not replaced again."""
    return _REFERENCE.sub(lambda match: text_of(values, match[1], locale), line) if "{{" in line else line


# --- whom to turn to ---------------------------------------------------------------------------------------------


def contacts_of(
    journey: Journey, values: Values, locale: str, open_states: Set[str] = frozenset()
) -> dict[str, dict[str, str | None]]:
    """The contacts of a patient in a locale: for each contact its title and every part (None: not declared).

    Args:
        journey: the journey that declares the contacts.
        values: the values of the patient's programme.
        locale: a locale of the journey.
        open_states: the full paths of the patient's current states, as far as they were told.
    """
    contacts: dict[str, dict[str, str | None]] = {}
    for name in SHOWN_CONTACTS:
        contact = journey.contacts.get(name)
        if contact is None or (contact.show_in and open_states.isdisjoint(state.text for state in contact.show_in)):
            continue
        parts: dict[str, str | None] = {"title": contact.title.get(locale) or next(iter(contact.title.values()), "")}
        for part in CONTACTS[name]:
            value = contact.parts.get(part)
            parts[part] = (text_of(values, value.text, locale) or None) if value is not None else None
        contacts[name] = parts
    return contacts
