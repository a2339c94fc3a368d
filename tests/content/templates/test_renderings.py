"""Every rendering is found once, with what must hold for it; what cannot happen is not listed."""

import pytest

from journeys.content.templates import TooManyRenderings, fill, renderings
from tests.samples.sample import made_source, plan, problems_of, template


def found(text, **parts):
    return [(one.text, one.condition) for one in renderings(template(text, **parts), plan())]


def test_a_text_without_conditions_has_one_rendering():
    assert found("Hello {{ goes_by }}", when="goes_by is known") == [("Hello ⟨goes_by⟩", "always")]


def test_values_are_named_placeholders_and_unknown_shows_nothing():
    text = "{% if operable is known %}{% if operable %}yes{% else %}no{% endif %}{% endif %}"
    assert found(text) == [
        ("yes", "operable is known; operable"),
        ("no", "operable is known; not: operable"),
        ("", "not: operable is known"),
    ]


def test_what_excludes_each_other_is_not_combined():
    text = "{% if operable %}a{% endif %}{% if not operable %}b{% endif %}"
    assert [one for one, _ in found(text)] == ["a", "b", ""]


def test_a_coarse_value_is_a_case_of_its_own():
    stages = {"IA": "a", "IB": "b", "I": "c"}
    text = "".join(f"{{% if stage_group == '{stage}' %}}{shown}{{% endif %}}" for stage, shown in stages.items())
    assert sorted(one for one, _ in found(text)) == ["", "ac", "bc", "c"]


def test_a_loop_shows_items_or_nothing():
    text = "{% for one in spread_sites %}- {{ one }}\n{% endfor %}"
    assert [one for one, _ in found(text, when="spread_sites is known")] == ["- ⟨one⟩\n", ""]
    assert [one for one, _ in found(text, when="'brain' in spread_sites")] == ["- ⟨one⟩\n"]


def test_the_same_text_is_listed_once():
    assert len(found("{% if operable %}a{% endif %}{% if smoker %}{% endif %}")) == 2


def test_facts_that_do_not_meet_are_not_multiplied():
    facts = ["operable", "smoker", "goes_by is known", "pack_years > 3", "recently_scanned", "scan_result is known"]
    assert len(found("".join(f"{{% if {fact} %}}{n}{{% endif %}}" for n, fact in enumerate(facts)))) == 64


def test_more_than_sixty_four_are_a_problem():
    facts = ["operable", "smoker", "goes_by is known", "pack_years > 3", "recently_scanned", "scan_result is known"]
    facts.append("'brain' in spread_sites")
    text = "".join(f"{{% if {fact} %}}{n}{{% endif %}}" for n, fact in enumerate(facts))
    with pytest.raises(TooManyRenderings):
        renderings(template(text), plan())
    assert [(one.line, "128 renderings; at most 64" in one.message) for one in problems_of(made_source(text))] == [
        (5, True)
    ]


def test_each_rendering_comes_with_a_world_in_which_it_is_shown():
    text = (
        "{% if stage_group == 'IA' %}a{% endif %}{% if stage_group != 'IA' and operable %}b{% endif %}"
        "{% if recently_scanned %}{{ last_scan_on }}{% endif %}{% if in_state('care.follow_up.due') %}c{% endif %}"
    )
    checked = template(text)
    for one in renderings(checked, plan()):
        assert fill(checked, one.example, lambda value, _: value.placeholder) == one.filled


def test_a_piece_is_enumerated_in_its_own_states_only():
    """The piece stands in `care.follow_up.waiting`."""
    body = "{% if in_state('care.follow_up.due') %}x{% endif %}y\n"
    assert [one.level for one in problems_of(made_source(body))] == ["warning"]
