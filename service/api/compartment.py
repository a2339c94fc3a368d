"""The last look at an answer: whether it speaks of anybody that its caller may not know of. It reads no body.

What writes an enrollment into an answer notes whose it is (`Caller.give`); here that is held against the token and the
address. It asks nothing of the code that decided what to load, so a forgotten check there ends here.
"""

from __future__ import annotations

from service.use_cases.service import Caller


def is_outside(caller: Caller, enrollment: str | None) -> bool:
    """Whether an answer to a caller speaks of what is outside their compartment, or of nobody that can be told.

    Args:
        caller: who asked, with what the answer speaks of.
        enrollment: the one that the address names, if it names one: the answer speaks of that one and of no other.
    """
    given = caller.given
    if not given:
        return enrollment is not None
    patient_ref, journey = caller.patient_ref, caller.journey
    for one in given:
        if patient_ref is not None and one.patient_ref != patient_ref:
            return True
        if journey is not None and one.journey != journey:
            return True
        if enrollment is not None and one.id != enrollment:
            return True
    return False
