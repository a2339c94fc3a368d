"""What a track declares in its own `on` is declared by each of its outermost states that says nothing else."""

import pytest

from journeys.definition.reading import read_journey

TRACK = """\
journey: sample
title: {en: A sample}
locales: [en]
triggers:
  came: {by: [staff], title: {en: Came}}
  fell: {by: [staff], title: {en: Fell}}
tracks:
  care:
    initial: home
    on:
      came: ward
      fell:
        - {when: "visits('care.ward') > 0", to: ward.bed}
        - {otherwise: stay}
    states:
      home: {title: {en: Home}}
      ward:
        title: {en: Ward}
        initial: bed
        states:
          bed: {title: {en: Bed}}
          chair: {title: {en: Chair}, on: {fell: bed}}
      away: {title: {en: Away}}
"""


def problems_of(text):
    """Return the line and the message of each problem."""
    return [(problem.line, problem.message) for problem in read_journey(text.encode(), "sample.yaml")[1]]


def targets(text):
    """Return by state, then trigger, the targets of its transitions."""
    journey, problems = read_journey(text.encode(), "sample.yaml")
    assert problems == []
    answers = {}
    for path, state in journey.tracks["care"].states.items():
        answers[path] = {}
        for transition in state.on:
            answers[path].setdefault(transition.trigger, []).append(transition.to)
    return answers


def test_outermost_states_share_the_transitions_of_their_track():
    shared = {"came": ["ward"], "fell": ["ward.bed", "stay"]}
    assert targets(TRACK) == {
        "home": shared,
        "ward": {"fell": ["ward.bed", "stay"]},  # it is not left by what leads to it
        "ward.bed": {},
        "ward.chair": {"fell": ["bed"]},
        "away": shared,
    }


def test_shared_and_written_out_are_one_definition():
    """The states of a definition that writes everything out behave as those that share."""
    written = TRACK.replace("    on:\n      came: ward\n", "    on:\n")
    written = written.replace("home: {title: {en: Home}}", "home: {title: {en: Home}, on: {came: ward}}")
    written = written.replace("away: {title: {en: Away}}", "away: {title: {en: Away}, on: {came: ward}}")
    assert targets(written) == targets(TRACK)


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        ("on: {came: away}", {"came": ["away"], "fell": ["ward.bed", "stay"]}),
        ("on: {came: stay}", {"came": ["stay"], "fell": ["ward.bed", "stay"]}),
        ("on: {fell: away}", {"came": ["ward"], "fell": ["away"]}),
        ("ignore: came", {"fell": ["ward.bed", "stay"]}),
        ("ignore: [came, fell]", {}),
        ("ignore: all", {}),
        ("ignore: all, on: {came: away}", {"came": ["away"]}),
    ],
)
def test_a_state_declares_or_ignores_what_its_track_shares(home, expected):
    text = TRACK.replace("home: {title: {en: Home}}", f"home: {{title: {{en: Home}}, {home}}}")
    assert targets(text)["home"] == expected


def test_a_state_enters_itself_again_only_where_it_says_so():
    text = TRACK.replace("        initial: bed\n", "        initial: bed\n        on: {came: ward}\n")
    assert targets(text)["ward"]["came"] == ["ward"]


@pytest.mark.parametrize(
    ("home", "message"),
    [
        (
            "ignore: [left]",
            "'left' in 'ignore' of the state 'home' is not a trigger in the 'on' of its track. "
            "Accepted: 'came', 'fell', or 'all'.",
        ),
        ("ignore: came, on: {came: away}", "The state 'home' declares 'came', and so cannot ignore it."),
        (
            "ignore: [all, came]",
            "'all' in 'ignore' of the state 'home' is not a trigger in the 'on' of its track. "
            "Accepted: 'came', 'fell', or 'all'.",
        ),
    ],
)
def test_only_what_the_track_shares_can_be_ignored(home, message):
    text = TRACK.replace("home: {title: {en: Home}}", f"home: {{title: {{en: Home}}, {home}}}")
    assert problems_of(text) == [(16, message)]


def test_a_state_inside_another_ignores_nothing():
    text = TRACK.replace("bed: {title: {en: Bed}}", "bed: {title: {en: Bed}, ignore: came}")
    message = "'came' in 'ignore' of the state 'ward.bed' is not a trigger in the 'on' of its track."
    assert problems_of(text) == [(21, message)]
