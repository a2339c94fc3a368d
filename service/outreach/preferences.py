"""What a person, or staff for a person, set: preferences, language and time zone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from journeys.outreach import Preferences
from service.access.caller import Caller
from service.effects.store.looks import forget_looks_of_person
from service.outreach.topics import PersonTopic, require_topics, topics_of
from service.persons.own import OwnPreferences, require_person, with_contacts
from service.persons.store import lock_person, update_person
from service.publishing.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPreferences:
    """What is set: the preferences, and the language and the time zone where they are said too."""

    preferences: Preferences
    language: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class PreferencesWithTopics:
    """The preferences of a person, and the topics that the person may switch off."""

    own: OwnPreferences
    topics: list[PersonTopic]


def read_preferences(service: Service, caller: Caller, person: str | None) -> PreferencesWithTopics:
    """The preferences, contacts and topics of a person; raises like `require_person`."""
    with service.database.reading() as connection:
        owner = require_person(service, connection, caller, person)
        return PreferencesWithTopics(with_contacts(connection, owner), topics_of(service, connection, caller, owner))


def set_preferences(
    service: Service, caller: Caller, person: str | None, chosen: ChosenPreferences
) -> PreferencesWithTopics:
    """Replaces the preferences of a person. Another language or time zone may justify other messages, or other times.

    Raises:
        Refused: `topics_off` names a topic of none of the person's journeys that was not off before.
        NotFound, Forbidden: see `require_person`.
    """
    source = "person" if caller.patient_ref is not None else "staff"
    with service.database.writing() as connection:
        locked = lock_person(connection, require_person(service, connection, caller, person).id)
        assert locked is not None
        topics = topics_of(service, connection, caller, locked)
        require_topics(topics, locked, chosen.preferences.topics_off, "topics_off")
        changed = replace(locked, preferences=chosen.preferences)
        if chosen.language is not None:
            changed = replace(changed, language=chosen.language, language_from=source)
        if chosen.time_zone is not None:
            changed = replace(changed, time_zone=chosen.time_zone, time_zone_from=source)
        update_person(connection, changed)
        if (changed.language, changed.time_zone) != (locked.language, locked.time_zone):
            forget_looks_of_person(connection, "messages", changed.id)
        topics = topics_of(service, connection, caller, changed)
        return PreferencesWithTopics(with_contacts(connection, changed), topics)
