"""What a caregiver sees is a part of what the patient sees, at every step of random lives, whatever is granted."""

import json
import random

import pytest

from service.access.tokens import recognise
from tests.faults.counting import amount, tally
from tests.faults.lives import Call
from tests.faults.test_twins import Nursery, made_up  # noqa: F401 # a fixture of the same journeys
from tests.faults.twins import Script

STEPS = 12
LIVES = (8, 300)


@pytest.fixture
def nursery(database, database_url, made_up, logs):  # noqa: F811
    return Nursery(database, database_url, made_up)


class Watched(Script):
    """A script of a life in which the caregiver and the patient read the same after each step."""

    def watch(self) -> int:
        """Compares what both read; returns how many parts the caregiver was shown."""
        base, count = f"/v1/enrollments/{self.life.enrollment}", 0
        for path, parts in PARTS.items():
            answers = [self.life.call("GET", base + path, self.life.senders[who]) for who in ("patient", "family")]
            assert [answer.status for answer in answers] == [200, 200], (path, answers)
            whole, part = (parts(answer.json) for answer in answers)
            assert part <= whole, (path, part - whole)
            count += len(part)
            self.watch_private(path, answers[1])
        return count

    def watch_private(self, path, answer) -> None:
        """No private piece is named, and no topic that is not shared."""
        grants = recognise(self.life.service, self.life.senders["family"]).grants
        for number, key in enumerate(self.journey.pieces):
            is_private = key.startswith("state-") and number % 4 == 2
            is_of_topic = key.startswith("state-") and number % 4 == 3
            if is_private or (is_of_topic and "news" not in grants.sees) or not grants.sees:
                assert f'"{key}"'.encode() not in answer.data, (path, key)
        if "outlook" not in grants.sees:
            assert b"outlook" not in answer.data, path


def lines(value, *names) -> set[str]:
    """The values of some parts of each object of a list, as text."""
    return {json.dumps([item.get(name) for name in names]) for item in value}


def of_enrollment(read) -> set[str]:
    now = read["now"]
    return lines(now["content"], "key", "version", "title") | {json.dumps(item) for item in now["state"].items()}


def of_view(read) -> set[str]:
    return lines(read["cards"], "key", "version", "title", "since") | lines(read["next"], "title", "date", "kind")


def of_explanation(read) -> set[str]:
    return lines(read["steps"], "kind", "item", "type", "at") | lines(read["content"], "key", "version")


#: What is compared of an answer, by the address after that of the enrollment.
PARTS = {
    "": of_enrollment,
    "/content?format=html,text": lambda read: lines(read["items"], "key", "html", "text"),
    "/view": of_view,
    "/facts": lambda read: lines(read["items"], "name", "value", "by", "at", "event"),
    "/history?limit=100": lambda read: lines(read["items"], "kind", "at", "event", "type", "title"),
    "/explain?limit=100": of_explanation,
    "/messages?limit=100": lambda read: lines(read["items"], "id", "piece", "status", "due", "caregiver"),
}


def test_a_caregiver_sees_a_part_of_what_the_patient_sees_at_every_step(nursery):
    shown = 0
    with tally("S14", "lives of which a caregiver sees a part", nursery.url) as counts:
        for seed in range(amount(*LIVES)):
            chance = random.Random(seed)
            journey = chance.choice(nursery.journeys)
            script = Watched(journey, chance, nursery.life(), nursery.routes)
            for number, step in enumerate(script.beginning()):
                script.note(step, script.life.play(number, step))
            for number in range(2, 2 + STEPS):
                script.life.step = number
                kinds = [script.own_step, script.staff_call]
                step = script.shares_with_caregivers("patient") if number % 4 == 1 else chance.choice(kinds)()
                answer = script.life.play(number, step)
                if isinstance(step, Call):
                    script.note(step, answer)
                script.choosing.play()
                shown += script.watch()
            counts.rounds += 1
    assert shown > 100
