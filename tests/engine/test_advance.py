"""What a step tells the outside: effects once, records of every revision, and what the patient may see."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from journeys.engine import MAX_AHEAD, Event, Report, Retraction, admit, read, verify
from journeys.engine.advance import MOST_ENDED
from journeys.primitives.errors import Refused
from tests.engine.conftest import bench_of, day


def actions(step):
    return [(effect.action, effect.name) for effect in step.effects]


def kinds(step):
    return [record.kind for record in step.records]


def test_a_reminder_is_emitted_once_and_cleared_when_its_stay_ends(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    assert actions(bench.wait("2026-07-29")) == [("open", "remind scan-reminder P14D")]
    assert actions(bench.wait("2026-08-01")) == []
    assert actions(bench.report("scan_done", "2026-08-05", last_scan_on="2026-08-05")) == [
        ("clear", "remind scan-reminder P14D")
    ]


def test_a_service_that_was_down_sends_nothing_for_stays_that_are_over(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    step = bench.wait("2026-12-01")
    assert bench.states["disease"] == "surveillance.overdue"
    assert actions(step) == [("open", "task")]
    assert [result.at.date().isoformat() for result in step.timers] == ["2026-07-15", "2026-07-29", "2026-08-14"]


def test_a_late_event_clears_what_it_makes_needless_and_says_so(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.wait("2026-09-01")
    step = bench.report("scan_done", "2026-07-20", arrives="2026-09-02", last_scan_on="2026-07-20")
    assert bench.states["disease"] == "surveillance.waiting_for_result"
    assert actions(step) == [("clear", "task")]
    assert step.cleared == ("task",)
    assert "undone" in kinds(step), "the timers that should not have fired are named"
    assert step.stays_undone


def test_a_task_that_was_cleared_by_mistake_opens_again_when_the_mistake_is_taken_back(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.wait("2026-09-01")
    bench.report("scan_done", "2026-09-02", last_scan_on="2026-09-02")
    assert actions(bench.retract(1, "2026-09-03")) == [("reopen", "task")]
    assert bench.states["disease"] == "surveillance.overdue"


WORRIES = """
triggers:
  asked: {by: [patient], title: {en: Asked}}
  met: {by: [staff], title: {en: Met}}
tracks:
  support:
    initial: calm
    states:
      calm: {title: {en: Calm}, on: {asked: worried}}
      worried:
        title: {en: Worried}
        task: {for: care_team, within: P1D, title: Call}
        on: {met: calm}
