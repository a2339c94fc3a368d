"""What a mapping makes of one resource, by code and reason. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

REPORTED = "reported"
ENTERED_IN_ERROR = "entered_in_error"
DELETED = "deleted"
REASON_UNRESOLVED = "reason_unresolved"
CODE_UNRESOLVED = "code_unresolved"
INCOMPLETE = "incomplete"
DATE_UNREADABLE = "date_unreadable"
VALUE_UNREADABLE = "value_unreadable"
VALUE_OUTSIDE_TABLE = "value_outside_table"
VALUE_NOT_ACCEPTED = "value_not_accepted"
IN_THE_FUTURE = "in_the_future"
ANOTHER_REASON = "another_reason"
ANOTHER_CATEGORY = "another_category"
ANOTHER_STATUS = "another_status"
MEANING_CHANGED = "meaning_changed"
ANOTHER_PATIENT = "another_patient"
OLDER_VERSION = "older_version"
DUPLICATE = "duplicate"
DEATH_WITHOUT_DAY = "death_without_day"
NO_DEATH = "no_death"
NO_RULE = "no_rule"
MALFORMED = "malformed"

#: The reasons by code. Where several rules say different things of a resource, the first in this list is named.
REASONS = {
    REPORTED: "It reports an event.",
    DEATH_WITHOUT_DAY: "The day of the death is not in the record; the end counts from the day on which it was known.",
    ENTERED_IN_ERROR: "It was entered in error; what it reported is retracted.",
    DELETED: "It was deleted; what it reported is retracted.",
    REASON_UNRESOLVED: "Its reason refers to a resource that has not arrived; it is tried again with every bundle.",
    CODE_UNRESOLVED: "Its code refers to a resource that has not arrived; it is tried again with every bundle.",
    INCOMPLETE: "The server left elements out of it (SUBSETTED); an older version still counts.",
    DATE_UNREADABLE: "It has no date that can be read: a day, or a time with an offset, from 1900 on.",
    VALUE_UNREADABLE: "It has no value that the rule can read.",
    VALUE_OUTSIDE_TABLE: "Its value is not in the table of the rule.",
    VALUE_NOT_ACCEPTED: "Its value is outside the bounds of the fact.",
    IN_THE_FUTURE: "Its date is in the future; it counts once a bundle is ingested after that date.",
    ANOTHER_REASON: "Its reason is not in the list of the rule.",
    ANOTHER_CATEGORY: "Its category is not in the list of the rule.",
    ANOTHER_STATUS: "Its status is not in the list of the rule.",
    MEANING_CHANGED: "An element changes its meaning: `doNotPerform` or `modifierExtension`.",
    ANOTHER_PATIENT: "It does not refer to the patient of this bundle; a reference by an identifier is not read.",
    OLDER_VERSION: "A newer version of it is in the record.",
    DUPLICATE: "Another resource of the bundle says the same.",
    NO_DEATH: "It reports no death.",
    NO_RULE: "No rule has its type and its code.",
    MALFORMED: "It has no resource with a type.",
}
_ORDER = {code: index for index, code in enumerate(REASONS)}

#: With these, an older version that can be read still decides.
UNREADABLE = frozenset({INCOMPLETE, DATE_UNREADABLE, VALUE_UNREADABLE})
#: With these, the resource is tried again.
UNRESOLVED = frozenset({REASON_UNRESOLVED, CODE_UNRESOLVED})


@dataclass(frozen=True, slots=True)
class EntryVerdict:
    """What became of one entry of a bundle: its name (`Type/id`), and a code of `REASONS`."""

    name: str
    code: str

    @property
    def reason(self) -> str:
        """The reason in words."""
        return REASONS[self.code]


def foremost(codes: Iterable[str]) -> str:
    """The code that is named of a resource; `no_rule` without any."""
    return min(codes, key=_ORDER.__getitem__, default=NO_RULE)
