"""What a person, or staff for a person, set: preferences, language and time zone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from journeys.outreach import Preferences
from service.access.caller import Caller
from service.effects.store.looks import forget_looks_of_person
from service.persons.own import OwnPreferences, require_person, with_contacts
from service.persons.store import lock_person, update_person
from service.platform.process import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPreferences:
    """What is set: the preferences, and the language and the time zone where they are said too."""

    preferences: Preferences
    language: str | None = None
    time_zone: str | None = None


def set_preferences(process: Process, caller: Caller, person: str | None, chosen: ChosenPreferences) -> OwnPreferences:
    """Replaces the preferences of a person; raises like `require_person`.

    Another language or time zone may justify other messages, or at other times.
    """
    source = "person" if caller.patient_ref is not None else "staff"
    with process.database.writing() as connection:
        locked = lock_person(connection, require_person(process, connection, caller, person).id)
        assert locked is not None
        changed = replace(locked, preferences=chosen.preferences)
        if chosen.language is not None:
            changed = replace(changed, language=chosen.language, language_from=source)
        if chosen.time_zone is not None:
            changed = replace(changed, time_zone=chosen.time_zone, time_zone_from=source)
        update_person(connection, changed)
        if (changed.language, changed.time_zone) != (locked.language, locked.time_zone):
            forget_looks_of_person(connection, "messages", changed.id)
        return with_contacts(connection, changed)
