"""Random requests of a patient, a family and an app, by every route that they may call; they depend on nothing held."""

import json
import random
import zlib
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, timedelta
from urllib.parse import quote

from tests.faults.lives import Call, Life, Wait
from tests.faults.made_up import TELLINGS
from tests.faults.question_steps import QuestionSteps
from tests.faults.routes import PERCENT, VALUES, Route
from tests.faults.topic_steps import TopicSteps
from tests.reference import fold as reference
from tests.reference.generate import Story

#: Routes that none of these tokens may call.
FORBIDDEN = ("/v1/tasks", "/v1/tasks?enrollment={enrollment}&status=open", "/metrics", "/v1/enrollments/{enrollment}/x")
MALFORMED = (b"", b"{", b'{"id": 1, "id": 2}', b"\xff", b"[" * 50, b'"text"', b"{}")


class OwnSteps:
    """Makes up what a patient, a family or an app sends, by chance."""

    def __init__(self, journey, chance, life: Life, routes: list[Route]) -> None:
        self.journey = journey
        self.definition = journey.definition
        self.chance = chance
        self.life = life
        # Questions are read and answered between the steps, by a chance of their own.
        self.readable = [route for route in routes if route.method == "GET" and route.endpoint != "questions.read"]
        self.story = Story({}, {}, chance, "")
        self.bodies: list[dict] = []  # own events
        self.uids: list[str] = []  # of own events, and of others that an explanation names
        self.uids_of: dict[str, list[str]] = defaultdict(list)  # by sender
        self.staff_uids: list[str] = []
        self.taken_back: list[str] = []  # by staff
        self.tags: list[str] = []
        self.tags_of_reads: dict[str, str] = {}  # by address
        self.cursors: dict[str, list[str]] = defaultdict(list)  # by path
        self.feed_cursors: list[str] = []
        self.release = "unknown"
        self.keys: list[str] = []  # of pieces that were shown
        self.persons: list[str] = []
        self.contacts: list[str] = []
        self.receipts: list[str] = []  # of what the patient revoked
        self.secrets: dict[str, tuple] = {}  # by id of the family's event: held fact, its value, the twin's value
        self.named_facts: set[str] = set()  # held facts that somebody reported
        self.enrolling = Call("app", "POST", "/v1/enrollments", {})
        self.most_events: int | None = None
        # Of the state of chance, so that the steps of the other lives stay what they were.
        number = zlib.crc32(repr(chance.getstate()[1][:4]).encode())
        self.is_in_sandbox, self.is_asked, self.is_sharing = number % 5 == 4, number % 3 != 1, number % 7 < 2
        self.asking = QuestionSteps(self, random.Random(number), answers=number % 7 in (2, 4, 5))
        self.choosing = TopicSteps(self, random.Random(f"topics/{number}"), acts=number % 4 > 1)

    def is_likely(self, percent: int) -> bool:
        return self.chance.randrange(100) < percent

    def note(self, call: Call, answer) -> None:
        """Remember of an answer what later steps may use."""
        path = call.path.partition("?")[0]
        if "ETag" in answer.headers and call.sender != "staff":
            self.tags.append(answer.headers["ETag"])
            if call.method == "GET":
                self.tags_of_reads[call.path] = answer.headers["ETag"]
        if answer.status not in (200, 201) or answer.type != "application/json" or not answer.data:
            return
        person = answer.json.get("patient", answer.json).get("person")
        self.persons += [person] if isinstance(person, str) else []
        self.contacts += [contact["id"] for contact in answer.json.get("contacts", ()) if "verified_by" in contact]
        if path == "/v1/me/permissions" and call.method == "POST":
            self.receipts.append(answer.json["id"])
        event = answer.json.get("decision", {}).get("event")
        if event is not None:
            (self.staff_uids if call.sender == "staff" else self.uids).append(event)
            self.uids_of[call.sender].append(event)
        if call.sender == "staff":
            return
        self.release = answer.json.get("release", self.release)
        self.keys += [piece["key"] for piece in answer.json.get("now", {}).get("content", ())]
        if isinstance(answer.json.get("cursor"), str):
            self.feed_cursors.append(answer.json["cursor"])
        if isinstance(answer.json.get("next"), str):  # a view has dates there
            self.cursors[path].append(answer.json["next"])
        if path.endswith("/explain") and self.is_likely(10):  # also the beginning, and what others reported
            self.uids += [step["item"] for step in answer.json["steps"]]

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

    def triggers_of(self, by: str) -> list[str]:
        """The triggers that this kind of reporter may report, but those that tell."""
        triggers = self.definition["triggers"].items()
        allowed = [name for name, trigger in triggers if by in trigger.get("by", [by])]
        return [name for name in allowed if name not in TELLINGS]

    def event(self, by: str, tracks) -> dict:
        """An event that more often than not is declared by an open state."""
        allowed = self.triggers_of(by)
        heard = [name for name in self.journey.triggers_heard(tracks) if name in allowed]
        name = self.chance.choice(heard if heard and self.is_likely(80) else allowed or ["left"])
        body = self.event_of(by, name, self.required_facts(name) if self.is_likely(70) else [])
        return body | ({"sequence": self.chance.randrange(3)} if self.is_likely(8) else {})

    def event_of(self, by: str, name: str, facts: list[str]) -> dict:
        names = [*facts, *(fact for fact in self.definition["facts"] if self.is_likely(8))]
        return {"id": f"e{self.life.step}", "type": name, "occurred_at": self.when(), "facts": self.facts(by, names)}

    def required_facts(self, name: str) -> list[str]:
        trigger = self.definition["triggers"].get(name, {})
        return [*trigger.get("requires", []), *trigger.get("resets", [])]

    def answer(self, by: str) -> dict:
        """Answers to some questions, also to held ones."""
        names = self.chance.choices([*self.definition["facts"]], k=self.chance.randrange(1, 4))
        body = {"id": f"e{self.life.step}", "type": reference.ANSWERED, "occurred_at": self.when()}
        return body | {"facts": self.facts(by, names)}

    def mark(self) -> dict:
        return self.mark_of_question() if self.is_asked and self.is_likely(50) else self.mark_of_piece()

    def mark_of_question(self) -> dict:
        """A question was shown, or is to be asked later; also a held one, and one that is asked with others."""
        names = [*self.definition["groups"], *self.definition["facts"], "no-question"]
        mark = {
            "id": f"e{self.life.step}",
            "type": self.chance.choice(reference.QUESTION_MARKS),
            "occurred_at": self.when(),
            "question": self.chance.choice(names),
        }
        if mark["type"] == "later":
            until = self.life.clock() + timedelta(days=self.chance.randrange(400))
            mark["until"] = f"{until:%Y-%m-%d}"
        return mark

    def mark_of_piece(self) -> dict:
        return {
            "id": f"e{self.life.step}",
            "type": self.chance.choice(reference.MARKS),
            "occurred_at": self.when(),
            "piece": self.chance.choice([*self.journey.pieces, "no-piece"]),
        }

    # --- addresses -----------------------------------------------------------------------------------------

    def address(self, path: str) -> str:
        keys = self.keys if self.keys and self.is_likely(60) else self.journey.pieces
        key = "picture" if path.endswith("/image") and self.is_likely(60) else self.chance.choice(keys)
        return path.format(
            enrollment=self.life.enrollment if self.is_likely(98) else "unknown",
            key=key,
            journey=self.journey.key,
            release=self.release,
            entry=(self.receipts or ["none"])[-1],
        )

    def with_options(self, path: str, names) -> str:
        """An address with some of its parameters, seldom with another one."""
        chosen = [name for name in names if self.is_likely(PERCENT.get(name, 45))]
        chosen += [name for name in VALUES if name not in names and self.is_likely(1)]
        query = "&".join(f"{name}={quote(self.option(path, name))}" for name in chosen)
        return f"{path}?{query}" if query else path

    def option(self, path: str, name: str) -> str:
        values = VALUES[name]
        if name == "cursor" and self.cursors[path] and self.is_likely(80):
            return self.chance.choice(self.cursors[path])
        if name == "after" and self.feed_cursors and self.is_likely(80):
            return self.chance.choice(self.feed_cursors)
        if name == "format" and "/permissions/" in path:
            return self.chance.choice(["fhir", "json", "pdf"])
        if name == "person" and self.persons and self.is_likely(80):
            return self.persons[-1]
        if name == "enrollment" and self.is_likely(80):
            return self.life.enrollment
        return self.chance.choice(values if self.is_likely(10) else values[:-1])

    # --- steps ---------------------------------------------------------------------------------------------

    def own_step(self) -> Call | Wait:
        """Whatever a patient, a family or an app may do, and time."""
        if self.is_likely(25):
            return Wait(self.chance.choice([0, 1, 24, 24 * 3, 24 * 14, 24 * 31, 24 * 100]), self.is_likely(50))
        sender = self.chance.choice(["patient", "patient", "family", "app"])
        kinds = [self.reports] * 6 + [self.reads] * 7 + [self.sends_again] * 2 + [self.takes_back] * 2
        kinds += [self.sends_nonsense] * 2 + [self.marks, self.sends_many, self.enrolls, self.sends_cloudevent]
        kinds += [self.says_how_to_be_reached] * 5 + [self.shares_with_caregivers] * (3 if self.is_sharing else 0)
        return self.chance.choice(kinds)(sender)

    def reads(self, sender: str) -> Call:
        """A read of any route; often one that was sent before, with the tag of its answer."""
        if self.tags_of_reads and self.is_likely(25):
            path = self.chance.choice([*self.tags_of_reads])
            tag = self.tags_of_reads[path]
            return Call(sender, "GET", path, None, {"If-None-Match": self.chance.choice([tag, f"W/{tag}, W/{tag}"])})
        headers = {"If-None-Match": self.chance.choice([*self.tags, "*"])} if self.is_likely(15) else {}
        route = self.chance.choice(self.routes())
        return self.read_of(sender, route, "HEAD" if self.is_likely(5) else "GET", headers)

    def routes(self) -> list[Route]:
        """The routes to read; seldom a release, which is the same for everybody and drawn slowly."""
        return [route for route in self.readable if "{release}" not in route.path or self.is_likely(15)]

    def read_of(self, sender: str, route: Route, method: str = "GET", headers: dict | None = None) -> Call:
        return Call(sender, method, self.with_options(self.address(route.path), route.parameters), None, headers or {})

    def last_reads(self) -> list[Call]:
        """Every route, at the end, by one that may call it."""
        reads = [self.read_of(self.chance.choice(sorted(route.senders)), route) for route in self.routes()]
        clock = self.address("/v1/enrollments/{enrollment}/clock")
        return [*reads, Call("app", "POST", clock, {"advance": "P1D"})]

    def report_of(self, sender: str) -> dict:
        """The body of a report; the family's often has a held fact, which nobody but the family knows."""
        enrollment, _ = self.life.stored()
        by = "family" if sender == "family" else "patient"
        tracks = enrollment.view.tracks if enrollment.view else {}
        heard = [
            (trigger, fact)
            for trigger, fact in self.journey.held_facts_read(tracks)
            if trigger in self.triggers_of(by) and by in self.definition["facts"][fact].get("by", [by])
        ]
        if by == "family" and heard and self.is_likely(60):
            trigger, fact = self.chance.choice(heard)
            body = self.event_of(by, trigger, [*self.required_facts(trigger), fact]) | {"occurred_at": self.now()}
        else:
            body = self.event(by, tracks)
            if by == "family" and self.is_likely(25):
                facts = self.facts(by, [self.chance.choice(self.journey.held_facts)])
                body |= {"facts": body["facts"] | facts, "occurred_at": self.now()}
        if self.is_likely(3):
            body = body | {"type": self.chance.choice(list(self.definition["ends"])), "facts": {}}
        elif self.is_asked and self.is_likely(20):
            body = self.answer(by)
        if self.bodies and self.is_likely(15):
            body["replaces"] = self.event_to_take_back([old["id"] for old in self.bodies])
        self.bodies.append(body)
        return body

    def reports(self, sender: str) -> Call:
        body = self.report_of(sender)
        recent = self.chance.choice([*self.tags[-3:], "*"])
        return self.sends(sender, body, {"If-Match": recent} if self.is_likely(20) else {})

    def sends(self, sender: str, body, headers: dict | None = None) -> Call:
        path = self.address("/v1/enrollments/{enrollment}/events")
        options = ("locale", "channel", "format", "include", "dry_run")
        return Call(sender, "POST", self.with_options(path, options), body, headers or {})

    def says_how_to_be_reached(self, sender: str) -> Call:
        """A revocation, a contact and its code, or preferences; only the patient's own token may."""
        sender = "patient" if self.is_likely(70) else sender
        revocation = {"kind": "revoke", "method": "app", "channel": self.chance.choice(["email", "sms", "push", "fax"])}
        contact = {"channel": "email", "address": self.chance.choice(["p1@example.org", "p1"])}
        verification = f"/v1/me/contacts/{(self.contacts or ['none'])[-1]}/verification"
        method, path, body = self.chance.choice(
            [
                ("POST", "/v1/me/permissions", revocation),
                ("POST", "/v1/me/permissions", revocation),
                ("POST", "/v1/me/contacts", contact),
                ("POST", "/v1/me/contacts", contact),
                ("POST", verification, None),
                ("POST", f"{verification}/confirmation", {"code": self.chance.choice(["012345", "1"])}),
                ("PUT", "/v1/me/preferences", {"channels": ["push"], "paused_until": self.now()}),
            ]
        )
        return Call(sender, method, self.with_options(path, ["person"]), body)

    def shares_with_caregivers(self, sender: str) -> Call:
        """An invitation, an acceptance, or what the caregiver of this life sees from now on; mostly by the patient."""
        sender = "patient" if self.is_likely(80) else sender
        words = ["course", *self.definition["triggers"], *self.definition["ends"], reference.ANSWERED]
        by_family = [*self.triggers_of("family"), reference.ANSWERED]
        grants = {
            "sees": [word for word in ("course", "news") if self.is_likely(60)],
            "reminded": [purpose for purpose in ("education", "treatment") if self.is_likely(60)],
            "may": [name for name in by_family if self.is_likely(60)] or [self.chance.choice(words)],
        }
        if self.is_likely(30):
            body = grants | {"enrollment": self.life.enrollment, "name": "a neighbour"}
            return Call(sender, "POST", "/v1/me/caregivers", body)
        if self.is_likely(30):
            return Call("nobody", "POST", "/v1/caregivers/accept", {"code": "0" * 16, "language": "en"})
        return Call(sender, "PATCH", f"/v1/me/caregivers/{self.life.caregiver}", grants)

    def sends_again(self, sender: str) -> Call:
        if not self.bodies:
            return self.reports(sender)
        body = self.chance.choice(self.bodies)
        return self.sends(sender, body | {"sequence": 2} if self.is_likely(20) else body)

    def sends_cloudevent(self, sender: str) -> Call:
        """A report as a CloudEvent, structured or binary."""
        body = self.report_of("patient")
        data = {name: body[name] for name in body if name not in ("id", "type", "occurred_at")}
        envelope = {"specversion": "1.0", "source": "urn:app", "id": body["id"], "type": body["type"]}
        envelope |= {"time": self.now()}
        if self.is_likely(50):
            headers = {f"ce-{name}": value for name, value in envelope.items()}
            return self.sends(sender, data, headers)
        headers = {"Content-Type": "application/cloudevents+json"}
        return self.sends(sender, json.dumps(envelope | {"data": data}).encode(), headers)

    def event_to_take_back(self, own: list[str]) -> str:
        """Mostly one's own event, or one that staff took back already."""
        likely = self.taken_back if self.is_likely(30) else own if self.is_likely(60) else []
        return self.chance.choice(likely or [*self.uids, *self.staff_uids] or ["x"])

    def marks(self, sender: str) -> Call:
        return self.sends(sender, self.mark())

    def takes_back(self, sender: str) -> Call:
        uid = self.event_to_take_back(self.uids_of[sender])
        event = self.chance.choice(self.bodies)["id"] if self.bodies and self.is_likely(20) else uid
        path = self.address("/v1/enrollments/{enrollment}/events/") + f"{event}/retraction"
        reason = self.chance.choice(["entered_in_error", "entered_in_error", "wrong_patient"])
        options = ("locale", "channel", "format", "include")
        return Call(sender, "POST", self.with_options(path, options), {"reason": reason})

    def sends_many(self, sender: str) -> Call:
        to = [{"enrollment": self.life.enrollment}, {"patient_ref": "p1", "journey": self.journey.key}]
        to += [to[1] | {"key": "k1"}, {}]
        items = [self.report_of(sender) | {"id": f"e{self.life.step}.{number}"} for number in range(2)]
        items += [self.chance.choice(self.bodies), self.mark() | {"id": f"e{self.life.step}.m"}]
        addresses = self.chance.choices(to, [6, 3, 3, 1], k=len(items))
        events = [item | address for item, address in zip(items, addresses, strict=True)]
        return Call(sender, "POST", "/v1/events", {"events": events})

    def sends_nonsense(self, sender: str) -> Call:
        event = self.event("patient", {})
        bodies = [{}, [], event | {"type": "discussed"}, event | {"told": True}, event | {"facts": {"nothing": 1}}]
        bodies += [event | {"occurred_at": "2030-01-01"}, event | {"replaces": "nothing"}]
        place = {"id": "x", "state": self.journey.held_states[0], "reason": "Why not."}
        base = self.address("/v1/enrollments/{enrollment}")
        calls = [
            Call(sender, "GET", self.address(self.chance.choice(FORBIDDEN))),
            Call(sender, "POST", f"{base}/placement", place),
            Call(sender, "POST", "/v1/events", self.chance.choice([{"events": []}, {"events": {}}, [{}, 1, place]])),
            Call(sender, "PUT", base),
            Call("nobody", "GET", f"{base}/view"),
            self.sends(sender, self.chance.choice(MALFORMED), {"Content-Type": "application/json"}),
            self.sends(sender, json.dumps(event).encode(), {"Content-Type": "text/plain"}),
        ]
        calls += [self.sends(sender, body) for body in self.chance.choices(bodies, k=4)]
        return self.chance.choice(calls)

    def enrolls(self, sender: str) -> Call:
        """Another token, or another enrollment."""
        if self.is_likely(50):
            more = self.chance.choice([{}, {}, {"journey": self.journey.key}, {"patient_ref": "p2"}, {"expires_in": 1}])
            return Call(sender, "POST", "/v1/patient-tokens", {"patient_ref": "p1", "expires_in": 30_000_000} | more)
        key = self.chance.choice(["k1", "k2"])
        return replace(self.enrolling, sender=sender, body=self.enrolling.body | {"key": key})


def text_of(time) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
