"""The bytes that the service answers to an advance, which the bare view returns too."""

from __future__ import annotations

from benchmarks.database import BenchDatabase, event
from service.app import create_app
from service.platform import clock


def answer_of(database: BenchDatabase) -> bytes:
    (enrollment,) = database.copies(range(0xF0000001, 0xF0000002))
    app = create_app(database.config, clock=clock.present, new_id=clock.new_id, service=database.service)
    headers = {"Authorization": f"Bearer {database.secret}"}
    path = f"/v1/enrollments/{enrollment}/events"
    answer = app.test_client().post(path, json=event("scan-1"), headers=headers)
    assert answer.status_code == 200, answer.get_data()
    return bytes(answer.get_data())
