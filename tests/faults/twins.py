"""Random scripts of what a patient, a family, an app, staff and time do; played, and told to the end.

A script is made up while the first life is played: it looks at the answers so far, and for the steps of staff at the
truth. Its other steps are sent to the twin as they are, so they may depend on nothing that is held.
"""

from dataclasses import replace
from datetime import UTC, timedelta

from tests.faults.lives import Call, Life, Wait, is_freed, require_own_telling, require_untold, truth_of
from tests.reference import fold as reference
from tests.reference.generate import Story
from tests.service.clinic import START

READS = (
    "/v1/enrollments/{id}",
    "/v1/enrollments/{id}/content",
    "/v1/enrollments/{id}/view",
    "/v1/enrollments/{id}/history",
    "/v1/enrollments/{id}/explain",
    "/v1/enrollments/{id}/content/{piece}",
    "/v1/enrollments/{id}/content/{piece}/image",
    "/v1/me/enrollments",
    "/v1/enrollments?patient_ref=p1",
)
OPTIONS = {
    "locale": ("en", "es-US", "?"),
    "channel": ("web", "sms", "email", "post"),
    "format": ("html", "text", "html,text", "pdf"),
    "limit": ("1", "2", "3", "0"),
    "include": ("view", "all"),
    "cursor": ("0.1", "0.3", "?"),
}
#: The routes that a token of a patient may not call, and those that nobody may call with it.
FORBIDDEN = ("/v1/tasks", "/v1/journeys", "/v1/metrics", "/v1/enrollments/{id}/tasks")


MOST_TELLINGS = 10


