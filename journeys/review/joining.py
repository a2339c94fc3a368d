"""How people join a programme by themselves, in the words of a reviewer."""

from __future__ import annotations

from collections.abc import Iterator

from journeys.definition.registration import Registration
from journeys.review.naming import Naming


def registration_in_words(registration: Registration | None, naming: Naming) -> Iterator[tuple[str, str]]:
    """Every text of a registration, and its settings as they are written: the key of each and its words."""
    if registration is None:
        return
    for name, titles in registration.texts():
        yield name, naming.title(titles, name)
    yield "styles", ", ".join(registration.styles)
    yield "channels", ", ".join(registration.channels)
    yield "languages", ", ".join(registration.locales(naming.plan.journey.locales))
    if registration.consents:
        yield "consents", ", ".join(consent.text for consent in registration.consents)
