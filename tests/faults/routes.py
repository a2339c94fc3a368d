"""The routes that a patient's, a family's or an app's token may call, read from the OpenAPI document."""

from dataclasses import dataclass

from journeys.permission.caregivers import CaregiverGrants
from service.access.caller import Caller, CallingCaregiver
from service.http.access import PUBLIC, ROUTES, require
from service.platform.errors import Forbidden

OWN = frozenset({"read", "report"})
AUNT = CallingCaregiver(id="aunt", person="aunt", grants=CaregiverGrants())
CALLERS = {
    "patient": Caller("", "p1", OWN, "patient", patient_ref="p1"),
    "family": Caller("", "aunt", OWN, "family", patient_ref="p1", caregiver=AUNT),
    "app": Caller("", "app", OWN | {"enroll"}, "patient"),
}
#: Values of each parameter; the last of them is refused, or another patient, and seldom sent.
VALUES = {
    "locale": ("en", "es-US", "?"),
    "channel": ("web", "sms", "email", "post"),
    "format": ("html", "text", "html,text", "pdf"),
    "limit": ("1", "2", "3", "0"),
    "include": ("view", "all"),
    "dry_run": ("true", "yes"),
    "cursor": ("0.1", "0", "?"),
    "patient_ref": ("p1", "p1", "p2"),
    "person": ("none", "none"),
    "enrollment": ("none", "none"),
    "since": ("2026-01-01T00:00:00Z", "?"),
    "programme": ("none", "none"),
    "journey": ("made_up_49", "none"),
    "state": ("disease.a", "none"),
    "after": ("none", "?"),
    "wait": ("0", "99"),
}
#: Parameters of staff that are not sent, so that chance chooses the others as before.
OF_STAFF = {"sandbox"}
#: In how many of a hundred requests a parameter is sent; 45 where it is not named here.
PERCENT = {"patient_ref": 95, "dry_run": 10, "journey": 5, "state": 5}


@dataclass(frozen=True)
class Route:
    """A method of a path with its parameters, and the kinds of tokens that may call it."""

    endpoint: str
    method: str
    path: str
    parameters: tuple[str, ...]
    senders: frozenset[str]


def open_routes(document: dict) -> list[Route]:
    """Return the routes that any of these tokens may call; a route without a token tells nothing of one patient."""
    endpoints = {name.replace(".", "_"): name for name, access in ROUTES.items() if access is not PUBLIC}
    routes = [
        Route(endpoints[operation["operationId"]], method.upper(), path, parameters_of(operation), senders)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in ("get", "post") and operation["operationId"] in endpoints
        if (senders := senders_of(endpoints[operation["operationId"]]))
    ]
    unknown_names = {name for route in routes for name in route.parameters} - VALUES.keys()
    assert not unknown_names, f"a parameter without values to send: {unknown_names}"
    return routes


def parameters_of(operation: dict) -> tuple[str, ...]:
    """Return the names of the parameters of a query."""
    names = (item["name"] for item in operation.get("parameters", ()) if item.get("in") == "query")
    return tuple(name for name in names if name not in OF_STAFF)


def senders_of(endpoint: str) -> frozenset[str]:
    """Return the kinds of tokens that may call a route."""
    return frozenset(sender for sender, caller in CALLERS.items() if is_open(endpoint, caller))


def is_open(endpoint: str, caller: Caller) -> bool:
    try:
        require(endpoint, caller)
    except Forbidden:
        return False
    return True
