"""Three made-up patients for a demonstration, enrolled and reported through the service's own HTTP interface.

Everybody in it is synthetic. It reads no clock: the day is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask

JOURNEY = "nsclc"


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A made-up patient: what the demonstration shows with them."""

    ref: str
    enrollment: str
    shows: str


def seed(app: Flask, token: str, today: date) -> list[DemoPatient]:
    """Enrolls the three patients of the demonstration and reports what has happened to them.

    Args:
        app: the service, with the journey published.
        token: a token with the scopes enroll, report and staff.
        today: the day from which the story is told.

    Returns:
        One of stage IA in follow-up; one whose recurrence is reported and not yet told; one whose event waits for a
        fact.
    """
    caller = _Caller(app, token)
    ended, scanned = today - timedelta(days=400), today - timedelta(days=100)
    stage = {"stage_group": "IA", "stage_edition": "9", "stage_basis": "pathologic"}
    dates = {"treatment_ended_on": ended.isoformat(), "last_scan_on": scanned.isoformat()}

    follow_up = caller.enroll("demo-ana", "es", {**stage, **dates})
    held = caller.enroll("demo-ben", "en", dates)
    caller.report(held, "ben-1", "scan_done", today - timedelta(days=12), last_scan_on=_text(today, 12))
    caller.report(held, "ben-2", "recurrence_confirmed", today - timedelta(days=1), recurrence_kind="local")
    waiting = caller.enroll("demo-cam", "en", dates)
    caller.report(waiting, "cam-1", "scan_done", today - timedelta(days=5), last_scan_on=_text(today, 5))
    caller.report(waiting, "cam-2", "scan_result_reported", today - timedelta(days=1))
    return [
        DemoPatient("demo-ana", follow_up, "stage IA, in follow-up, reads Spanish"),
        DemoPatient("demo-ben", held, "recurrence reported, not yet told"),
        DemoPatient("demo-cam", waiting, "an event waits for a fact: the result of the scan"),
    ]


class _Caller:
    """Calls the service as a hospital system would."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def enroll(self, ref: str, locale: str, facts: Mapping[str, Any]) -> str:
        body = {
            "key": "demo",
            "journey": JOURNEY,
            "patient": {"ref": ref, "locale": locale, "time_zone": "America/Chicago"},
            "facts": facts,
            "at": {"entry": "in_follow_up", "occurred_at": facts["last_scan_on"]},
        }
        return str(self.post("/v1/enrollments", body)["id"])

    def report(self, enrollment: str, name: str, trigger: str, on: date, **facts: Any) -> None:
        body = {"id": name, "type": trigger, "occurred_at": on.isoformat(), "facts": facts}
        self.post(f"/v1/enrollments/{enrollment}/events", body)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.client.post(path, json=body, headers=self.headers)
        if answer.status_code not in (200, 201):
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.get_data(as_text=True)}")
        return dict(answer.get_json())


def _text(today: date, days_ago: int) -> str:
    return (today - timedelta(days=days_ago)).isoformat()
