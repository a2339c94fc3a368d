"""g: a handwritten alternative to row a: one state machine for each request with the SQLAlchemy ORM.

It uses `transitions` with a nested machine made for each request, and python-statemachine with one class. Both read
the states and triggers of the journey and store the state, the event, the history and the shown pieces as the service
does. They handle no late events, no replays and no holds.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pysqlite3
from sqlalchemy import ForeignKey, LargeBinary, Text, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from transitions.extensions import HierarchicalMachine

from benchmarks.a_advance_sqlite import batch
from benchmarks.database import ROOT, BenchDatabase, sqlite_database
from benchmarks.database import event as event_body
from benchmarks.harness import Bench, Line, by_turns, rate
from journeys.definition.reading import read_journey
from journeys.engine.machine import Release, make_release
from service.platform import clock

TRACK = "scans"
FROM = "nextin6months"


class Base(DeclarativeBase):
    pass


class Enrollment(Base):
    __tablename__ = "by_hand_enrollments"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    patient_ref: Mapped[str] = mapped_column(Text, index=True)
    state: Mapped[str] = mapped_column(Text)
    since: Mapped[str] = mapped_column(Text)
    next_due_at: Mapped[str | None] = mapped_column(Text, index=True)
    version: Mapped[int]
    facts: Mapped[bytes] = mapped_column(LargeBinary)
    events: Mapped[list[Event]] = relationship(lazy="select")


class Event(Base):
    __tablename__ = "by_hand_events"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    enrollment: Mapped[str] = mapped_column(ForeignKey("by_hand_enrollments.id"), index=True)
    external_id: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    at: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class History(Base):
    __tablename__ = "by_hand_history"
    id: Mapped[int] = mapped_column(primary_key=True)
    enrollment: Mapped[str] = mapped_column(ForeignKey("by_hand_enrollments.id"), index=True)
    at: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class Shown(Base):
    __tablename__ = "by_hand_shown"
    enrollment: Mapped[str] = mapped_column(ForeignKey("by_hand_enrollments.id"), primary_key=True)
    piece: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[str] = mapped_column(Text)


Make = Callable[[Any], Any]
#: Returns, for a model with a `state`, a function that takes a trigger.


def measure(bench: Bench) -> list[Line]:
    with sqlite_database(bench, "g") as ours:
        file = ROOT / "definitions" / "nsclc.yaml"
        journey, _ = read_journey(file.read_bytes(), file.name)
        assert journey is not None
        release = make_release(journey)
        return [
            advance(bench, ours, "transitions a request, ORM", "g_transitions", nested_machine(release)),
            advance(bench, ours, "python-statemachine, ORM", "g_statemachine", chart(release)),
        ]


def advance(bench: Bench, ours: BenchDatabase, case: str, name: str, make: Make) -> Line:
    count = bench.count(100, 2)
    engine = engine_of(f"sqlite:///{bench.folder / name}.db")
    Base.metadata.create_all(engine)
    first = 0 if name == "g_transitions" else 1_000_000

    def run_ours(number: int) -> float:
        numbers = batch(number, count)
        ids = ours.copies(range(first + numbers.start, first + numbers.stop))
        return rate(count, lambda: [ours.advance(enrollment) for enrollment in ids])

    def run_theirs(number: int) -> float:
        ids = [f"{number:032x}" for number in batch(number, count)]
        with Session(engine) as session:
            session.add_all(new_enrollment(enrollment) for enrollment in ids)
            session.commit()
        return rate(count, lambda: [by_hand(engine, make, enrollment) for enrollment in ids])

    figures = by_turns(bench, {"ours": run_ours, "limit": run_theirs})
    engine.dispose()
    score = figures["ours"].median / figures["limit"].median
    return Line(
        row="g",
        case=case,
        unit="advances/s",
        ours=figures["ours"].median,
        limit=figures["limit"].median,
        score=score,
        reach=2,
        rounds={name: figure.values for name, figure in figures.items()},
    )


def engine_of(url: str) -> Any:
    engine = create_engine(url, module=pysqlite3, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def new_enrollment(enrollment: str) -> Enrollment:
    return Enrollment(
        id=enrollment,
        patient_ref=f"patient-{enrollment}",
        state=FROM,
        since=clock.present().isoformat(),
        next_due_at=None,
        version=1,
        facts=json.dumps({"treatment_ended_on": "2026-01-01", "last_scan_on": "2026-02-01"}).encode(),
    )


def by_hand(engine: Any, make: Make, enrollment: str) -> dict[str, Any]:
    """Handle one request as handwritten code would."""
    body = event_body("scan-1")
    now = clock.present()
    with Session(engine) as session, session.begin():
        row = session.get(Enrollment, enrollment, with_for_update=True)
        assert row is not None
        again = select(Event).where(Event.enrollment == enrollment, Event.external_id == body["id"])
        if session.scalars(again).first() is not None:
            raise AssertionError("The event is a replay.")
        facts = json.loads(row.facts) | body["facts"]
        model = SimpleNamespace(state=row.state, facts=facts)
        before = row.state
        make(model)(body["type"])
        assert model.state != before, model.state
        row.state, row.since, row.version = str(model.state), now.isoformat(), row.version + 1
        row.facts = json.dumps(facts).encode()
        row.next_due_at = due(facts)
        session.add(
            Event(
                id=clock.new_id(),
                enrollment=enrollment,
                external_id=body["id"],
                type=body["type"],
                at=body["occurred_at"],
                payload=json.dumps(body).encode(),
            )
        )
        moved = {"from": before, "to": row.state, "trigger": body["type"]}
        session.add(History(enrollment=enrollment, at=now.isoformat(), payload=json.dumps(moved).encode()))
        session.add(Shown(enrollment=enrollment, piece="scan-booked", state=row.state, at=now.isoformat()))
        return {"outcome": "advanced", "transitions": [moved], "state": row.state}


def due(facts: dict[str, Any]) -> str:
    return datetime.fromisoformat(facts["scan_booked_for"]).isoformat()


# --- the machines --------------------------------------------------------------------------------------------------


def nested_machine(release: Release) -> Make:
    """Return a function that makes a nested machine of `transitions` for a request."""
    plan = release.plan.tracks[TRACK]
    states = [_state(path, plan.declared.states) for path in plan.declared.states if "." not in path]
    moves = [
        (trigger, _nested(path), _nested(candidate.leaf or path), candidate.condition)
        for (path, trigger), candidates in plan.handlers.items()
        for candidate in candidates
        if not trigger.startswith("entered.") and trigger.isidentifier()
    ]

    def make(model: Any) -> Any:
        machine = HierarchicalMachine(
            model, states=states, initial=model.state, auto_transitions=False, ignore_invalid_triggers=True
        )
        for trigger, source, target, condition in moves:
            if condition is None:
                machine.add_transition(trigger, source, target)
            else:
                machine.add_transition(trigger, source, target, conditions=_facts_known(model, condition.facts))
        return model.trigger

    return make


def _state(path: str, all_states: Any) -> Any:
    children = [child for child in all_states if child.rpartition(".")[0] == path]
    name = _nested(path.rpartition(".")[2])
    if not children:
        return name
    first = _nested(children[0].rpartition(".")[2])
    return {"name": name, "children": [_state(child, all_states) for child in children], "initial": first}


def _nested(path: str) -> str:
    """Return a path in the form of the nested machine, which separates states by underscores."""
    return path.replace("_", "").replace(".", "_")


def _facts_known(model: Any, facts: frozenset[str]) -> Callable[[], bool]:
    return lambda: all(name in model.facts for name in facts)


def chart(release: Release) -> Make:
    """Return a function that makes a python-statemachine instance for a request, of one class with the same leaves."""
    from statemachine import State, StateMachine

    plan = release.plan.tracks[TRACK]
    names = {leaf: _nested(leaf) for leaf in plan.leaves}
    states = {name: State(name, value=name, initial=name == FROM) for name in names.values()}
    members: dict[str, Any] = dict(states)
    events: dict[str, Any] = {}
    for leaf in plan.leaves:
        for (path, trigger), candidates in plan.handlers.items():
            if leaf != path and not leaf.startswith(f"{path}."):
                continue
            if not trigger.isidentifier():
                continue
            for candidate in candidates:
                move = states[names[leaf]].to(states[names[candidate.leaf or leaf]])
                events[trigger] = events[trigger] | move if trigger in events else move
    members |= events
    members["validate_disconnected_states"] = members["validate_trap_states"] = False
    members["allow_event_without_transition"] = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = type("Disease", (StateMachine,), members)

    def make(model: Any) -> Any:
        machine = made(model)
        return machine.send

    return make
