"""The topics of messages that a person may switch off: those of the person's journeys whose names are approved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from journeys.primitives.errors import Refused
from journeys.primitives.locales import served_locale
from service.access.caller import Caller
from service.enrollments.store.enrollments import list_of_patient
from service.enrollments.views import View
from service.persons.store import StoredPerson
from service.publishing.service import Service

MOST_TOPICS = 100
#: Topics that a person can have switched off.
_MOST_ENROLLMENTS = 100


@dataclass(frozen=True, slots=True)
class PersonTopic:
    """A topic: its key, its name in the language of the person, and whether it is on."""

    key: str
    name: str
    is_on: bool


def topics_of(service: Service, connection: Connection, caller: Caller, person: StoredPerson) -> list[PersonTopic]:
    """The topics of a person's journeys that go on, as far as the caller may see the enrollments; each key once.

    Those of a caregiver are the topics of the patient's journey that the caregiver sees. Nothing of a topic on request
    is sent, so that there is nothing to switch off.

    A topic of several journeys has the name that the first enrollment gives it.
    """
    now, names, grants = service.clock(), dict[str, str](), caller.grants
    reference = person.reference if grants is None else caller.patient_ref or ""
    for stored in list_of_patient(connection, reference, None, None, "", _MOST_ENROLLMENTS):
        view = View(stored, False, now)
        if not caller.may_see(stored) or view.shown is None or view.ended is not None:
            continue
        caller.disclose(stored)
        release = service.library.releases(connection)[view.release]
        locale = served_locale(person.language, release.plan.journey.locales)
        servable = service.library.servable_content(connection, release, stored.standing, locale=locale, now=now)
        journey = servable.catalogue.plan.journey
        for key, title in journey.topics.items():
            is_sent = key not in journey.on_request
            if is_sent and (name := title.get(locale)) and (grants is None or key in grants.sees):
                names.setdefault(key, name)
    return [PersonTopic(key, name, key not in person.preferences.topics_off) for key, name in names.items()]


def require_topics(topics: Collection[PersonTopic], named: Collection[str], field: str) -> None:
    """Refuses a topic that is not among some.

    Raises:
        Refused: a topic is unknown; the error is that of `field`.
    """
    known = {topic.key for topic in topics}
    if not known.issuperset(named):
        raise Refused({field: [f"Unknown topic. Accepted: {', '.join(sorted(known)) or 'none'}."]})
