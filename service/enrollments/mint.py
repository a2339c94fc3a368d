"""Tokens for patients and their families: who may mint one for whom, decided by who made the enrollments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from service.access import tokens
from service.access.caller import Caller
from service.access.tokens import Binding, Minted, PatientTokenRequest
from service.enrollments.read import no_such_enrollment
from service.enrollments.sandbox import require_sandbox_of
from service.enrollments.store import enrollments
from service.platform.process import Process
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


def create_family_token(
    process: Process, *, name: str, scopes: Iterable[str], enrollment: str, expires_in: timedelta | None = None
) -> Minted:
    """A token with which a member of the family reads and reports for one enrollment.

    Raises:
        NotFound: the enrollment does not exist.
        Refused: a field has a value that is not accepted.
    """
    with process.database.reading() as connection:
        stored = enrollments.load(connection, enrollment)
    if stored is None:
        raise no_such_enrollment()
    binding = Binding(stored.id, stored.patient_ref, stored.journey)
    return tokens.create_token(
        process, name=name, scopes=scopes, reports_as="family", expires_in=expires_in, binding=binding
    )