"""


def test_the_ledger_does_not_grow_with_the_years():
    bench, opened = bench_of(WORRIES), 0
    bench.enroll("2026-01-15", entry=None)
    for year in range(2027, 2027 + MOST_ENDED + 5):
        opened += len(bench.report("asked", f"{year}-01-20", by="patient").effects)
        bench.report("met", f"{year}-02-20")
        assert len(bench.enrollment.ledger) <= MOST_ENDED + 1
    assert opened == MOST_ENDED + 5


def test_effects_are_cleared_in_an_order_that_does_not_say_when_they_were_emitted(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.enrollment = replace(bench.enrollment, ledger={"b": ("open", "second"), "a": ("open", "first")})
    assert bench.wait("2026-01-16").cleared == ("first", "second")


def test_when_everything_is_taken_back_nothing_stays_to_be_done(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    assert actions(bench.wait("2026-09-01")) == [("open", "task")]
    assert actions(bench.retract(0, "2026-09-02")) == [("clear", "task")]
    assert bench.enrollment.state is None


def test_an_event_closes_the_task_that_names_it(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.wait("2026-09-01")
    assert actions(bench.report("called", "2026-09-02")) == [("done", "task")]
    assert bench.states["disease"] == "surveillance.overdue"


def test_a_rescheduled_date_reminds_again_and_the_same_date_does_not(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.report("scan_booked", "2026-02-01", scan_booked_for="2026-02-20")
    first = actions(bench.wait("2026-02-18"))
    assert first == [("open", "remind scan-soon -P3D from scan_booked_for@2026-02-20")]
    bench.report("told_us", "2026-02-18", scan_booked_for="2026-03-20")
    assert actions(bench.wait("2026-03-18")) == [("open", "remind scan-soon -P3D from scan_booked_for@2026-03-20")]
    bench.report("told_us", "2026-03-18", scan_booked_for="2026-02-20")
    assert actions(bench.wait("2026-03-19")) == []


class TestHeld:
    """Bad news is never first heard from an app."""

    def recurrence(self, bench, on="2026-08-13", arrives=None):
        bench.enroll("2026-01-15", last_scan_on="2026-01-15")
        bench.report("scan_done", "2026-08-05", last_scan_on="2026-08-05")
        return bench.report("scan_result_reported", on, arrives=arrives, scan_result="suspicious")

    def test_the_patients_own_reports_go_on_in_the_told_view(self, bench):
        step = self.recurrence(bench)
        assert actions(step) == [("open", "tell")]
        step = bench.report("low_mood", "2026-08-14", by="patient")
        assert bench.states == {"disease": "recurrence", "support": "low"}
        assert bench.patient_sees == {"disease": "surveillance.waiting_for_result", "support": "low"}
        assert [result.outcome for result in step.view_results.values()] == ["advanced"]

    def test_time_goes_on_in_the_told_view(self, bench):
        self.recurrence(bench)
        bench.report("low_mood", "2026-08-14", by="patient")
        assert actions(bench.wait("2026-08-22")) == [("open", "remind mood-reminder P7D")]
        step = bench.report("recurrence_discussed", "2026-08-23")
        assert actions(step) == [("done", "tell")]
        assert bench.patient_sees == {"disease": "recurrence", "support": "low"}

    def test_what_staff_report_meanwhile_is_withheld_and_told_with_the_news(self, bench):
        self.recurrence(bench)
        bench.report("told_us", "2026-08-14", stage="IA", edition="9")
        assert "stage" not in bench.enrollment.view.facts
        bench.report("recurrence_discussed", "2026-08-23")
        assert bench.enrollment.view is bench.enrollment.state
        assert "stage" in bench.enrollment.view.facts

    def test_a_held_event_that_is_reported_late_does_not_turn_the_view_back(self, bench):
        bench.enroll("2026-01-15", last_scan_on="2026-01-15")
        bench.report("scan_done", "2026-08-05", last_scan_on="2026-08-05")
        bench.report("low_mood", "2026-08-20", by="patient")
        bench.report("scan_result_reported", "2026-08-13", arrives="2026-08-21", scan_result="suspicious")
        assert bench.patient_sees == {"disease": "surveillance.waiting_for_result", "support": "low"}

    def test_told_with_the_event_itself_holds_nothing(self, bench):
        bench.enroll("2026-01-15", last_scan_on="2026-01-15")
        bench.report("scan_done", "2026-08-05", last_scan_on="2026-08-05")
        step = bench.report("scan_result_reported", "2026-08-13", told=True, scan_result="suspicious")
        assert actions(step) == []
        assert bench.held == []

    def test_bad_news_that_is_put_right_must_be_told_anew(self, bench):
        self.recurrence(bench)
        bench.report("told_us", "2026-08-14", stage="IA", edition="9")
        uid = bench.log[-2].uid
        step = bench.report(
            "scan_result_reported", "2026-08-12", arrives="2026-08-15", replaces=uid, scan_result="suspicious"
        )
        assert bench.states["disease"] == "recurrence"
        assert bench.patient_sees["disease"] == "surveillance.waiting_for_result"
        assert "stage" not in bench.enrollment.view.facts, "what waited for the news before waits for this news"
        assert sorted(actions(step)) == [("clear", "tell"), ("open", "tell")], "nobody has told the patient"

    def test_bad_news_that_is_taken_back_needs_no_telling(self, bench):
        self.recurrence(bench)
        bench.report("told_us", "2026-08-14", stage="IA", edition="9")
        step = bench.retract(-2, "2026-08-15")
        assert actions(step) == [("clear", "tell")]
        assert bench.held == []
        assert "stage" in bench.enrollment.view.facts

    def test_a_telling_that_is_taken_back_told_nothing(self, bench):
        self.recurrence(bench)
        bench.report("recurrence_discussed", "2026-08-23")
        step = bench.retract(-1, "2026-08-24")
        assert actions(step) == [("reopen", "tell")]
        assert bench.patient_sees["disease"] == "surveillance.waiting_for_result"

    def test_a_telling_of_a_time_before_the_news_tells_nothing(self, bench):
        self.recurrence(bench)
        bench.report("recurrence_discussed", "2026-08-12", arrives="2026-08-24")
        assert bench.held == ["disease.recurrence"]

    def test_a_telling_beside_a_retraction_is_done_and_not_cleared(self, bench):
        self.recurrence(bench)
        bench.report("low_mood", "2026-08-14", by="patient")
        telling = Report("t", "recurrence_discussed", "clinic", "staff", day("2026-08-15"))
        arrivals = [
            admit(bench.release.plan, "e", telling, day("2026-08-15")),
            Retraction(bench.log[-1].uid, "entered_in_error", "clinic", day("2026-08-15")),
        ]
        assert ("done", "tell") in actions(bench.step(arrivals, "2026-08-15"))

    def test_an_end_is_shown_and_nothing_more_is_sent(self, bench):
        self.recurrence(bench)
        step = bench.report("deceased", "2026-08-14")
        assert actions(step) == [("clear", "tell")]
        assert bench.enrollment.state.ended.trigger == "deceased"
        assert bench.enrollment.state.next_due_at is None


def test_an_event_waits_for_a_fact_and_goes_on_at_the_time_of_the_fact(bench):
    bench.enroll("2026-01-15")
    bench.report("scan_done", "2026-02-01", last_scan_on="2026-02-01")
    step = bench.report("scan_result_reported", "2026-02-05")
    result = next(iter(step.results.values()))
    assert (result.outcome, result.waiting_for) == ("waiting", ("scan_result",))
    bench.report("told_us", "2026-02-09", scan_result="clear")
    assert bench.states["disease"] == "surveillance.next"
    assert bench.enrollment.state.tracks["disease"][-1].since == day("2026-02-09")
    assert bench.enrollment.state.waiting == ()


def test_reading_stores_nothing_and_fires_what_is_due(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    seen = read(bench.releases, bench.enrollment, day("2026-07-16"))
    assert seen.state.tracks["disease"][-1].state == "surveillance.due"
    assert bench.states["disease"] == "surveillance.next"


def test_a_clock_that_went_back_undoes_nothing(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.wait("2026-07-16")
    assert actions(bench.wait("2026-01-20")) == []
    assert bench.states["disease"] == "surveillance.due"


def test_verify_finds_nothing_in_what_was_stored_and_a_state_that_was_tampered_with(bench):
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.report("scan_done", "2026-08-05", last_scan_on="2026-08-05")
    bench.report("scan_result_reported", "2026-08-13", scan_result="suspicious")
    assert verify(bench.releases, bench.enrollment, bench.log) == []
    bench.wait("2026-08-18")
    assert verify(bench.releases, bench.enrollment, bench.log) == []
    stored = bench.enrollment.to_stored()
    stored["state"]["visits"]["disease.recurrence"] = 2
    stored["told"]["state"]["facts"] = {}
    tampered = type(bench.enrollment).from_stored(stored)
    assert [difference.part for difference in verify(bench.releases, tampered, bench.log)] == ["state", "told"]


class TestAdmission:
    """The caller's mistakes are refused, every field at once, and name what would be accepted."""

    def refused(self, bench, **changes):
        values = {"id": "1", "type": "scan_done", "reporter": "app", "by": "patient", "at": day("2026-01-15")}
        with pytest.raises(Refused) as caught:
            admit(bench.release.plan, "e", Report(**(values | changes)), day("2026-01-15"))
        return {name: " ".join(texts) for name, texts in caught.value.fields.items()}

    def test_an_unknown_trigger_is_named_with_the_nearest(self, bench):
        assert "Did you mean 'scan_done'?" in self.refused(bench, type="scan_dome")["type"]

    def test_a_reporter_who_may_not_report_it(self, bench):
        assert "may be reported by staff" in self.refused(bench, type="called")["type"]

    def test_undeclared_facts_and_values_outside_their_type(self, bench):
        errors = self.refused(bench, facts={"last_scan": "2026-01-01", "last_scan_on": "soon"})
        assert "Did you mean 'last_scan_on'?" in errors["facts.last_scan"]
        assert "a date such as 2026-01-15" in errors["facts.last_scan_on"]

    def test_a_fact_that_the_reporter_may_not_tell(self, bench):
        assert "by staff, not by patient" in self.refused(bench, facts={"scan_result": "clear"})["facts.scan_result"]

    def test_half_a_group(self, bench):
        assert "reported together: stage, edition" in self.refused(bench, facts={"stage": "IA"})["facts.edition"]

    def test_a_patient_cannot_say_told(self, bench):
        assert "Only staff" in self.refused(bench, told=True)["told"]

    def test_a_time_ahead_counts_as_its_arrival_up_to_five_minutes(self, bench):
        now = day("2026-01-15")
        report = Report("1", "scan_done", "app", "patient", now + MAX_AHEAD)
        assert admit(bench.release.plan, "e", report, now).at == now
        assert "future" in self.refused(bench, at=now + MAX_AHEAD * 2)["occurred_at"]

    def test_a_year_that_is_a_slip_is_refused(self, bench):
        assert "check the year" in self.refused(bench, at=day("0026-01-15"))["occurred_at"]

    def test_tomorrows_day_told_minutes_before_it_begins_is_the_instant_of_its_arrival(self, bench):
        now = day("2026-01-15T23:57:00")
        report = Report("1", "scan_done", "app", "patient", day("2026-01-16"), day=True)
        event = admit(bench.release.plan, "e", report, now)
        assert (event.at, event.day) == (now, False)
        assert Event.from_stored(event.to_stored()) == event

    @pytest.mark.parametrize(
        ("now", "zone", "today"),
        [
            ("2026-08-05T20:00:00", "Pacific/Auckland", "2026-08-06"),
            ("2026-08-05T10:00:00", "Pacific/Kiritimati", "2026-08-06"),
            ("2026-08-05T15:00:00", "Asia/Tokyo", "2026-08-06"),
            ("2026-12-31T22:30:00", "Africa/Cairo", "2027-01-01"),
            ("2026-08-05T14:57:00", "Asia/Tokyo", "2026-08-06"),  # three minutes before midnight there
        ],
    )
    def test_a_day_that_has_begun_where_the_patient_lives_counts_as_its_arrival(self, bench, now, zone, today):
        report = Report("1", "scan_done", "app", "patient", day(today), day=True)
        event = admit(bench.release.plan, "e", report, day(now), zone=ZoneInfo(zone))
        assert (event.at, event.day) == (day(now), False)
        with pytest.raises(Refused):
            admit(
                bench.release.plan,
                "e",
                replace(report, at=report.at + timedelta(days=1)),
                day(now),
                zone=ZoneInfo(zone),
            )
        with pytest.raises(Refused):  # an instant is the same everywhere
            admit(bench.release.plan, "e", replace(report, at=day(today), day=False), day(now), zone=ZoneInfo(zone))

    @pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Pago_Pago", "UTC"])
    def test_a_day_that_has_begun_in_utc_is_kept_as_a_day(self, bench, zone):
        report = Report("1", "scan_done", "app", "patient", day("2026-08-06"), day=True)
        event = admit(bench.release.plan, "e", report, day("2026-08-06T01:00:00"), zone=ZoneInfo(zone))
        assert (event.at, event.day) == (day("2026-08-06"), True)

    def test_every_field_at_once(self, bench):
        errors = self.refused(bench, type="called", told=True, facts={"stage": "X"})
        assert {"type", "told", "facts.stage", "facts.edition"} <= set(errors)