class Script:
    """Makes up steps by chance."""

    def __init__(self, journey, chance, life: Life) -> None:
        self.journey = journey
        self.definition = journey.definition
        self.chance = chance
        self.life = life
        self.story = Story({}, {}, chance, "")
        self.bodies: list[dict] = []  # own events
        self.uids: list[str] = []  # of events of anybody
        self.staff_uids: list[str] = []
        self.tags: dict[str, str] = {}
        self.cursors: list[str] = []
        self.named_facts: set[str] = set()  # held facts that somebody reported
        self.secrets: dict[str, tuple] = {}  # by id of the family's event: held fact, its value, the twin's value

    def is_likely(self, percent: int) -> bool:
        return self.chance.randrange(100) < percent

    def beginning(self) -> list:
        """The enrolling by the app, and the token of the patient."""
        entry = self.chance.choice([None, *self.definition["entry"]])
        names = self.definition["entry"][entry]["asks"] if entry else sorted(self.definition["facts"])[:2]
        body = {
            "key": "k1",
            "journey": self.journey.key,
            "patient": {"ref": "p1", "locale": "en", "time_zone": "Europe/Madrid"},
            "facts": self.facts("patient", names),
        }
        if entry:
            day = START - timedelta(days=self.chance.randrange(60))
            body["at"] = {"entry": entry, "occurred_at": f"{day:%Y-%m-%d}"}
        self.enrolling = Call("app", "POST", "/v1/enrollments", body)
        self.minting = Call("app", "POST", "/v1/patient-tokens", {"patient_ref": "p1", "expires_in": 30_000_000})
        return [self.enrolling, self.minting]

    def note(self, call: Call, answer) -> None:
        """Remember of an answer what later steps may use."""
        if "ETag" in answer.headers and call.sender != "staff":
            self.tags[call.path] = answer.headers["ETag"]
        if answer.status != 200 or answer.type != "application/json":
            return
        event = answer.json.get("decision", {}).get("event")
        if event is not None:
            (self.staff_uids if call.sender == "staff" else self.uids).append(event)
        if call.sender != "staff" and answer.json.get("next"):
            self.cursors.append(answer.json["next"])

    def play(self, count: int) -> tuple[list, int]:
        """Play a life until something is told, at most this many steps after the beginning.

        Returns what the twin gets, each with its number and the answer to compare (None: to staff); and how many steps
        of staff were withheld.
        """
        shared: list[tuple[int, Call | Wait, object]] = []
        withheld = 0
        for number, step in enumerate(self.beginning()):
            shared.append((number, step, self.life.play(number, step)))
        for number in range(len(shared), len(shared) + count):
            self.life.step = number
            if not self.is_likely(25):
                step = self.own_step()
                twin_step = self.with_other_secret(step)
                answer = self.life.play(number, step)
                shared.append((number, twin_step, answer))
                if isinstance(step, Call):
                    self.note(step, answer)
                continue
            step = self.staff_call()
            before, log_before = self.life.stored()
            self.note(step, self.life.play(number, step))
            after, log = self.life.stored()
            if is_freed(before.told, after.told) or (after.told.open and step.body.get("told")):
                require_own_telling(before.told, after.told, step, log[-1].uid)
                return shared, withheld
            if len(log) == len(log_before):
                continue
            is_held = before.told.open or after.told.open
            if step.path.endswith("/retraction"):  # what the patient replaced may be retracted at any time
                is_held = after.told.withholds(log[-1])
            if is_held and step.body.get("type") not in self.definition["ends"]:
                withheld += 1
            else:
                shared.append((number, step, None))
            require_untold(after)
        shared += [
            (number, step, self.life.play(number, step))
            for number, step in enumerate(self.last_reads(), self.life.step + 1)
        ]
        return shared, withheld

    def tell_everything(self) -> None:
        """Staff tell all that is open; then the patient reads the truth, unless the journey ended before.

        Raises:
            AssertionError: the patient still reads something else.
        """
        number = self.life.step
        for trigger in self.tellings_left():
            number += 1
            self.life.step = number
            self.life.clock.pass_by(days=1)  # on the same day it might come before the news in the fold
            now = f"{self.life.clock():%Y-%m-%dT%H:%M:%SZ}"
            body = {"id": f"t{number}", "type": trigger, "occurred_at": now}
            before, _ = self.life.stored()
            telling = Call("staff", "POST", self.address("/v1/enrollments/{id}/events"), body)
            answer = self.life.play(number, telling)
            assert answer.status == 200, answer.data
            after, log = self.life.stored()
            require_own_telling(before.told, after.told, telling, log[-1].uid)
        enrollment, _ = self.life.stored()
        if enrollment.told.open and enrollment.state is not None and enrollment.state.ended is not None:
            return
        assert not enrollment.told.open, enrollment.told
        self.life.play(number, self.minting)
        for path in ("/v1/enrollments/{id}", "/v1/enrollments/{id}/explain"):
            as_staff, as_patient = (
                self.life.play(number, Call(sender, "GET", path.format(id=self.life.enrollment))).json
                for sender in ("staff", "patient")
            )
            assert truth_of(as_staff) == truth_of(as_patient), path

    def tellings_left(self):
        """The triggers of the tellings of open news, one after the other; a telling may open other news."""
        for _ in range(MOST_TELLINGS):
            enrollment, _ = self.life.stored()
            if enrollment.told.open:
                yield enrollment.told.open[0].until

    # --- what the family knows ---

    def with_other_secret(self, step: Call | Wait) -> Call | Wait:
        """The step as the twin's family takes it: with another value of a held fact, which shows nowhere either."""
        if isinstance(step, Wait) or step.sender != "family" or not step.body:
            return step
        body = step.body
        if isinstance(body, dict) and step.path.partition("?")[0].endswith("/events") and "type" in body:
            self.keep_secret(body)
            return replace(step, body=self.other_secret(body))
        if isinstance(body, dict) and "events" in body:
            return replace(step, body={"events": [self.other_secret(item) for item in body["events"]]})
        return step

    def keep_secret(self, body: dict) -> None:
        """Note another value where a report is the first that names a held fact."""
        enrollment, _ = self.life.stored()
        names = set(body.get("facts", {})) & set(self.journey.held_facts) - self.named_facts
        if len(names) != 1 or "replaces" in body or body["id"] in self.secrets or body["occurred_at"] != self.now():
            return
        (name,) = names
        value = body["facts"][name]
        values = other_values(self.definition["facts"][name], value)
        states = [state for state in (enrollment.state, enrollment.view) if state is not None]
        if values and all(name not in state.facts for state in states):
            self.secrets[body["id"]] = (name, value, values[0])
            self.named_facts.add(name)

    def other_secret(self, body: dict) -> dict:
        name, value, other = self.secrets.get(body.get("id"), (None, None, None))
        if name is None or body.get("facts", {}).get(name) != value:
            return body
        return body | {"facts": body["facts"] | {name: other}}

    # --- what everybody reports ----------------------------------------------------------------------------

    def facts(self, by: str, names) -> dict:
        """Random values of some facts, as they are written in a request."""
        self.story.time = self.life.clock()
        secret_names = {name for name, _, _ in self.secrets.values()}
        values = self.story.facts(self.definition, by, [name for name in names if name not in secret_names])
        values = {name: value for name, value in values.items() if name not in secret_names}
        self.named_facts |= values.keys() if by != "family" else set()
        return {name: {"declined": True} if value is reference.DECLINED else value for name, value in values.items()}

    def when(self) -> str:
        """Now, a day or a late instant."""
        now = self.life.clock()
        if self.is_likely(25):
            now -= timedelta(days=self.chance.randrange(60), minutes=self.chance.randrange(600))
        if self.is_likely(25):
            return f"{now:%Y-%m-%d}"
        return self.now() if now == self.life.clock() else text_of(now)

    def now(self) -> str:
        return text_of(self.life.clock())

    def event(self, by: str, tracks) -> dict:
        """An event that more often than not is declared by an open state."""
        allowed = [name for name, trigger in self.definition["triggers"].items() if by in trigger.get("by", [by])]
        allowed = [name for name in allowed if name not in ("discussed", "explained")]
        heard = [name for name in self.journey.triggers_heard(tracks) if name in allowed]
        name = self.chance.choice(heard if heard and self.is_likely(80) else allowed or ["left"])
        trigger = self.definition["triggers"].get(name, {})
        names = [*trigger.get("requires", []), *trigger.get("resets", [])] if self.is_likely(70) else []
        names += [fact for fact in self.definition["facts"] if self.is_likely(8)]
        body = {"id": f"e{self.life.step}", "type": name, "occurred_at": self.when(), "facts": self.facts(by, names)}
        return body | ({"sequence": self.chance.randrange(3)} if self.is_likely(8) else {})

    def address(self, path: str) -> str:
        return path.format(id=self.life.enrollment, piece=self.chance.choice(self.journey.pieces))

    def with_options(self, path: str, *names: str) -> str:
        """An address with some parameters, seldom a wrong one."""
        values = [(name, self.option(name)) for name in names if self.is_likely(30)]
        query = "&".join(f"{name}={value}" for name, value in values)
        return path + (("&" if "?" in path else "?") + query if query else "")

    def option(self, name: str) -> str:
        values = OPTIONS[name]
        if name == "cursor" and self.cursors and self.is_likely(70):
            return self.chance.choice(self.cursors)
        return values[0] if self.is_likely(50) else self.chance.choice(values)

    # --- staff ---------------------------------------------------------------------------------------------

    def staff_call(self) -> Call:
        """A step of staff: most begin a hold, report while it is open, or take something back."""
        enrollment, _ = self.life.stored()
        kind = self.chance.randrange(100)
        base = f"/v1/enrollments/{self.life.enrollment}"
        more = {"told": True} if self.is_likely(6) else {}
        if kind < 30:
            state = self.chance.choice(self.journey.held_states)
            body = {"id": f"s{self.life.step}", "state": state, "reason": "Seen by us.", "occurred_at": self.when()}
            return Call("staff", "POST", f"{base}/placement", body | more)
        if kind >= 88 and (self.uids or self.staff_uids):
            uid = self.chance.choice([*self.uids, *self.staff_uids])
            if self.is_likely(50):
                return Call("staff", "POST", f"{base}/events/{uid}/retraction", {"reason": "entered_in_error"})
            more = {"replaces": uid}
        body = self.event("staff", enrollment.state.tracks if enrollment.state else {})
        if kind < 55:
            body["facts"] |= self.facts("staff", [self.chance.choice(self.journey.held_facts)])
        elif kind == 87:
            body = body | {"type": self.chance.choice(list(self.definition["ends"])), "facts": {}}
        return Call("staff", "POST", f"{base}/events", body | more | {"id": f"s{self.life.step}"})

    # --- the patient, the family and the app ---------------------------------------------------------------

    def own_step(self) -> Call | Wait:
        """Whatever a patient, a family or an app may do, and time."""
        if self.is_likely(25):
            return Wait(self.chance.choice([0, 1, 24, 24 * 3, 24 * 14, 24 * 31, 24 * 100]), self.is_likely(50))
        sender = self.chance.choice(["patient", "patient", "family", "app"])
        kinds = [self.reports] * 7 + [self.reads] * 7
        kinds += (
            [self.sends_again] * 2
            + [self.takes_back] * 2
            + [self.marks, self.sends_many, self.sends_nonsense, self.enrolls]
        )
        return self.chance.choice(kinds)(sender)

    def reads(self, sender: str) -> Call:
        path = self.with_options(self.address(self.chance.choice(READS)), *OPTIONS)
        headers = {}
        if self.tags and self.is_likely(30):
            headers["If-None-Match"] = self.tags.get(path) or self.chance.choice([*self.tags.values()])
        return Call(sender, "GET", path, None, headers)

    def reports(self, sender: str) -> Call:
        enrollment, _ = self.life.stored()
        by = "family" if sender == "family" else "patient"
        body = self.event(by, enrollment.view.tracks if enrollment.view else {})
        if by == "family" and self.is_likely(40):
            facts = self.facts(by, [self.chance.choice(self.journey.held_facts)])
            body |= {"facts": body["facts"] | facts, "occurred_at": self.now()}
        if self.is_likely(3):
            body = body | {"type": self.chance.choice(list(self.definition["ends"])), "facts": {}}
        if self.bodies and self.is_likely(15):
            body["replaces"] = self.chance.choice([old["id"] for old in self.bodies] + self.uids + self.staff_uids)
        self.bodies.append(body)
        headers = {}
        if self.tags and self.is_likely(20):
            headers["If-Match"] = self.chance.choice([*self.tags.values()][-3:])
        return self.sends(sender, body, headers)

    def sends(self, sender: str, body: dict, headers: dict | None = None) -> Call:
        path = self.with_options(self.address("/v1/enrollments/{id}/events"), "locale", "channel", "format", "include")
        return Call(sender, "POST", path, body, headers or {})

    def sends_again(self, sender: str) -> Call:
        if not self.bodies:
            return self.reports(sender)
        body = self.chance.choice(self.bodies)
        return self.sends(sender, body | {"sequence": 2} if self.is_likely(20) else body)

    def marks(self, sender: str) -> Call:
        body = {
            "id": f"e{self.life.step}",
            "type": self.chance.choice(reference.MARKS),
            "occurred_at": self.when(),
            "piece": self.chance.choice([*self.journey.pieces, "no-piece"]),
        }
        return self.sends(sender, body)

    def takes_back(self, sender: str) -> Call:
        uids = [*self.uids, *self.staff_uids]
        if not uids:
            return self.reads(sender)
        path = self.address("/v1/enrollments/{id}/events/") + self.chance.choice(uids) + "/retraction"
        reason = self.chance.choice(["entered_in_error", "entered_in_error", "wrong_patient"])
        return Call(sender, "POST", self.with_options(path, "locale", "include"), {"reason": reason})

    def sends_many(self, sender: str) -> Call:
        to = [{"enrollment": self.life.enrollment}, {"patient_ref": "p1", "journey": self.journey.key}]
        items = [self.reports(sender).body | {"id": f"e{self.life.step}.{number}"} for number in range(2)]
        items += [self.chance.choice(self.bodies)]
        return Call(sender, "POST", "/v1/events", {"events": [item | self.chance.choice(to) for item in items]})

    def sends_nonsense(self, sender: str) -> Call:
        event = self.event("patient", {})
        bodies = [{}, [], event | {"type": "discussed"}, event | {"told": True}, event | {"facts": {"nothing": 1}}]
        bodies += [event | {"occurred_at": "2030-01-01"}, event | {"replaces": "nothing"}]
        paths = [*(self.address(path) for path in FORBIDDEN)]
        if self.is_likely(30):
            return Call(sender, "GET", self.chance.choice(paths))
        if self.is_likely(20):
            place = {"id": "x", "state": self.journey.held_states[0], "reason": "Why not."}
            return Call(sender, "POST", self.address("/v1/enrollments/{id}/placement"), place)
        return self.sends(sender, self.chance.choice(bodies))

    def enrolls(self, sender: str) -> Call:
        if self.is_likely(50):
            return Call(sender, "POST", "/v1/patient-tokens", {"patient_ref": "p1", "expires_in": 30_000_000})
        key = self.chance.choice(["k1", "k2"])
        return replace(self.enrolling, sender=sender, body=self.enrolling.body | {"key": key})

    def last_reads(self) -> list[Call]:
        """Every route, at the end, by one or the other."""
        senders = ["patient", "family", "app"]
        return [Call(self.chance.choice(senders), "GET", self.address(path)) for path in READS]


def text_of(time) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def other_values(fact: dict, value) -> list:
    """Values of a held fact beside this one, which is not declined."""
    match fact["type"]:
        case "boolean":
            values = [True, False]
        case "set":
            values = [[], fact["values"]]
        case _:
            values = list(reference.parents_of_values(fact["values"]))
    return [other for other in values if other != value and not isinstance(value, dict)]
