"""What a patient says of a piece is kept by the fold, moves nothing, and is asked of nobody else."""

import pytest

from journeys.engine import Report, admit
from journeys.primitives.errors import Refused
from tests.engine.conftest import day

PIECES = ("scan-plan", "where-to-ask")


def report(bench, at="2026-02-01", **more):
    values = {"id": f"{more.get('type', 'seen')}-{at}", "type": "seen", "reporter": "app", "by": "patient"} | more
    return Report(at=day(at), piece=values.pop("piece", "scan-plan"), **values)


def report_mark(bench, **more):
    at = more.get("at", "2026-02-01")
    event = admit(bench.release.plan, "e", report(bench, **more), day(at), PIECES)
    return bench.step([event], at)


def test_the_latest_mark_of_each_kind_stays(bench):
    bench.enroll("2026-01-15")
    step = report_mark(bench, at="2026-03-01")
    (result,) = step.results.values()
    assert (result.outcome, dict(result.by_track)) == ("stayed", {"disease": "stayed", "support": "stayed"})
    report_mark(bench, at="2026-02-01")  # late
    report_mark(bench, at="2026-03-02", type="helpful", piece="where-to-ask")
    assert bench.enrollment.state.marks == {
        "scan-plan": {"seen": "2026-03-01T00:00:00Z"},
        "where-to-ask": {"helpful": "2026-03-02T00:00:00Z"},
    }


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"piece": "scan-paln"}, "piece", "Did you mean 'scan-plan'?"),
        ({"piece": None}, "piece", "This field is required with 'seen'"),
        ({"by": "staff"}, "type", "may be reported by patient, not by staff"),
        ({"by": "family"}, "type", "may be reported by patient, not by family"),
        ({"facts": {"stage": "I"}}, "facts", "'seen' accepts no facts."),
        ({"type": "low_mood"}, "piece", "This field is accepted only with seen, dismissed and helpful."),
        ({"type": "sene"}, "type", "Unknown event 'sene'."),
    ],
)
def test_what_is_no_mark_is_refused_by_its_field(bench, more, field, words):
    with pytest.raises(Refused) as refused:
        report_mark(bench, **more)
    assert words in refused.value.fields[field][0]
