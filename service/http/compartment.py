"""The last check of an answer: it discloses no enrollment outside the token's compartment. It reads no body.

Code that writes an enrollment into an answer records its patient (`Caller.disclose`); this check compares the record
with the token and the address. It does not rely on the code that loaded the enrollment, so a check that was forgotten
there is caught here.
"""

from __future__ import annotations

from service.access.caller import Caller


def is_outside(caller: Caller, enrollment: str | None) -> bool:
    """Whether an answer discloses an enrollment outside the caller's compartment, or none where it must disclose one.

    Args:
        caller: the caller, with the enrollments that the answer discloses.
        enrollment: the id in the address, or None: the answer may disclose this enrollment and no other.
    """
    disclosed = caller.disclosed
    if not disclosed:
        return enrollment is not None
    patient_ref, journey = caller.patient_ref, caller.journey
    for disclosure in disclosed:
        if patient_ref is not None and disclosure.patient_ref != patient_ref:
            return True
        if caller.is_sandbox and not disclosure.is_sandbox:
            return True
        if journey is not None and disclosure.journey != journey:
            return True
        if caller.enrollments is not None and disclosure.id not in caller.enrollments:
            return True
        if enrollment is not None and disclosure.id != enrollment:
            return True
    return False
