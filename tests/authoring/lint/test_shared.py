"""A mistake in what a track declares for all its states is one problem."""

from journeys.authoring.lint.shared import reported_once
from journeys.definition.reading import read_journey
from journeys.primitives.problems import Problem
from tests.authoring.lint.checking import SEEN, check

TRACK = """\
        tracks:
          care:
            initial: home
            on:
              {shared}
            states:
              home: {{title: {{en: Home}}, on: {{{home}}}}}
              ward: {{title: {{en: Ward}}}}
              away: {{title: {{en: Away}}}}
        """


def track(shared, home="came: ward"):
    return TRACK.format(shared=shared, home=home)


def test_a_mistake_in_a_shared_transition_is_reported_once():
    check(
        track("came: [{when: 'away_for_long', to: ward}, {otherwise: away}]", "came: away"),
        (5, "condition", "Unknown fact or condition 'away_for_long'."),
        before=SEEN,
    )
    check(
        track("cane: home", "came: [{when: \"visits('care.away') > 1\", to: ward}, {otherwise: away}]"),
        (5, "unknown-trigger", "'cane'. Did you mean 'came'? (In 'on' of 'away'.) The same in 1 other state of the"),
        before=SEEN,
    )


def test_different_mistakes_at_one_place_are_all_reported():
    text = "journey: sample\ntracks:\n  care:\n    initial: home\n    on: {came: [{when: fit, to: ward}]}\n"
    text += "    states: {home: {}, ward: {}, away: {}}\n"
    journey, _ = read_journey(text.encode(), "sample.yaml")
    mark = journey.tracks["care"].states["home"].on[0].mark
    found = [
        Problem("sample.yaml", mark.line, mark.column, "error", "rule", message)
        for message in ("'a' is wrong in 'home'.", "'a' is wrong in 'care.away'.", "'b' is wrong in 'home'.")
    ]
    assert [problem.message for problem in reported_once(found, journey)] == [
        "'a' is wrong in 'care.away'. The same in 1 other state of the track.",
        "'b' is wrong in 'home'.",
    ]


def test_mistakes_of_single_states_are_reported_each():
    check(
        track("came: home", "cane: ward, cone: away"),
        (7, "unknown-trigger", "'cane'"),
        (7, "unknown-trigger", "'cone'"),
        before=SEEN,
    )
