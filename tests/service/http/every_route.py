"""A good request to every route of the API, in an order in which each is answered well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.feed.publish import publish_changes
from service.sign_in.blueprint import COOKIE
from service.sign_in.devices import Device
from service.sign_in.sessions import Attempt, begin_session
from tests.service.clinic import joining

AT = "/v1/enrollments/{enrollment}"
TOKENS = "/v1/me/tokens"
VERIFICATION = "/v1/me/contacts/{contact}/verification"


@dataclass(frozen=True, slots=True)
class Call:
    """A request: the path of its route in the OpenAPI document, its own address, its body, if any, and its cookie."""

    method: str
    path: str
    address: str
    body: Any = None
    cookie: str = ""

    def send(self, clinic, token, **options):
        """Sends it with a token, or with the cookie of a signed-in patient in its place."""
        if self.cookie:
            token, options = None, options | {"headers": {"Cookie": f"{COOKIE.name}={self.cookie}"}}
        body = {"json": self.body} if self.body is not None else {}
        return clinic.call(self.method, self.address, token, **body, **options)


def cookie_of_patient(clinic, enrollment: str) -> str:
    """The cookie of a new session of the patient of an enrollment."""
    person = clinic.read(enrollment, clinic.staff)["patient"]["person"]
    attempt = Attempt("none", Device("firefox", "linux"))
    with clinic.service.database.writing() as connection:
        return begin_session(clinic.service, connection, person, "code", attempt, clinic.clock()).text


def calls_of_every_route(clinic) -> list[Call]:
    """The calls for an enrollment of the patient p1, whom the clinic does not have yet."""
    enrollment = clinic.enroll()
    clinic.clock.set("2026-08-20T00:00:00")
    clinic.worker().fire_all()
    waits = clinic.report(enrollment, clinic.phone, "answers_given", facts={"smokes": True})
    clinic.report(enrollment, clinic.staff, "recurrence_confirmed")
    event = waits["decision"]["event"]
    release = clinic.get("/v1/journeys", clinic.staff)["items"][0]["release"]
    task = clinic.get("/v1/tasks", clinic.staff)["items"][0]["id"]
    while publish_changes(clinic.service):
        pass
    own = clinic.token_of_patient("p1")
    revocation = {"kind": "revoke", "method": "app", "channel": "sms"}
    receipt = clinic.post("/v1/me/permissions", own, revocation)["id"]
    email = {"channel": "email", "address": "p1@example.org"}
    (contact,) = clinic.post("/v1/me/contacts", own, email)["contacts"]
    cookie = cookie_of_patient(clinic, enrollment)
    caregiver = {"enrollment": enrollment, "name": "my daughter", "sees": ["course"], "may": ["asked_for_help"]}
    first, second = (clinic.post("/v1/me/caregivers", own, caregiver) for _ in range(2))
    code = second["code"]
    ids = {"caregiver": first["id"]}
    ids |= {"enrollment": enrollment, "event": event, "task": task, "contact": contact["id"], "entry": receipt}
    ids |= {"journey": "follow_up", "release": release, "key": "where-to-ask"}
    sandbox = clinic.enroll("s1", sandbox=True)
    scan = {"id": "s", "type": "scan_done", "occurred_at": "2026-08-20", "facts": {"last_scan_on": "2026-08-20"}}
    answer = {"id": "a", "occurred_at": "2026-08-20", "facts": {"smokes": True}}
    batch = {"events": [scan | {"enrollment": enrollment, "id": "b"}, {"id": "x"}]}
    placement = {"id": "p", "state": "disease.recurrence", "reason": "Treated elsewhere."}

    def call(method: str, path: str, query: str = "", body: Any = None) -> Call:
        return Call(method, path, path.format(**ids, source="{source}") + query, body)

    token = {"name": "My phone", "expires_in": 86_400}
    app = clinic.call("POST", TOKENS, headers={"Cookie": f"{COOKIE.name}={cookie}"}, json=token)

    def call_signed_in(method: str, path: str, address: str, body: Any = None) -> Call:
        return Call(method, path, address, body, cookie)

    return [
        call_signed_in("POST", TOKENS, TOKENS, token),
        call_signed_in("GET", TOKENS, TOKENS),
        call_signed_in("DELETE", f"{TOKENS}/{{token}}", f"{TOKENS}/{app['id']}"),
        call("POST", "/v1/enrollments", body=joining("p2")),
        call("POST", "/v1/enrollments", body=joining("s2", sandbox=True)),
        call("GET", "/v1/enrollments", "?patient_ref=p1"),
        call("GET", "/v1/enrollments", "?journey=follow_up&state=disease.surveillance&limit=1"),
        call("GET", "/v1/me/enrollments"),
        call("GET", AT, "?format=html,text"),
        call("PATCH", AT, body={"locale": "es"}),
        call("PATCH", AT, body={"locale": "en", "time_zone": "America/Denver"}),
        Call("POST", f"{AT}/clock", f"/v1/enrollments/{sandbox}/clock", {"advance": "P30D"}),
        Call("GET", f"{AT}/questions", f"/v1/enrollments/{sandbox}/questions?locale=en"),
        Call("POST", f"{AT}/answers", f"/v1/enrollments/{sandbox}/answers?include=view", answer),
        Call("DELETE", AT, f"/v1/enrollments/{sandbox}"),
        call("GET", f"{AT}/content", "?format=html,text"),
        call("GET", f"{AT}/view"),
        call("GET", f"{AT}/content/{{key}}"),
        call("GET", f"{AT}/content/{{key}}/image"),
        call("GET", f"{AT}/facts", "?locale=es"),
        call("GET", f"{AT}/history"),
        call("GET", f"{AT}/explain"),
        call("POST", f"{AT}/events", "?include=view&dry_run=true", scan),
        call("POST", f"{AT}/events", "?include=view", scan),
        call("POST", f"{AT}/events/{{event}}/retraction", body={"reason": "wrong_patient"}),
        call("POST", f"{AT}/placement", body=placement),
        call("POST", "/v1/events", body=batch),
        call("GET", "/v1/tasks"),
        call("POST", "/v1/tasks/{task}/close", body={}),
        call("POST", "/v1/patient-tokens", body={"patient_ref": "p1", "expires_in": 600}),
        call("GET", f"{AT}/messages"),
        call("POST", f"{AT}/messages", body={"id": "words-1", "text": "I would like to talk with a nurse."}),
        call("GET", "/v1/feed"),
        call("GET", "/v1/journeys/{journey}/consents"),
        call("GET", "/v1/me/preferences"),
        call("GET", "/v1/me/disclosures"),
        call("POST", "/v1/me/caregivers", body=caregiver),
        call("GET", "/v1/me/caregivers", f"?enrollment={enrollment}"),
        call("PATCH", "/v1/me/caregivers/{caregiver}", body={"may": [], "until": None}),
        call("DELETE", "/v1/me/caregivers/{caregiver}"),
        call("POST", "/v1/caregivers/accept", body={"code": code, "language": "es", "time_zone": "Europe/Madrid"}),
        call("PUT", "/v1/me/preferences", body={"quiet": {"start": "20:00", "end": "09:00"}}),
        call("POST", "/v1/me/contacts", body=email),
        call("POST", VERIFICATION),
        call("POST", f"{VERIFICATION}/confirmation", body={"code": "012345"}),
        call("GET", "/v1/me/permissions"),
        call("POST", "/v1/me/permissions", body=revocation),
        call("GET", "/v1/me/permissions/{entry}"),
        call("DELETE", "/v1/me/contacts/{contact}"),
        call("GET", "/v1/journeys"),
        call("GET", "/v1/journeys/{journey}/counts"),
        call("GET", "/v1/journeys/{journey}/releases/{release}"),
        call("POST", "/v1/inbound/{source}", body={}),
        call("POST", "/v1/triggers/{source}", body={}),
        call("GET", "/healthz"),
        call("GET", "/readyz"),
    ]
