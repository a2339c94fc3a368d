"""O9: whatever is done in whatever order, the service stores what the model says (Hypothesis chooses)."""

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
from tests.faults.model import stored_state
from tests.faults.place import settle

PATIENTS_SAY = ("asked_for_help", "answers_given", "scan_done", "left")
STAFF_SAY = (*PATIENTS_SAY, "scan_result_reported", "recurrence_confirmed", "recurrence_discussed", "review_discussed")
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "smokes": st.booleans(),
        "pack_years": st.integers(0, 60),
        "last_scan_on": st.dates(date(2025, 10, 1), date(2027, 3, 1)).map(str),
    },
)
RESULTS = st.sampled_from(["clear", "unclear", "suspicious"])


def machine_on(ward, counted):
    """Return a machine whose every example is a patient of its own."""

    class Care(RuleBasedStateMachine):
        @initialize(scan=st.sampled_from(["2025-12-31", "2026-01-15", "2026-05-30"]))
        def begin(self, scan) -> None:
            ward.clock.set("2026-07-01T09:00:00")
            self.patient = ward.enroll_patient(f"p{counted.rounds}", facts={"last_scan_on": scan})
            self.told: list = []
            counted.rounds += 1

        def send(self, told: dict, staff: bool) -> None:
            answer = ward.send(self.patient, told, ward.staff if staff else ward.phone)
            assert answer.status == 200, answer.data
            ward.note(self.patient, told, staff=staff)
            counted.acknowledged += 1

        @rule(
            trigger=st.sampled_from(STAFF_SAY),
            staff=st.booleans(),
            facts=FACTS,
            result=RESULTS,
            hours=st.integers(0, 24 * 90),
            day=st.booleans(),
            sequence=st.integers(0, 2),
            is_told=st.booleans(),
        )
        def report(self, trigger, staff, facts, result, hours, day, sequence, is_told) -> None:
            staff = staff or trigger not in PATIENTS_SAY
            if trigger == "scan_result_reported":
                facts = facts | {"scan_result": result}
            at = ward.clock() - timedelta(hours=hours)
            told = {
                "id": f"e{len(self.told)}",
                "type": trigger,
                "occurred_at": f"{at:%Y-%m-%d}" if day else at.isoformat().replace("+00:00", "Z"),
                "facts": facts,
                "sequence": sequence,
            }
            if staff and is_told:
                told["told"] = True
            self.send(told, staff)
            self.told.append((told, staff))

        @precondition(lambda self: self.told)
        @rule(data=st.data())
        def report_again(self, data) -> None:
            told, staff = data.draw(st.sampled_from(self.told))
            answer = ward.send(self.patient, told, ward.staff if staff else ward.phone)
            assert answer.headers["Idempotent-Replay"] == "true"

        @precondition(lambda self: self.told)
        @rule(data=st.data())
        def take_back(self, data) -> None:
            told, staff = data.draw(st.sampled_from(self.told))
            reporter = "clinic" if staff else "app"
            if self.patient.is_taken_back(told["id"], reporter):
                return
            uid = self.patient.uid(told["id"], reporter)
            path = f"/v1/enrollments/{self.patient.id}/events/{uid}/retraction"
            assert ward.post(path, ward.staff, {"reason": "entered_in_error"}).status == 200
            self.patient.take_back(told["id"], reporter=reporter, arrived_at=ward.clock())

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
        def what_is_stored_is_the_models(self) -> None:
            if hasattr(self, "patient"):
                now = ward.clock()
                assert stored_state(ward.service, self.patient.id, now) == self.patient.state(now)

        def teardown(self) -> None:
            if hasattr(self, "patient"):
                settle(counted, ward, [self.patient], verified=False)

    return Care


@pytest.mark.filterwarnings("default")
def test_o9_the_service_is_the_model(place):
    with tally("O9", "model and service, 30 steps each", place.url) as counted, place.open(hurried=True) as ward:
        run_state_machine_as_test(
            machine_on(ward, counted),
            settings=settings(
                max_examples=amount(6, 200),
                stateful_step_count=30,
                deadline=None,
                database=None,
                derandomize=AMOUNT == "quick",
                suppress_health_check=list(HealthCheck),
                phases=(Phase.generate, Phase.shrink),
            ),
        )
