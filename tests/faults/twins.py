"""Random scripts of what a patient, a family, an app, staff and time do; played, and told to the end.

A script is made up while the first life is played: it looks at the answers so far, and for the steps of staff at the
truth. Its other steps are sent to the twin as they are, so they may depend on nothing that is held.
"""

from dataclasses import replace
from datetime import timedelta

from journeys.engine import Event
from tests.faults.lives import Call, Wait, require_own_telling, require_untold, truth_of
from tests.faults.own_steps import OwnSteps
from tests.reference import fold as reference
from tests.service.clinic import START
from tests.withheld import is_freed

MOST_TELLINGS = 10


class Script(OwnSteps):
    """Makes up steps by chance."""

    def beginning(self) -> list:
        """The enrolling by the app, and the token of the patient; seldom only a few events are accepted."""
        self.most_events = self.chance.randrange(2, 8) if self.is_likely(15) else None
        self.life.limit_events(self.most_events)
        entry = self.chance.choice([None, *self.definition["entry"]])
        names = self.definition["entry"][entry]["asks"] if entry else sorted(self.definition["facts"])[:2]
        body = {
            "key": "k1",
            "journey": self.journey.key,
            "patient": {"ref": "p1", "locale": "en", "time_zone": "Europe/Madrid"},
            "facts": self.facts("patient", names),
        }
        if self.is_in_sandbox:
            body["sandbox"] = True
        if entry:
            day = START - timedelta(days=self.chance.randrange(60))
            body["at"] = {"entry": entry, "occurred_at": f"{day:%Y-%m-%d}"}
        self.enrolling = Call("app", "POST", "/v1/enrollments", body)
        self.minting = Call("app", "POST", "/v1/patient-tokens", {"patient_ref": "p1", "expires_in": 30_000_000})
        return [self.enrolling, self.minting]

    def play(self, count: int) -> tuple[list, int]:
        """Play a life until something is told, at most this many steps after the beginning.

        Returns what the twin gets, each with its number and the answer to compare (None: to staff); and how many steps
        of staff were withheld.
        """
        shared: list[tuple[int, Call | Wait, object]] = []
        withheld = 0
        for number, step in enumerate(self.beginning()):
            shared.append((number, step, self.life.play(number, step)))
            self.note(step, shared[-1][2])
        for number in range(len(shared), len(shared) + count):
            self.life.step = number
            if not self.is_likely(25):
                step = self.own_step()
                twin_step = self.with_other_secret(step)
                answer = self.life.play(number, step)
                if twin_step != step and self.is_secret_told():
                    twin_step = step
                shared.append((number, twin_step, answer))
                if isinstance(step, Call):
                    self.note(step, answer)
                shared += [*self.asking.play(), *self.choosing.play()]
                continue
            step = self.staff_call()
            before, log_before = self.life.stored()
            self.note(step, self.life.play(number, step))
            after, log = self.life.stored()
            is_telling = step.body.get("told") or self.is_visible_telling(step, after.told, log[-1])
            if is_freed(after.told, before.told) or (after.told.open and is_telling):
                require_own_telling(before.told, after.told, step, log[-1].uid)
                return shared, withheld
            if len(log) == len(log_before):
                continue
            is_held = before.told.open or after.told.open
            if step.path.endswith("/retraction"):  # what the patient replaced may be retracted at any time
                is_held = after.told.withholds(log[-1])
            if is_held and step.body.get("type") not in (*self.definition["ends"], *reference.MARKS):
                withheld += 1
            else:
                shared.append((number, step, None))
            require_untold(after)
        shared += [
            (number, step, self.life.play(number, step))
            for number, step in enumerate(self.last_reads(), self.life.step + 1)
        ]
        shared += [*self.asking.play(), *self.choosing.play()]
        return shared, withheld

    def is_visible_telling(self, step: Call, told, entry) -> bool:
        """Whether a new event has the trigger of a telling and is not withheld: what it leads to is told by itself."""
        is_new = isinstance(entry, Event) and entry.id == step.body.get("id")
        return is_new and entry.type in self.journey.tellings and not told.withholds(entry)

    def tell_everything(self) -> None:
        """Staff tell all that is open; then the patient reads the truth, unless the journey ended before.

        Raises:
            AssertionError: the patient still reads something else.
        """
        self.life.limit_events(None)
        number = self.life.step
        for trigger in self.tellings_left():
            number += 1
            self.life.step = number
            self.life.pass_time(24)  # on the same day it might come before the news in the fold
            body = {"id": f"t{number}", "type": trigger, "occurred_at": f"{self.life.clock():%Y-%m-%dT%H:%M:%SZ}"}
            before, _ = self.life.stored()
            telling = Call("staff", "POST", f"/v1/enrollments/{self.life.enrollment}/events", body)
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

    # --- what the family knows -----------------------------------------------------------------------------

    def with_other_secret(self, step: Call | Wait) -> Call | Wait:
        """The step as the twin's family takes it: with another value of a held fact, which shows nowhere either."""
        if isinstance(step, Wait) or step.sender != "family" or not step.body:
            return step
        body = step.body
        if isinstance(body, dict) and step.path.partition("?")[0].endswith("/events") and "type" in body:
            self.keep_secret(body)
            return replace(step, body=self.other_secret(body))
        if isinstance(body, dict) and isinstance(body.get("events"), list):
            return replace(step, body={"events": [self.other_secret(item) for item in body["events"]]})
        return step

    def keep_secret(self, body: dict) -> None:
        """Note another value where a report is the first that names a held fact."""
        enrollment, _ = self.life.stored()
        names = set(body.get("facts", {})) & set(self.journey.held_facts) - self.named_facts
        if body["type"] == reference.ANSWERED:  # refused before the patient knows the fact, and no secret afterwards
            return
        if len(names) != 1 or "replaces" in body or body["id"] in self.secrets or body["occurred_at"] != self.now():
            return
        (name,) = names
        value = body["facts"][name]
        values = other_values(self.definition["facts"][name], value)
        states = [state for state in (enrollment.state, enrollment.view) if state is not None]
        if values and all(name not in state.facts for state in states):
            self.secrets[body["id"]] = (name, value, self.chance.choice(values))
            self.named_facts.add(name)

    def is_secret_told(self) -> bool:
        """Whether the patient reads a secret, because a telling comes after it; then it is one no more."""
        enrollment, log = self.life.stored()
        facts = enrollment.view.facts if enrollment.view is not None else {}
        read_events = {fact.event for fact in facts.values()}
        read_ids = {entry.id for entry in log if entry.by == "family" and entry.uid in read_events}
        told_ids = [id for id in self.secrets if id in read_ids]
        for id in told_ids:
            del self.secrets[id]
        return bool(told_ids)

    def other_secret(self, body: dict) -> dict:
        name, value, other = self.secrets.get(body.get("id"), (None, None, None))
        if name is None or body.get("facts", {}).get(name) != value:
            return body
        return body | {"facts": body["facts"] | {name: other}}

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
            self.taken_back.append(uid)
            if self.is_likely(50):
                return Call("staff", "POST", f"{base}/events/{uid}/retraction", {"reason": "entered_in_error"})
            more = {"replaces": uid}
        body = self.event("staff", enrollment.state.tracks if enrollment.state else {})
        if kind < 55:
            body["facts"] |= self.facts("staff", [self.chance.choice(self.journey.held_facts)])
        elif kind == 87:
            body = body | {"type": self.chance.choice(list(self.definition["ends"])), "facts": {}}
        elif kind == 86:
            body, more = self.mark(), {}
        elif self.is_asked and 76 <= kind < 82:
            body = self.answer("staff")
        elif kind >= 82:  # a telling, also of what is not news
            body |= {"type": self.chance.choice(self.journey.tellings), "facts": {}}
        return Call("staff", "POST", f"{base}/events", body | more | {"id": f"s{self.life.step}"})


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
