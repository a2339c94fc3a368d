"""Tokens for patients: who may mint one for whom, decided by who made the enrollments."""

from __future__ import annotations

from service.access import tokens
from service.access.caller import Caller
from service.access.tokens import Minted, PatientTokenRequest
from service.enrollments.read import no_such_enrollment
from service.enrollments.sandbox import require_sandbox_of
from service.enrollments.store import enrollments
from service.publishing.service import Service


def mint_for_patient(service: Service, caller: Caller, request: PatientTokenRequest) -> Minted:
    """A token of a patient; it is limited to the enrollments that the minter made, unless the minter mints for any.

    The minter is the reporter, not one token: a token with the same name mints for the enrollments of the one before.

    Raises:
        NotFound: the minter made no enrollment of this patient, whether others did or not.
    """
    if caller.is_sandbox:
        require_sandbox_of(service, request.patient_ref)
    if caller.mints_for_any:
        return tokens.mint_patient_token(service, request, minter=caller)
    with service.database.reading() as connection:
        own = enrollments.ids_enrolled_by(connection, request.patient_ref, request.journey, caller.name)
    if not own:
        raise no_such_enrollment()
    return tokens.mint_patient_token(service, request, minter=caller, enrollments=frozenset(own))
