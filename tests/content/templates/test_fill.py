"""Filling a template follows three-valued conditions and keeps values apart from words."""

import pytest

from journeys.content.templates import UnknownValue, fill
from journeys.definition.facts import DECLINED
from tests.samples.sample import template, world


def filled(text, when=None, **values):
    filled = fill(template(text, when=when), world(**values), lambda _, fact: f"<{fact}>")
    return filled.text.replace("\ue000", "[").replace("\ue001", "]"), filled.values


@pytest.mark.parametrize(("facts", "shown"), [({"operable": True}, "yes"), ({"operable": False}, "no"), ({}, "")])
def test_an_unknown_condition_takes_no_arm_not_even_else(facts, shown):
    text = "{% if operable is known %}{% if operable %}yes{% else %}no{% endif %}{% endif %}"
    assert filled(text, **facts)[0] == shown


def test_an_unknown_condition_is_neither_true_nor_false():
    text = "{% if operable %}yes{% endif %}{% if not operable %}no{% endif %}"
    assert filled(text)[0] == ""
    assert filled(text, operable=DECLINED)[0] == ""


def test_a_coarse_value_leaves_a_finer_question_open():
    text = "{% if stage_group == 'IA' %}a{% endif %}{% if stage_group != 'IA' %}b{% endif %}"
    assert [filled(text, stage_group=stage)[0] for stage in ("I", "IA", "IB", "II")] == ["", "a", "b", "b"]


def test_a_loop_goes_through_a_set_in_declared_order():
    text = "{% if spread_sites is known %}{% for one in spread_sites %}{{ one }} {% endfor %}{% endif %}"
    assert filled(text, spread_sites=["bone", "brain"]) == ("[0] [1] ", ("<brain>", "<bone>"))
    assert filled(text, spread_sites=[]) == ("", ())


def test_values_are_numbers_in_the_text():
    assert filled("Hello {{ goes_by }}!", when="goes_by is known", goes_by="{{7*7}}") == ("Hello [0]!", ("<{{7*7}}>",))


def test_lines_that_hold_only_a_tag_leave_no_line():
    assert filled("a\n{% if operable %}\nb\n{% endif %}\nc\n", operable=True)[0] == "a\nb\nc\n"
    assert filled("a\n{% include 'p' %}\n\nc\n".replace("{% include 'p' %}\n", ""))[0] == "a\n\nc\n"


def test_a_partial_keeps_its_last_line_break():
    filled = fill(template("{% include 'p' %}\n\nb\n", partials={"p": "a\n"}), world(), lambda *_: "")
    assert filled.text == "a\n\nb\n"


def test_a_value_that_is_not_known_after_all_is_an_error_and_no_blank():
    with pytest.raises(UnknownValue, match="goes_by"):
        filled("{{ goes_by }}", when="goes_by is known", goes_by=DECLINED)
