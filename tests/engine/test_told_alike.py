"""What is withheld decides nothing about what an own report tells: two pairs of twins."""

import pytest

from journeys.engine.fold import MAX_AUTOMATIC_STEPS
from tests.engine.conftest import bench_of

TWO_TRACKS = """
triggers:
  moved: {by: [patient, staff], title: {en: Moved}}
  go: {by: [staff], title: {en: Go}}
  a_told: {by: [staff], title: {en: A told}}
  b_told: {by: [staff], title: {en: B told}}
tracks:
  one:
    initial: before
    states:
      before: {title: {en: Before}, on: {moved: held_a}}
      held_a: {title: {en: A}, hold_until: a_told, on: {a_told: stay}}
  two:
    initial: before
    states:
      before: {title: {en: Before}, on: {go: held_b}}
      held_b: {title: {en: B}, hold_until: b_told, on: {b_told: stay}}
"""


@pytest.mark.parametrize("is_informed", [True, False])
def test_a_withheld_telling_tells_no_later_news(is_informed):
    bench = bench_of(TWO_TRACKS)
    bench.enroll("2026-01-15", entry=None)
    if is_informed:
        bench.report("go", "2026-02-01")
        bench.report("a_told", "2026-02-05")
    bench.report("moved", "2026-02-03", by="patient", arrives="2026-02-10")
    assert bench.patient_sees["one"] == "before"
    if is_informed:
        bench.report("b_told", "2026-02-12")
        assert bench.held == []
        assert bench.patient_sees == {"one": "held_a", "two": "held_b"}


@pytest.mark.parametrize("is_informed", [True, False])
def test_what_an_event_tells_in_the_told_view_is_told(is_informed):
    """The patient knows the state by the event of 1 March; an own report of February says since when."""
    bench = bench_of(TWO_TRACKS)
    bench.enroll("2026-01-15", entry=None)
    bench.report("moved", "2026-03-01", told=True)
    if is_informed:
        bench.report("moved", "2026-01-20", arrives="2026-03-05")
    bench.report("moved", "2026-02-03", by="patient", arrives="2026-03-10")
    since = bench.enrollment.view.tracks["one"][-1].since
    assert f"{since:%Y-%m-%d}" == "2026-02-03"


def test_firings_that_do_not_take_use_up_no_steps():
    """Each day a timer would show the news, then another track moves; more often than an instant may have steps."""
    days = MAX_AUTOMATIC_STEPS + 5
    firings = ", ".join(f"{{delay: P{day}D, to: held}}" for day in range(1, days + 1))
    bench = bench_of(
        f"""
triggers:
  told: {{by: [staff], title: {{en: Told}}}}
tracks:
  one:
    initial: before
    states:
      before: {{title: {{en: Before}}, after: [{firings}]}}
      held: {{title: {{en: Held}}, hold_until: told, on: {{told: stay}}}}
  two:
    initial: even
    states:
      even: {{title: {{en: Even}}, after: [{{delay: P1D, to: odd}}]}}
      odd: {{title: {{en: Odd}}, after: [{{delay: P1D, to: even}}]}}
"""
    )
    bench.enroll("2026-01-01", entry=None)
    bench.wait("2026-02-01")
    assert bench.enrollment.view.visits["two.odd"] == (days + 1) // 2 + 1
    assert bench.patient_sees == {"one": "before", "two": bench.states["two"]}
