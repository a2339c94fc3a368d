"""What a patient shares with a caregiver, in the words of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta

from babel.dates import format_date

from journeys.definition.model import ANSWERED
from journeys.permission.caregivers import COURSE, REMINDED_OF, CaregiverGrants
from service.caregivers.choices import ShareChoices
from service.patient_pages.blueprint import texts
from service.platform.time_zones import zone_of
from service.sign_in.blueprint import locale_of_request


@dataclass(frozen=True, slots=True)
class SharedWords:
    """What is shared: titles of what the caregiver sees, gets and may tell, and the last day, or None."""

    sees: Sequence[str]
    reminded: Sequence[str]
    may: Sequence[str]
    until: str | None


def titles_offered(choices: ShareChoices) -> dict[str, dict[str, str]]:
    """What can be chosen for a caregiver, with its titles."""
    titles = _titles(choices)
    return titles | {"may": {name: title for name, title in titles["may"].items() if name in choices.offered}}


def in_words(grants: CaregiverGrants, choices: ShareChoices, zone: str | None) -> SharedWords:
    """What is shared, in words; the last day is that of a time zone (None: UTC)."""
    sees, reminded, may = (
        [title for key, title in titles.items() if key in chosen]
        for titles, chosen in zip(_titles(choices).values(), (grants.sees, grants.reminded, grants.may), strict=True)
    )
    until = None
    if grants.until is not None:
        last = (grants.until - timedelta(seconds=1)).astimezone(zone_of(zone) if zone is not None else UTC)
        until = format_date(last, "long", locale=locale_of_request())
    return SharedWords(sees, reminded, may, until)


def _titles(choices: ShareChoices) -> dict[str, dict[str, str]]:
    own = texts()[locale_of_request()]
    answered = {ANSWERED: own["may_answered"]} if ANSWERED in choices.triggers else {}
    return {
        "sees": {COURSE: own["sees_course"], **choices.topics},
        "reminded": {purpose: own[f"purpose_{purpose}"] for purpose in REMINDED_OF},
        "may": {**choices.triggers, **answered},
    }
