"""The last look at an answer: whether it speaks of anybody that its caller may not know of. It reads no body.

Code that writes an enrollment into an answer records whose it is (`Caller.disclose`); here that is compared with the
token and the address. It asks nothing of the code that decided what to load, so a check forgotten there ends here.
"""

from __future__ import annotations

from service.access.caller import Caller


def is_outside(caller: Caller, enrollment: str | None) -> bool:
    """Whether an answer to a caller speaks of what is outside their compartment, or of nobody that can be told.

    Args:
        caller: who asked, with what the answer speaks of.
        enrollment: the one that the address names, if it names one: the answer speaks of that one and of no other.
    """
    disclosed = caller.disclosed
    if not disclosed:
        return enrollment is not None
    patient_ref, journey = caller.patient_ref, caller.journey
    for disclosure in disclosed:
        if patient_ref is not None and disclosure.patient_ref != patient_ref:
            return True
        if journey is not None and disclosure.journey != journey:
            return True
        if enrollment is not None and disclosure.id != enrollment:
            return True
    return False
