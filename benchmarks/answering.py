"""The very bytes that the service answers to an advance, for the bare view to answer as much."""

from __future__ import annotations

from benchmarks.ground import Ground, event
from service.app import create_app
from service.platform import clock


def answer_of(ground: Ground) -> bytes:
    (enrollment,) = ground.copies(range(0xF0000001, 0xF0000002))
    app = create_app(ground.config, clock=clock.present, new_id=clock.new_id, service=ground.service)
    headers = {"Authorization": f"Bearer {ground.secret}"}
    path = f"/v1/enrollments/{enrollment}/events"
    answer = app.test_client().post(path, json=event("scan-1"), headers=headers)
    assert answer.status_code == 200, answer.get_data()
    return bytes(answer.get_data())
