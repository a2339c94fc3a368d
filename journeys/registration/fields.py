"""The fields of a registration: what a programme asks of who joins, in order. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["language", "entry", "contact", "time_zone", "permission"]
#: Needs a written authorization, which no form of registration takes.
NOT_HERE = "marketing"


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent text that is asked for: its key, version and locale, and the cells that can be ticked.

    A cell is a purpose and a channel (None: the purpose has no channel).
    """

    key: str
    version: int
    locale: str
    purposes: tuple[str, ...]
    channels: tuple[str | None, ...]

    @property
    def cells(self) -> tuple[tuple[str, str | None], ...]:
        """Every purpose with every channel."""
        return tuple((purpose, channel) for purpose in self.purposes for channel in self.channels)

    def value(self, purpose: str, channel: str | None) -> str:
        """The value of the form field of a cell: `3 en education email`, so that it names the text that was read."""
        return cell_value(self.version, self.locale, purpose, channel)


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be chosen: locales, entries by name, channels of a contact, consent texts, and time zones."""

    languages: Sequence[str]
    entries: Sequence[str]
    channels: Sequence[str]
    consents: Sequence[Consent]
    zones: Collection[str]


@dataclass(frozen=True, slots=True)
class JoinField:
    """One question of a registration. `name` is that of its form field, its answer, and its step."""

    name: str
    kind: FieldKind
    consent: Consent | None = None


def fields_of(offer: Offer) -> tuple[JoinField, ...]:
    """The fields, in the order in which they are asked; a single language is not asked."""
    fields = [JoinField("language", "language")] if len(offer.languages) > 1 else []
    fields += [JoinField("entry", "entry"), JoinField("contact", "contact"), JoinField("time-zone", "time_zone")]
    fields += [JoinField(f"permission-{consent.key}", "permission", consent) for consent in offer.consents]
    return tuple(fields)


def cell_value(version: int, locale: str, purpose: str, channel: str | None) -> str:
    """The value of the form field of a cell of a text."""
    return " ".join(part for part in (str(version), locale, purpose, channel) if part)


def cells_offered(
    purposes: Sequence[str], channels: Sequence[str], reached: Collection[str], refused: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """The purposes and channels of a consent text that registration can ask for.

    Args:
        purposes: those that the text grants.
        channels: those that the text grants; none where its purposes have no channel.
        reached: the channels of which a contact may be.
        refused: purposes that are refused already, such as by `Sec-GPC: 1`.
    """
    asked = tuple(purpose for purpose in purposes if purpose != NOT_HERE and purpose not in refused)
    return asked, tuple(channel for channel in channels if channel in reached) if channels else (None,)
