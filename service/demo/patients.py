"""Three made-up patients for a demonstration, enrolled and reported through the service's own HTTP interface.

Everybody in it is synthetic. It reads no clock: the day is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

JOURNEY = "nsclc"
CONSENT = "consent-to-messages"
ZONE = "America/Chicago"
NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A made-up patient, and what the demonstration shows with this patient.

    `ref` names the patient on the page, `reference` in the service: each round has new persons.
    """

    ref: str
    reference: str
    name: str
    enrollment: str
    locale: str
    shows: str


@dataclass(frozen=True, slots=True)
class _Happened:
    """An event a number of days ago, or the enrollment (without a trigger)."""

    days_ago: int
    ref: str
    trigger: str | None
    facts: Mapping[str, Any]


def seed(
    app: Flask, token: str, today: date, *, round_number: int = 1, travel: Callable[[datetime], None] | None = None
) -> list[DemoPatient]:
    """Enroll the three patients of the demonstration and report their events.

    Args:
        app: the service, with the journey published.
        token: a token with the scopes enroll, report and staff.
        today: the day from which the events are counted back.
        round_number: another round enrolls new persons.
        travel: called with the instant of each report; None: everything is reported now.

    Returns:
        A patient with stage IA in follow-up; one whose recurrence is reported and not yet told; one whose event waits
        for a fact.
    """
    caller = _Caller(app, token)
    enrollments: dict[str, str] = {}
    references = {ref: ref if round_number == 1 else f"{ref}-{round_number}" for ref in _LOCALES}
    for number, patient in enumerate(sorted(_story(today), key=lambda patient: -patient.days_ago)):
        on = today - timedelta(days=patient.days_ago)
        if travel is not None:
            travel(datetime.combine(on, NOON))
        if patient.trigger is None:
            reference, locale = references[patient.ref], _LOCALES[patient.ref]
            enrollments[patient.ref] = caller.enroll(reference, locale, on, patient.facts)
        else:
            caller.report(enrollments[patient.ref], f"{patient.ref}-{number}", patient.trigger, on, patient.facts)
    return [
        DemoPatient(
            ref=ref,
            reference=references[ref],
            name=ref.removeprefix("demo-").title(),
            enrollment=enrollments[ref],
            locale=_LOCALES[ref],
            shows=shows,
        )
        for ref, shows in (
            ("demo-ana", "stage IA, in follow-up, reads Spanish"),
            ("demo-ben", "recurrence reported, not yet told"),
            ("demo-cam", "an event waits for a fact: the result of the scan"),
        )
    ]


def allow_messages(app: Flask, token: str, patient: DemoPatient) -> None:
    """Add the patient's contact, and say yes to messages as the patient, whose token it is."""
    caller = _Caller(app, token)
    contact = _CONTACTS[patient.ref]
    caller.post("/v1/me/contacts", contact)
    consents = caller.get(f"/v1/journeys/{JOURNEY}/consents?locale={patient.locale}")["items"]
    consent = next(consent for consent in consents if consent["key"] == CONSENT)
    text = {"journey": JOURNEY, **{name: consent[name] for name in ("key", "version", "locale")}}
    for purpose in consent["grants"]["purposes"]:
        grant = {"kind": "grant", "method": "app", "purpose": purpose, "channel": contact["channel"], "text": text}
        caller.post("/v1/me/permissions", grant)


_CONTACTS: Mapping[str, Mapping[str, Any]] = {
    "demo-ana": {
        "channel": "push",
        "address": {"endpoint": "https://push.example.org/demo-ana", "keys": {"p256dh": "demo", "auth": "demo"}},
    },
    "demo-ben": {"channel": "sms", "address": "+1 505 555 0178"},
    "demo-cam": {"channel": "email", "address": "demo-cam@example.org"},
}
#: Made up: the domain is reserved for examples, the number for fiction.
_LOCALES: Mapping[str, str] = {"demo-ana": "es", "demo-ben": "en", "demo-cam": "en"}
#: Half a year apart. The result of the first was never reported, so it can still come in, two years late.
_ANAS_SCANS = (560, 374, 188, 2)


def _story(today: date) -> Iterator[_Happened]:
    """The events of the three patients."""

    def day(days_ago: int) -> str:
        return (today - timedelta(days=days_ago)).isoformat()

    stage = {"stage_group": "IA", "stage_edition": "9", "stage_basis": "pathologic"}
    yield _Happened(655, "demo-ana", None, {**stage, "treatment_ended_on": day(660), "last_scan_on": day(655)})
    for number, scan in enumerate(_ANAS_SCANS):
        yield _Happened(scan, "demo-ana", "scan_done", {"last_scan_on": day(scan)})
        if number:
            yield _Happened(scan - 1, "demo-ana", "scan_result_reported", {"scan_result": "clear"})
    for ref in ("demo-ben", "demo-cam"):
        yield _Happened(100, ref, None, {"treatment_ended_on": day(400), "last_scan_on": day(100)})
    yield _Happened(12, "demo-ben", "scan_done", {"last_scan_on": day(12)})
    yield _Happened(1, "demo-ben", "recurrence_confirmed", {"recurrence_kind": "local"})
    yield _Happened(5, "demo-cam", "scan_done", {"last_scan_on": day(5)})
    yield _Happened(1, "demo-cam", "scan_result_reported", {})


class _Caller:
    """Calls the service as a hospital system would."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def enroll(self, ref: str, locale: str, on: date, facts: Mapping[str, Any]) -> str:
        body = {
            "key": "demo",
            "journey": JOURNEY,
            "programme": "sierra" if locale == "es" else "riverside",
            "patient": {"ref": ref, "locale": locale, "time_zone": ZONE},
            "facts": facts,
            "at": {"entry": "in_follow_up", "occurred_at": on.isoformat()},
        }
        return str(self.post("/v1/enrollments", body)["id"])

    def report(self, enrollment: str, name: str, trigger: str, on: date, facts: Mapping[str, Any]) -> None:
        body = {"id": name, "type": trigger, "occurred_at": on.isoformat(), "facts": facts}
        self.post(f"/v1/enrollments/{enrollment}/events", body)

    def get(self, path: str) -> dict[str, Any]:
        return self._body(path, self.client.get(path, headers=self.headers))

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._body(path, self.client.post(path, json=body, headers=self.headers))

    def _body(self, path: str, answer: TestResponse) -> dict[str, Any]:
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.get_data(as_text=True)}")
        return dict(answer.get_json())
