"""Who calls: the token's name, scopes and patient, and which enrollments the answer discloses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from journeys.permission.caregivers import CaregiverGrants
from service.access.words import SANDBOX

#: The reporter of an account is its random id after this word; no token has such a name.
OF_ACCOUNT = "account:"
#: The reporter of a caregiver is its random id after this word.
OF_CAREGIVER = "caregiver:"


class Enrolled(Protocol):
    """What identifies an enrollment and its patient."""

    @property
    def id(self) -> str:
        """The enrollment's id."""

    @property
    def patient_ref(self) -> str:
        """The patient's reference."""

    @property
    def journey(self) -> str:
        """The journey's key."""

    @property
    def is_sandbox(self) -> bool:
        """Whether it is of no patient."""


class Disclosure(NamedTuple):
    """An enrollment that an answer speaks of."""

    id: str
    patient_ref: str
    journey: str
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingCaregiver:
    """The caregiver whose token it is: the id, the caregiver's own person, and what the patient shares now."""

    id: str
    person: str
    grants: CaregiverGrants


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `name` is the reporter recorded on events, `by` the reporter type.

    `patient_ref`, `journey` and `enrollments` bind the caller to a patient, a journey, and enrollments by their ids.
    `caregiver` is set of the token of a caregiver, which reports as the family and sees a part of the told view.
    `disclosed` collects the enrollments that the answer speaks of, for a last check before it leaves; None: unchecked.
    """

    token: str
    name: str
    scopes: frozenset[str]
    by: str
    patient_ref: str | None = None
    journey: str | None = None
    disclosed: list[Disclosure] | None = field(default=None, compare=False)
    enrollments: frozenset[str] | None = None
    caregiver: CallingCaregiver | None = None

    def disclose(self, enrollment: Enrolled) -> None:
        """Records that the answer speaks of an enrollment; code that writes one into an answer calls this."""
        if self.disclosed is not None:
            self.disclosed.append(
                Disclosure(enrollment.id, enrollment.patient_ref, enrollment.journey, enrollment.is_sandbox)
            )

    @property
    def sees_truth(self) -> bool:
        """Whether the caller sees the true state rather than the told view."""
        return "staff" in self.scopes

    @property
    def grants(self) -> CaregiverGrants | None:
        """What the patient shares with the caregiver who calls; None of everybody else."""
        return self.caregiver.grants if self.caregiver is not None else None

    def may_see(self, enrollment: Enrolled) -> bool:
        """Whether an enrollment is within the token's patient, journey and enrollments, and its sandboxes."""
        if self.is_sandbox and not enrollment.is_sandbox:
            return False
        return self.patient_ref is None or (
            self.patient_ref == enrollment.patient_ref
            and self.journey in (None, enrollment.journey)
            and (self.enrollments is None or enrollment.id in self.enrollments)
        )

    @property
    def is_sandbox(self) -> bool:
        """Whether the caller sees and makes sandboxes alone."""
        return SANDBOX in self.scopes

    @property
    def mints_for_any(self) -> bool:
        """Whether the caller mints tokens for every patient, or only for enrollments that it made."""
        return bool(self.scopes & {"staff", "mint:any"})
