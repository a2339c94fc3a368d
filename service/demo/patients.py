"""Three made-up patients for a demonstration, enrolled and reported through the service's own HTTP interface.

Everybody in it is synthetic. It reads no clock: the day is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Flask

JOURNEY = "nsclc"
NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A made-up patient, and what the demonstration shows with this patient."""

    ref: str
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
    app: Flask, token: str, today: date, *, key: str = "demo", travel: Callable[[datetime], None] | None = None
) -> list[DemoPatient]:
    """Enroll the three patients of the demonstration and report their events.

    Args:
        app: the service, with the journey published.
        token: a token with the scopes enroll, report and staff.
        today: the day from which the events are counted back.
        key: the key of their enrollments; another key enrolls them anew.
        travel: called with the instant of each report; None: everything is reported now.

    Returns:
        A patient with stage IA in follow-up; one whose recurrence is reported and not yet told; one whose event waits
        for a fact.
    """
    caller = _Caller(app, token, key)
    enrollments: dict[str, str] = {}
    for number, patient in enumerate(sorted(_story(today), key=lambda patient: -patient.days_ago)):
        on = today - timedelta(days=patient.days_ago)
        if travel is not None:
            travel(datetime.combine(on, NOON))
        if patient.trigger is None:
            enrollments[patient.ref] = caller.enroll(patient.ref, _LOCALES[patient.ref], on, patient.facts)
        else:
            caller.report(enrollments[patient.ref], f"{patient.ref}-{number}", patient.trigger, on, patient.facts)
    return [
        DemoPatient(ref, ref.removeprefix("demo-").title(), enrollments[ref], _LOCALES[ref], shows)
        for ref, shows in (
            ("demo-ana", "stage IA, in follow-up, reads Spanish"),
            ("demo-ben", "recurrence reported, not yet told"),
            ("demo-cam", "an event waits for a fact: the result of the scan"),
        )
    ]


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

    def __init__(self, app: Flask, token: str, key: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}
        self.key = key

    def enroll(self, ref: str, locale: str, on: date, facts: Mapping[str, Any]) -> str:
        body = {
            "key": self.key,
            "journey": JOURNEY,
            "programme": "sierra" if locale == "es" else "riverside",
            "patient": {"ref": ref, "locale": locale, "time_zone": "America/Chicago"},
            "facts": facts,
            "at": {"entry": "in_follow_up", "occurred_at": on.isoformat()},
        }
        return str(self.post("/v1/enrollments", body)["id"])

    def report(self, enrollment: str, name: str, trigger: str, on: date, facts: Mapping[str, Any]) -> None:
        body = {"id": name, "type": trigger, "occurred_at": on.isoformat(), "facts": facts}
        self.post(f"/v1/enrollments/{enrollment}/events", body)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.client.post(path, json=body, headers=self.headers)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.get_data(as_text=True)}")
        return dict(answer.get_json())
