"""The loops of the feed: they work until they are stopped, and no failure ends them."""

import threading
import time
from functools import partial

from service.feed.deliver import deliver_next
from service.feed.publish import publish_changes
from service.operations.feed_worker import FeedWorker
from service.outreach.port import Accepted
from service.platform.errors import Unavailable
from service.processes import DELIVERERS
from tests.service.feed.feeding import Feeding


def until(condition, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def events(clinic) -> list:
    return clinic.get("/v1/feed", clinic.staff)["items"]


def test_the_publisher_publishes_until_it_is_stopped(clinic):
    worker = FeedWorker(clinic.service, "publisher", partial(publish_changes, clinic.service), 0.01)
    worker.start()
    clinic.enroll()
    assert until(lambda: len(events(clinic)) == 2)
    worker.stop()
    clinic.enroll("p2")
    time.sleep(0.1)
    assert len(events(clinic)) == 2


def test_a_failure_is_logged_without_its_message_and_the_loop_goes_on(clinic, logs, monkeypatch):
    monkeypatch.setattr("service.operations.loop.PAUSE_AFTER_TROUBLE", 0.01)
    steps = []

    def fails():
        steps.append(len(steps))
        if len(steps) == 1:
            raise RuntimeError("canary")
        if len(steps) == 2:
            raise Unavailable("canary")

    worker = FeedWorker(clinic.service, "deliverer", fails, 0.01)
    worker.start()
    assert until(lambda: len(steps) > 3)
    worker.stop()
    assert {line["event"] for line in logs if "loop" in line} == {"feed-trouble", "feed-waits-for-the-database"}
    assert "canary" not in str(logs)


def test_a_system_that_hangs_holds_up_no_other(clinic):
    released, taken = threading.Event(), []

    def take(envelope) -> Accepted:
        if "hangs" in envelope.url:
            released.wait(20)
        else:
            taken.append(envelope.subject)
        return Accepted()

    feeding = Feeding(clinic)
    feeding.receiver.send = lambda envelope, key: take(envelope)
    for name in ("hangs", "works"):
        feeding.endpoint(name, f"https://{name}.example/hook")
    enrollment = clinic.enroll()
    for name in ("hangs", "works"):
        feeding.record(enrollment, purpose=f"share:{name}")
    feeding.publish()
    step = partial(deliver_next, feeding.transports)
    workers = [FeedWorker(clinic.service, f"deliverer-{number}", step, 0.01) for number in range(DELIVERERS)]
    for worker in workers:
        worker.start()
    try:
        assert until(lambda: len(taken) == len(events(clinic)))
    finally:
        released.set()
        for worker in workers:
            worker.stop()
