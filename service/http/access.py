"""The scopes that each route requires, in one table: a route that is not listed is refused to everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.access.caller import Caller
from service.platform import errors


@dataclass(frozen=True, slots=True)
class Access:
    """The scopes of which a token needs one (none: no token is needed), and those of which a patient's token needs one
    (none: patients' tokens are not accepted)."""

    scopes: frozenset[str]
    patients: frozenset[str] = frozenset()


def _needs(*scopes: str, patients: bool = False) -> Access:
    return Access(frozenset(scopes), frozenset(scopes) if patients else frozenset())


def _of_person(scope: str) -> Access:
    """A route of a person's own data: staff, or the patient with a scope; no application by itself."""
    return Access(frozenset({"staff"}), frozenset({scope}))


PUBLIC = Access(frozenset())
#: The route takes the session of a signed-in patient, and no token.
SESSION = Access(frozenset())

#: By endpoint. The use cases decide which enrollments a token may see.
ROUTES: Mapping[str, Access] = {
    "enrollments.enroll": _needs("enroll", "staff"),
    "enrollments.list_of_patient": _needs("read", "staff", patients=True),
    "enrollments.list_own": _needs("read", patients=True),
    "enrollments.read": _needs("read", "staff", patients=True),
    "enrollments.change": _needs("enroll", "staff"),
    "enrollments.move_clock": _needs("enroll", "staff"),
    "enrollments.delete": _needs("enroll", "staff"),
    "enrollments.read_content": _needs("read", "staff", patients=True),
    "view.read": _needs("read", "staff", patients=True),
    "view.read_piece": _needs("read", "staff", patients=True),
    "view.read_picture": _needs("read", "staff", patients=True),
    "enrollments.read_facts": _needs("read", "staff", patients=True),
    "enrollments.read_history": _needs("read", "staff", patients=True),
    "enrollments.read_explanation": _needs("read", "staff", patients=True),
    "questions.read": _needs("read", "staff", patients=True),
    "questions.answer": _needs("report", "staff", patients=True),
    "events.report": _needs("report", "staff", patients=True),
    "events.report_many": _needs("report", "staff", patients=True),
    "events.retract": _needs("report", "staff", patients=True),
    "events.place": _needs("staff"),
    "tasks.list_tasks": _needs("staff"),
    "tasks.close": _needs("staff"),
    "tokens.mint_for_patient": _needs("enroll", "mint:any", "staff"),
    "feed.read": _needs("read", "staff", patients=True),
    "messages.list": _needs("read", "staff", patients=True),
    "messages.say": _needs("report", patients=True),
    "disclosures.list": _of_person("read"),
    "persons.read_preferences": _of_person("read"),
    "persons.set_preferences": _of_person("report"),
    "persons.add_contact": _of_person("report"),
    "persons.remove_contact": _of_person("report"),
    "persons.request_code_for": Access(frozenset(), frozenset({"report"})),
    "persons.confirm_code_of": Access(frozenset(), frozenset({"report"})),
    "own_tokens.create": SESSION,
    "own_tokens.list_own": SESSION,
    "own_tokens.end": SESSION,
    "caregivers.invite": _of_person("report"),
    "caregivers.list": _of_person("read"),
    "caregivers.change": _of_person("report"),
    "caregivers.end": _of_person("report"),
    "caregivers.accept": PUBLIC,  # whoever has the code
    "permission.read_consents": _needs("enroll", "report", "read", "staff", patients=True),
    "permission.read_permissions": _of_person("read"),
    "permission.record_permission": _of_person("report"),
    "permission.read_receipt": _of_person("read"),
    "journeys.list_journeys": _needs("enroll", "report", "read", "staff", "admin"),
    "journeys.read_counts": _needs("staff"),
    "journeys.read_release": _needs("enroll", "report", "read", "staff", "admin"),
    "inbound.take": PUBLIC,  # it checks the signature of the source
    "triggers.take": PUBLIC,  # it does too
    "health.healthy": PUBLIC,
    "health.ready": PUBLIC,
    "metrics.expose": _needs("admin"),
    "documents.root": PUBLIC,
    "documents.openapi": PUBLIC,
    "documents.page": PUBLIC,
    "documents.asset": PUBLIC,
    "public.unsubscribe_page": PUBLIC,
    "public.unsubscribe": PUBLIC,
    "public.preferences_page": PUBLIC,
    "public.set_preferences": PUBLIC,
    "public.asset": PUBLIC,
}

#: What tokens for sandboxes may call: what speaks of one enrollment, and what is the same for everybody. Nobody reads
#: what is written in a sandbox.
OF_SANDBOXES = frozenset(
    name
    for name in ROUTES
    if name.partition(".")[0] in ("enrollments", "view", "questions", "events", "tasks", "messages")
    and name != "messages.say"
) | {"tokens.mint_for_patient", "permission.read_consents", "journeys.list_journeys", "journeys.read_release"}

#: What the tokens of caregivers may not call, though patients' may: it says more than the patient shares.
NOT_OF_CAREGIVERS = frozenset({"feed.read", "disclosures.list"})


def require(endpoint: str, caller: Caller | None) -> None:
    """Checks that a caller may call a route.

    Raises:
        NotFound: the route is not in the table.
        Unauthenticated: the route requires a token, or a session.
        Forbidden: the token lacks the scope, or is a patient's.
    """
    access = ROUTES.get(endpoint)
    if access is None:
        raise errors.NotFound
    if access is PUBLIC:
        return
    if caller is None:
        raise errors.Unauthenticated(errors.BEARER_NEEDED)
    if caller.is_sandbox and endpoint not in OF_SANDBOXES:
        raise errors.Forbidden("A token for sandboxes may not call this route.")
    if caller.patient_ref is not None and not access.patients:
        raise errors.Forbidden("A token of a patient or a caregiver may not call this route.")
    if access is SESSION:
        raise errors.Forbidden("This route takes the session of a signed-in patient, and no token.")
    if caller.caregiver is not None and endpoint in NOT_OF_CAREGIVERS:
        raise errors.Forbidden("A token of a caregiver may not call this route.")
    scopes = access.scopes if caller.patient_ref is None else access.patients
    if not scopes & caller.scopes:
        raise errors.Forbidden(f"This route requires a token with the scope {' or '.join(sorted(scopes))}.")
