"""Random acts about topics, and words to the care team, between other steps; they depend on nothing held."""

from tests.faults.lives import Call
from tests.faults.made_up import TOPIC_NAMES
from tests.reference import fold as reference

#: The number of the first act: ids follow from the numbers of steps.
FIRST = 900


class TopicSteps:
    """Asks for topics and declines them, also unknown ones, and as others than the patient, who may not.

    It has a chance of its own, so that the other steps of a life stay what they were.
    """

    def __init__(self, script, chance, *, acts: bool) -> None:
        self.script, self.chance, self.acts = script, chance, acts
        self.number = FIRST

    def play(self) -> list[tuple]:
        """Play an act at most; return it with its number and its answer."""
        if not self.acts or self.chance.randrange(5):
            return []
        life = self.script.life
        self.number += 1
        before, life.step = life.step, self.number
        step = self.words() if self.chance.randrange(4) == 0 else self.step()
        answer = life.play(self.number, step)
        life.step = before
        return [(self.number, step, answer)]

    def step(self) -> Call:
        sender = self.chance.choice(["patient", "patient", "patient", "family", "app"])
        body = {
            "id": f"c{self.number}",
            "type": self.chance.choice(reference.TOPIC_MARKS),
            "occurred_at": self.script.now(),
            "topic": self.chance.choice([*TOPIC_NAMES, *TOPIC_NAMES, "no-topic"]),
        }
        return Call(sender, "POST", f"/v1/enrollments/{self.script.life.enrollment}/events?include=view", body)

    def words(self) -> Call:
        """Words to the care team; sometimes the same as before, or others with the id of the ones before."""
        sender = self.chance.choice(["patient", "family", "app"])
        number = self.number - (self.chance.randrange(4) == 0)
        body = {"id": f"w{number}", "text": self.chance.choice(["I have a question.", "Please call me.", " "])}
        return Call(sender, "POST", f"/v1/enrollments/{self.script.life.enrollment}/messages", body)
