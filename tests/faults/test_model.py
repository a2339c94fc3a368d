"""O9: for any operations in any order, the service stores the state of the model (chosen by Hypothesis)."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.faults.counting import AMOUNT, amount, tally
from tests.faults.deployment import settle
from tests.faults.model import stored_state

PATIENT_TRIGGERS = ("asked_for_help", "answers_given", "scan_done", "left")
STAFF_TRIGGERS = (
    *PATIENT_TRIGGERS,
    "scan_result_reported",
    "recurrence_confirmed",
    "recurrence_discussed",
    "review_discussed",
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "smokes": st.booleans(),
        "pack_years": st.integers(0, 60),
        "last_scan_on": st.dates(date(2025, 10, 1), date(2027, 3, 1)).map(str),
    },
)
RESULTS = st.sampled_from(["clear", "unclear", "suspicious"])


def machine_on(ward, counts):
    """Return a state machine in which each example is a new patient."""

    class Care(RuleBasedStateMachine):
        @initialize(scan=st.sampled_from(["2025-12-31", "2026-01-15", "2026-05-30"]))
        def begin(self, scan) -> None:
            ward.clock.set("2026-07-01T09:00:00")
            self.patient = ward.enroll_patient(f"p{counts.rounds}", facts={"last_scan_on": scan})
            self.reports: list = []
            counts.rounds += 1

        def send(self, body: dict, staff: bool) -> None:
            answer = ward.send(self.patient, body, ward.staff if staff else ward.phone)
            assert answer.status == 200, answer.data
            ward.note_event(self.patient, body, staff=staff)
            counts.acknowledged += 1

        def sent(self, trigger: str, hours: int, **more) -> dict:
            at = (ward.clock() - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
            return {"id": f"e{len(self.reports)}", "type": trigger, "occurred_at": at, **more}

        def note(self, body: dict, staff: bool) -> None:
            self.send(body, staff)
            self.reports.append((body, staff))

        @rule(staff=st.booleans(), facts=FACTS, hours=st.integers(0, 24 * 90))
        def answer(self, staff, facts, hours) -> None:
            self.note(self.sent("answered", hours, facts=facts or {"smokes": True}), staff)

        @rule(
            question=st.sampled_from(["smokes", "pack_years", "stage"]),
            hours=st.integers(0, 24 * 90),
            days=st.none() | st.integers(100, 200),
        )
        def mark_question(self, question, hours, days) -> None:
            body = self.sent("seen" if days is None else "later", hours, question=question)
            if days is not None:
                body["until"] = f"{ward.clock() + timedelta(days=days):%Y-%m-%d}"
            self.note(body, False)

        @rule(
            trigger=st.sampled_from(STAFF_TRIGGERS),
            staff=st.booleans(),
            facts=FACTS,
            result=RESULTS,
            hours=st.integers(0, 24 * 90),
            day=st.booleans(),
            sequence=st.integers(0, 2),
            is_told=st.booleans(),
        )
        def report(self, trigger, staff, facts, result, hours, day, sequence, is_told) -> None:
            staff = staff or trigger not in PATIENT_TRIGGERS
            if trigger == "scan_result_reported":
                facts = facts | {"scan_result": result}
            at = ward.clock() - timedelta(hours=hours)
            body = {
                "id": f"e{len(self.reports)}",
                "type": trigger,
                "occurred_at": f"{at:%Y-%m-%d}" if day else at.isoformat().replace("+00:00", "Z"),
                "facts": facts,
                "sequence": sequence,
            }
            if staff and is_told:
                body["told"] = True
            self.send(body, staff)
            self.reports.append((body, staff))

        @precondition(lambda self: self.reports)
        @rule(data=st.data())
        def report_again(self, data) -> None:
            body, staff = data.draw(st.sampled_from(self.reports))
            answer = ward.send(self.patient, body, ward.staff if staff else ward.phone)
            assert answer.headers["Idempotent-Replay"] == "true"

        @precondition(lambda self: self.reports)
        @rule(data=st.data())
        def retract(self, data) -> None:
            body, staff = data.draw(st.sampled_from(self.reports))
            reporter = "clinic" if staff else "app"
            if self.patient.is_retracted(body["id"], reporter):
                return
            uid = self.patient.uid(body["id"], reporter)
            path = f"/v1/enrollments/{self.patient.id}/events/{uid}/retraction"
            assert ward.post(path, ward.staff, {"reason": "entered_in_error"}).status == 200
            self.patient.note_retraction(body["id"], reporter=reporter, arrived_at=ward.clock())

        @rule(hours=st.sampled_from([1, 24, 24 * 14, 24 * 31, 24 * 100]))
        def time_passes(self, hours) -> None:
            ward.clock.pass_by(hours=hours)

        @rule()
        def timers_fire(self) -> None:
            ward.worker().fire_all()

        @rule(staff=st.booleans())
        def read(self, staff) -> None:
            assert ward.read(self.patient.id, ward.staff if staff else ward.phone)["id"] == self.patient.id

        @invariant()
        def stored_state_is_that_of_the_model(self) -> None:
            if hasattr(self, "patient"):
                now = ward.clock()
                assert stored_state(ward.service, self.patient.id, now) == self.patient.state(now)

        def teardown(self) -> None:
            if hasattr(self, "patient"):
                settle(counts, ward, [self.patient], verified=False)

    return Care


@pytest.mark.filterwarnings("default")
def test_o9_the_service_stores_the_state_of_the_model(deployment):
    with (
        tally("O9", "model and service, 30 steps each", deployment.url) as counts,
        deployment.open(hurried=True) as ward,
    ):
        run_state_machine_as_test(
            machine_on(ward, counts),
            settings=settings(
                max_examples=amount(6, 200),
                stateful_step_count=30,
                database=None,
                derandomize=AMOUNT == "quick",
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            ),
        )
