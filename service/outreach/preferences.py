"""What a person, or staff for a person, set: preferences, language and time zone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from journeys.outreach.preferences import Preferences
from service.access.caller import Caller
from service.effects.store.looks import forget_looks_of_person
from service.outreach.topics import PersonTopic, require_topics, topics_of
from service.persons.own import OwnPreferences, require_person, with_contacts
from service.persons.store import lock_person, update_person
from service.publishing.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPreferences:
    """What is set: the preferences, and the topics, the language and the time zone where they are named too."""

    preferences: Preferences
    topics_off: frozenset[str] | None = None
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

    Topics that the caller cannot see stay off or on.

    Raises:
        Refused: `topics_off` names a topic of no journey that the caller can see.
        NotFound, Forbidden: see `require_person`.
    """
    source = "person" if caller.patient_ref is not None else "staff"
    shown: set[str] = set()
    if chosen.topics_off is not None:
        topics = read_preferences(service, caller, person).topics
        require_topics(topics, chosen.topics_off, "topics_off")
        shown = {topic.key for topic in topics}
    with service.database.writing() as connection:
        locked = lock_person(connection, require_person(service, connection, caller, person).id)
        assert locked is not None
        topics_off = (locked.preferences.topics_off - shown) | (chosen.topics_off or frozenset())
        changed = replace(locked, preferences=replace(chosen.preferences, topics_off=topics_off))
        if chosen.language is not None:
            changed = replace(changed, language=chosen.language, language_from=source)
        if chosen.time_zone is not None:
            changed = replace(changed, time_zone=chosen.time_zone, time_zone_from=source)
        update_person(connection, changed)
        if (changed.language, changed.time_zone) != (locked.language, locked.time_zone):
            forget_looks_of_person(connection, "messages", changed.id)
    return read_preferences(service, caller, person)
