"""O4: after a sender dies, each message left at least once, or is in a state that an operator sees."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from service.outreach import send
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted
from service.outreach.schedule import schedule_reminders
from service.outreach.send import send_next
from tests.faults.child import Child, die
from tests.faults.counting import amount, tally
from tests.faults.tap import AFTER, BEFORE
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import DUE

#: The points where a sender dies, by name: the step, and before or after it.
POINTS = {
    "after the claim": ({"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK persons"}, AFTER),
    "after the gate": ("the gate", AFTER),
    "before the attempt is committed": ("INSERT attempts", AFTER),
    "before the call": ("the call", BEFORE),
    "after the call": ("the call", AFTER),
    "before the result": ("UPDATE attempts", BEFORE),
    "before the result is committed": ("UPDATE attempts", AFTER),
}
BEFORE_THE_ATTEMPT = list(POINTS)[:3]


class NotedCalls:
    """A provider that takes every message, and notes its key in a file that survives the sender."""

    def __init__(self, file: Path, watch=lambda name, when: None) -> None:
        self.file, self.watch = file, watch

    def send(self, envelope, key):
        self.watch("the call", BEFORE)
        with self.file.open("a") as lines:
            lines.write(f"{key}\n")
            lines.flush()
            os.fsync(lines.fileno())
        self.watch("the call", AFTER)
        return Accepted(key)


def outbox_of(ward, provider, *, tells_repeats: bool):
    ward.clock.set(DUE)
    return replace(Reaching(ward).outbox, channels={"email": ChannelSetup(provider, tells_repeats=tells_repeats)})


def send_in_child(deployment, file, step, when, *, tells_repeats: bool) -> Child:
    """Sends one message in a forked process that dies at a point."""

    def watch(name, moment) -> None:
        if (name, moment) == (step, when):
            die()

    def work(say) -> None:
        weigh = send.weigh

        def weighed(*arguments):
            result = weigh(*arguments)
            watch("the gate", AFTER)
            return result

        send.weigh = weighed  # in the child alone
        with deployment.open(watch=watch) as ward:
            say("ready")
            send_next(outbox_of(ward, NotedCalls(file, watch), tells_repeats=tells_repeats))

    return Child(work)


@pytest.mark.parametrize("tells_repeats", [True, False], ids=["repeats are told", "repeats are not told"])
@pytest.mark.parametrize("point", POINTS)
def test_o4_a_sender_killed_at_a_named_point(deployment, tmp_path, point, tells_repeats):
    step, when = POINTS[point]
    if isinstance(step, dict):
        step = step["sqlite" if deployment.is_sqlite else "postgresql"]
    calls, count = tmp_path / "calls", amount(2, 100)  # of each kind of provider
    calls.touch()
    with tally("O4", f"a sender killed {point}", deployment.url) as counts:
        with deployment.open(hurried=True) as ward:
            reaching = Reaching(ward)
            for number in range(count):
                reaching.reachable_patient(f"p{number}")
            ward.clock.set(DUE)
            ward.worker().fire_all()
            while schedule_reminders(ward.service):
                pass
        for _ in range(count):
            child = send_in_child(deployment, calls, step, when, tells_repeats=tells_repeats)
            child.end()
            assert child.status == -9, f"not hit: {point}"
            counts.rounds += 1
        with deployment.open() as ward:
            outbox = outbox_of(ward, NotedCalls(calls), tells_repeats=tells_repeats)
            ward.clock.pass_by(minutes=2)
            while send_next(outbox):
                pass
            reaching = Reaching(ward)
            stored, attempts = reaching.messages(), reaching.attempts()
        made = Counter(calls.read_text().split())
        assert len(stored) == count
        assert set(made) <= {row.id for row in stored}
        for row in stored:
            counts.acknowledged += 1
            counts.notes[f"{row.status} after {made[row.id]} calls"] += 1
            counts.lost += made[row.id] == 0 and row.status != "unknown"
            counts.doubled += made[row.id] > 1 and not tells_repeats
            is_expected = (
                row.status == "sent" if tells_repeats or point in BEFORE_THE_ATTEMPT else row.status == "unknown"
            )
            counts.errors += not is_expected or made[row.id] > 2
        places = Counter((row.person, row.sequence) for row in attempts)
        counts.errors += max(places.values()) > 1
