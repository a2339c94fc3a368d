"""Every rendering is found once, with what must hold for it; what cannot happen is not listed."""

import pytest

from journeys.content.templates import TooManyRenderings, fill, renderings
from tests.samples.sample import made_source, plan, problems_of, template


def texts_and_conditions(text, **parts):
    return [(rendering.text, rendering.condition) for rendering in renderings(template(text, **parts), plan())]


def test_a_text_without_conditions_has_one_rendering():
    assert texts_and_conditions("Hello {{ goes_by }}", when="goes_by is known") == [("Hello ⟨goes_by⟩", "always")]


def test_values_are_named_placeholders_and_unknown_shows_nothing():
    text = "{% if operable is known %}{% if operable %}yes{% else %}no{% endif %}{% endif %}"
    assert texts_and_conditions(text) == [
        ("yes", "operable is known; operable"),
        ("no", "operable is known; not: operable"),
        ("", "not: operable is known"),
    ]


def test_what_excludes_each_other_is_not_combined():
    text = "{% if operable %}a{% endif %}{% if not operable %}b{% endif %}"
    assert [text for text, _ in texts_and_conditions(text)] == ["a", "b", ""]


def test_a_coarse_value_is_a_case_of_its_own():
    stages = {"IA": "a", "IB": "b", "I": "c"}
    text = "".join(f"{{% if stage_group == '{stage}' %}}{shown}{{% endif %}}" for stage, shown in stages.items())
    assert sorted(text for text, _ in texts_and_conditions(text)) == ["", "ac", "bc", "c"]


def test_a_loop_shows_items_or_nothing():
    text = "{% for one in spread_sites %}- {{ one }}\n{% endfor %}"
    assert [text for text, _ in texts_and_conditions(text, when="spread_sites is known")] == ["- ⟨one⟩\n", ""]
    assert [text for text, _ in texts_and_conditions(text, when="'brain' in spread_sites")] == ["- ⟨one⟩\n"]


def test_the_same_text_is_listed_once():
    assert len(texts_and_conditions("{% if operable %}a{% endif %}{% if smoker %}{% endif %}")) == 2


def test_facts_that_do_not_meet_are_not_multiplied():
    facts = ["operable", "smoker", "goes_by is known", "pack_years > 3", "recently_scanned", "scan_result is known"]
    assert (
        len(texts_and_conditions("".join(f"{{% if {fact} %}}{n}{{% endif %}}" for n, fact in enumerate(facts)))) == 64
    )


def test_more_than_sixty_four_are_a_problem():
    facts = ["operable", "smoker", "goes_by is known", "pack_years > 3", "recently_scanned", "scan_result is known"]
    facts.append("'brain' in spread_sites")
    text = "".join(f"{{% if {fact} %}}{n}{{% endif %}}" for n, fact in enumerate(facts))
    with pytest.raises(TooManyRenderings):
        renderings(template(text), plan())
    assert [
        (problem.line, "128 renderings; at most 64" in problem.message) for problem in problems_of(made_source(text))
    ] == [(5, True)]


def test_each_rendering_comes_with_a_world_in_which_it_is_shown():
    text = (
        "{% if stage_group == 'IA' %}a{% endif %}{% if stage_group != 'IA' and operable %}b{% endif %}"
        "{% if recently_scanned %}{{ last_scan_on }}{% endif %}{% if in_state('care.follow_up.due') %}c{% endif %}"
    )
    checked = template(text)
    for rendering in renderings(checked, plan()):
        assert fill(checked, rendering.example, lambda value, _: value.placeholder) == rendering.filled


def test_a_piece_is_enumerated_in_its_own_states_only():
    """The piece is shown in `care.follow_up.waiting`."""
    body = "{% if in_state('care.follow_up.due') %}x{% endif %}y\n"
    assert [problem.level for problem in problems_of(made_source(body))] == ["warning"]
