"""Random reads and answers of questions between the other steps of a life; they depend on nothing held."""

from datetime import timedelta
from random import Random

from tests.faults.lives import Call
from tests.faults.routes import VALUES

BASE = "/v1/enrollments/{}"
#: The number of the first step of questions: ids follow from the numbers of steps.
FIRST = 500
FIRST_OF_SURVEYS = 5000
OPTIONS = ("locale", "channel", "format", "include")


class QuestionSteps:
    """Reads questions, answers them, declines to, puts them off, and says that they were shown.

    It has a chance of its own, so that the other steps of a life stay what they were.
    """

    def __init__(self, script, chance, *, answers: bool) -> None:
        self.script, self.chance, self.answers = script, chance, answers
        self.surveys = SurveySteps(self)
        self.number = FIRST
        self.sent: list[dict] = []
        self.tags: list[str] = []

    def play(self) -> list[tuple]:
        """Play some steps; return each with its number and its answer."""
        life, played = self.script.life, []
        before = life.step
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            self.number += 1
            life.step = self.number
            step = self.step()
            answer = life.play(self.number, step)
            if step.method == "GET" and "ETag" in answer.headers:
                self.tags.append(answer.headers["ETag"])
            played.append((self.number, step, answer))
        played += self.surveys.play()
        life.step = before
        return played

    def step(self) -> Call:
        sender = self.chance.choice(["patient", "patient", "family", "app"])
        base = BASE.format(self.script.life.enrollment)
        if not self.answers or self.chance.random() < 0.5:
            headers = {"If-None-Match": self.chance.choice(self.tags)} if self.tags and self.is_likely(30) else {}
            return Call(sender, "GET", self.with_options(f"{base}/questions", ("locale",)), None, headers)
        if self.is_likely(20):
            return Call("patient", "POST", f"{base}/events", self.shown())
        body = self.chance.choice(self.sent) if self.sent and self.is_likely(15) else self.body()
        headers = {"If-Match": self.chance.choice(self.tags)} if self.tags and self.is_likely(15) else {}
        return Call(sender, "POST", self.with_options(f"{base}/answers", OPTIONS), body, headers)

    def body(self) -> dict:
        """Answers to some questions, also to held ones and to half a group, or a question put off."""
        definition = self.script.definition
        body = {"id": f"q{self.number}", "occurred_at": self.script.now()}
        if self.is_likely(25):
            until = self.script.life.clock() + timedelta(days=self.chance.randrange(1, 30))
            body |= {"question": self.question(), "until": f"{until:%Y-%m-%d}"}
        else:
            names = {self.chance.choice([*definition["facts"]])}
            for members in definition["groups"].values():
                names |= {*members} if names & {*members} and self.is_likely(90) else set()
            body["facts"] = {name: self.value(definition["facts"][name]) for name in sorted(names)}
        self.sent.append(body)
        return body

    def shown(self) -> dict:
        return {
            "id": f"q{self.number}",
            "type": "seen",
            "occurred_at": self.script.now(),
            "question": self.question(),
        }

    def question(self) -> str:
        definition = self.script.definition
        return self.chance.choice([*definition["groups"], *definition["facts"], "no-question"])

    def value(self, fact: dict):
        if self.is_likely(20):
            return {"declined": True}
        match fact["type"]:
            case "boolean":
                return self.chance.random() < 0.5
            case "integer":
                return self.chance.randrange(fact.get("min", 0), fact.get("max", 40) + 1)
            case "date":
                return f"{self.script.life.clock() - timedelta(days=self.chance.randrange(1, 900)):%Y-%m-%d}"
            case "text":
                return "words"
            case "set":
                return [value for value in fact["values"] if self.is_likely(50)]
            case _:
                return self.chance.choice([*leaves_of(fact["values"])])

    def with_options(self, path: str, names) -> str:
        options = [f"{name}={self.chance.choice(VALUES[name][:-1])}" for name in names if self.is_likely(30)]
        return f"{path}?{'&'.join(options)}" if options else path

    def is_likely(self, percent: int) -> bool:
        return self.chance.randrange(100) < percent


class SurveySteps:
    """Answers surveys, also those of held states, halves of them, and some that were finished; in some lives."""

    def __init__(self, asking: QuestionSteps) -> None:
        self.asking, self.number = asking, FIRST_OF_SURVEYS
        self.chance = Random(repr(asking.chance.getstate()[1][:4]))
        self.is_answering = not asking.answers and self.chance.random() < 0.25

    def play(self) -> list[tuple]:
        """Play a step, now and then; return it with its number and its answer."""
        if not self.is_answering or self.chance.random() < 0.5:
            return []
        script = self.asking.script
        self.number += 1
        script.life.step = self.number
        sender = self.chance.choice(["patient", "patient", "app", "family"])
        path = f"{BASE.format(script.life.enrollment)}/answers"
        step = Call(sender, "POST", path, self.body())
        return [(self.number, step, script.life.play(self.number, step))]

    def body(self) -> dict:
        """Answers to a survey: whole, half or declined."""
        script, surveys = self.asking.script, self.asking.script.journey.surveys
        name = self.chance.choice([*surveys, *surveys, "no-survey"])
        facts: dict = {}
        if name in surveys:
            _, names, more = surveys[name]
            facts = {fact: self.value(script.definition["facts"][fact]) for fact in names}
            facts |= {"is_well": self.chance.random() < 0.5} if "is_well" in more else {}
        if facts and self.chance.random() < 0.2:
            facts = {name: {"declined": True} for name in facts}
        if facts and self.chance.random() < 0.1:
            facts.popitem()
        return {"id": f"s{self.number}", "occurred_at": script.now(), "question": name, "facts": facts}

    def value(self, fact: dict):
        before, self.asking.chance = self.asking.chance, self.chance
        value = self.asking.value(fact)
        self.asking.chance = before
        return value


def leaves_of(values):
    """The values of a choice that have no finer ones."""
    for value in values:
        if isinstance(value, dict):
            for finer in value.values():
                yield from leaves_of(finer)
        else:
            yield value
