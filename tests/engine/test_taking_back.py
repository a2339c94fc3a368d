"""Retracting a replacement brings back what it replaced; a retracted event stays retracted."""

import pytest

from journeys.engine import verify


def reports(bench):
    """Three days: the stage, corrected, and corrected again; the positions in the log are 1, 2 and 3."""
    bench.enroll("2026-01-15", last_scan_on="2026-01-15")
    bench.report("told_us", "2026-02-01", stage="IA", edition="8")
    bench.report("told_us", "2026-02-02", replaces=bench.log[1].uid, stage="IB", edition="8")
    bench.report("told_us", "2026-02-03", replaces=bench.log[2].uid, stage="II", edition="8")


@pytest.mark.parametrize(
    ("retracted", "stage"),
    [
        ([], "II"),
        ([3], "IB"),
        ([3, 2], "IA"),
        ([2, 3], "IA"),
        ([3, 2, 1], None),
        ([1, 3, 2], None),
        ([2], "II"),
        ([1], "II"),
        ([1, 3], "IB"),
    ],
)
def test_the_last_valid_correction_counts(bench, retracted, stage):
    reports(bench)
    for number, position in enumerate(retracted):
        bench.retract(position, f"2026-03-0{number + 1}")
    fact = bench.enrollment.state.facts.get("stage")
    assert (fact.value if fact is not None else None) == stage
    assert verify(bench.releases, bench.enrollment, bench.log) == []


def test_the_event_that_counts_again_is_in_the_history(bench):
    reports(bench)
    step = bench.retract(3, "2026-03-01")
    lines = [(record.kind, record.item) for record in step.records]
    assert ("restored", bench.log[2].uid) in lines
    assert ("event", bench.log[2].uid) not in lines


def test_a_correction_of_what_counts_again(bench):
    reports(bench)
    bench.retract(3, "2026-03-01")
    bench.report("told_us", "2026-03-02", replaces=bench.log[2].uid, stage="I", edition="9")
    assert bench.enrollment.state.facts["stage"].value == "I"
    bench.retract(5, "2026-03-03")
    assert bench.enrollment.state.facts["stage"].value == "IB"
