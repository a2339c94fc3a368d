"""Each pattern is a journey without errors or warnings, whose story passes, under the author's own names."""

import pytest

from journeys.authoring.lint import lint_files
from journeys.authoring.patterns import MAX_STATES, UnfitNames, patterns
from journeys.content.catalogue import read_sources
from journeys.primitives.words import PATTERNS
from tests.folders import ROOT
from tests.service.cli.test_commands import run

OWN = {
    "yearly-check": ["eyes_fine", "eyes_to_be_seen"],
    "course": ["referred", "in_chemotherapy_and_immunotherapy", "operated", "rehab", "at_home", "visit_soon", "done"],
    "held-news": ["no_polyp", "polyp", "polyp_removed"],
    "supporting-track": ["coping", "in_distress"],
    "survey": ["quiet", "pain_asked", "pain_to_be_treated"],
}


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("is_own", [False, True], ids=["its names", "own names"])
def test_a_journey_of_each_pattern_lints_clean_and_its_story_passes(tmp_path, name, is_own):
    options = ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]
    stories = tmp_path / "stories"
    own = ["--title", "Tom's care & more: a test", "--states", ",".join(OWN[name])] if is_own else []
    run("new", "journey", "my_care", "--pattern", name, "--stories", stories, *own, *options)
    linted = lint_files(tmp_path / "definitions/my_care.yaml", tmp_path / "content")
    assert [str(problem) for problem in linted.problems] == []
    assert linted.is_publishable
    if is_own:
        assert linted.journey.title["en"] == "Tom's care & more: a test"
        assert set(OWN[name]) <= {path.rpartition(".")[2] for path in linted.journey.state_paths}
    assert "1 journey checked, 0 errors, 0 warnings" in run("lint", *options).stderr  # the persona too
    assert "1 passed, 0 failed" in run("test", stories, *options).output
    sources, _, _ = read_sources(tmp_path / "content/my_care")
    assert all(source.block is not None for source in sources)


def test_the_help_lists_each_pattern_with_a_line():
    shown = " ".join(run("new", "journey", "--help").output.split())
    for pattern in patterns().values():
        assert f"{pattern.name}: {PATTERNS[pattern.name]}" in shown


@pytest.mark.parametrize(
    ("name", "states", "reason"),
    [
        ("yearly-check", ["one"], "takes 2 states, as none_due, due; not 1"),
        ("course", ["one"], "takes 2 to 40 states, not 1"),
        ("course", ["a", "b"] * 30, "takes 2 to 40 states, not 60"),
        ("course", ["a", "B"], "'B' must begin with a lower case letter"),
        ("course", ["a", "a" * 41], "at most 40"),
        ("course", ["a", "stay"], "'stay' is a word of definitions"),
        ("course", ["a", "in"], "'in' is a word of definitions"),
        ("course", ["a", "b", "a"], "'a' is listed twice"),
    ],
)
def test_names_that_a_pattern_does_not_take_are_refused(name, states, reason):
    with pytest.raises(UnfitNames, match=reason):
        patterns()[name].files("care", "Care", states)
    assert reason in " ".join(
        run("new", "journey", "care", "--pattern", name, "--states", ",".join(states), code=2).output.split()
    )


def test_a_key_that_makes_other_keys_too_long_is_refused():
    with pytest.raises(UnfitNames, match="more than 64 characters"):
        patterns()["survey"].files("a" * 60, "Care")


def test_the_manual_lists_each_pattern_with_its_states():
    manual = (ROOT / "docs/authoring.md").read_text()
    for pattern in patterns().values():
        states = ", ".join(f"`{state}`" for state in pattern.states)
        more = f", or any {pattern.at_least} to {MAX_STATES}" if pattern.may_be_more else ""
        assert f"| `{pattern.name}` | {states}{more} |" in manual
