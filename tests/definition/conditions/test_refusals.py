"""Everything outside the condition language is refused by a ConditionError that says what is accepted."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journeys.definition.conditions import ConditionError, Named, compile_condition, parse_condition
from tests.definition.conditions.worlds import KINDS, NAMED, SCOPE, world

REFUSED = {
    # calls and attributes
    "a()": "'a' cannot be called. Accepted: days_in_state, days_since, in_state, visits.",
    "eval('1')": "'eval' cannot be called.",
    "super()": "'super' cannot be called.",
    "visit('care.ward') > 1": "'visit' is not a number. Did you mean 'visits'?",
    "a.__class__": "an attribute ('.') is not part of the condition language",
    "''.__class__.__mro__": "an attribute ('.') is not part of the condition language",
    "a['__class__']": "an index ('[…]') is not part of the condition language",
    "sites[0] == 'bone'": "an index ('[…]') cannot be used here",
    "packs.bit_length() > 1": "'' is not a number.",
    "cycler.__init__.__globals__": "an attribute ('.') is not part of the condition language",
    # filters, tests, arithmetic
    "a|list": "a filter ('|') is not part of the condition language",
    "a|attr('x')|attr('y')": "a filter ('|') is not part of the condition language",
    "a is defined": "'is defined' is not part of the condition language. Accepted: 'is known'.",
    "packs is divisibleby(3)": "'is divisibleby' is not part of the condition language",
    "packs + 1 > 3": "'+' cannot be used here. Use a declared fact.",
    "packs > 1 + 2": "Compare with a constant, not with '+'.",
    "10 ** 10 ** 10 > packs": "Compare with a constant, not with 'packs'. 'packs' is a fact",
    "10 ** 10 ** 10 > 3": "'**' cannot be used here. Use a declared fact.",
    "a == yes": "Compare with a constant, not with 'yes'. Accepted: true, false.",
    "packs // 2": "'//' is not part of the condition language",
    "-packs > 3": "'-'",
    "'a' ~ 'b'": "'~' is not part of the condition language",
    "'%s' % a": "'%' is not part of the condition language",
    "a if b else a": "'… if … else …' is not part of the condition language",
    # comprehensions, lambdas, formats, statements
    "[x for x in sites]": "is not a condition",
    "lambda: 1": "is not a condition",
    "f'{a}'": "is not a condition",
    "a; b": "is not a condition",
    "a = b": "to compare, write '=='.",
    "a %} {% b": "is not a condition",
    "a }} {{ b": "is not a condition",
    "{'a': 1}": "a mapping is not part of the condition language",
    "[a]": "a list is not part of the condition language",
    "(a,)": "a list is not part of the condition language",
    "none": "this constant is not part of the condition language",
    "1.5": "this constant is not part of the condition language",
    "packs > 1.5": "Compare with a constant, not with this constant",
    "1 == 1": "this constant cannot be used here. Use a declared fact.",
    "a == b": "Compare with a constant, not with 'b'. 'b' is a fact; two facts cannot be compared.",
    # names, types, values
    "c": "Unknown fact or condition 'c'.",
    "name == 'Ada'": "'name' is a text; conditions cannot read texts.",
    "name is known and name": "'name' is a fact of type text, not boolean",
    "stage": "'stage' is a fact of type choice, not boolean; compare it, or write 'stage is known'.",
    "stage == 'III'": "Unknown value 'III' of 'stage'. Did you mean 'II'?",
    "stage > 'I'": "'stage' is of type choice; it cannot be compared with 'I' by '>'.",
    "stage in 'I'": "this constant cannot be used here",
    "stage in []": "'stage in […]' needs a choice fact and a list of its values in quotes.",
    "stage in ['I', a]": "'stage in […]' needs a choice fact and a list of its values in quotes.",
    "sites == 'bone'": "'sites' is a set; write \"'value' in sites\".",
    "'lung' in sites": "Unknown value 'lung' of 'sites'.",
    "'bone' in stage": "needs a value in quotes and a fact of type set.",
    "packs == 'one'": "Accepted: a whole number from 0 to 9.",
    "packs > 99999999999": "A number is too large",
    "days_since(scan) < -99999999999": "A number is too large",
    "scan > '2026-02-30'": "'2026-02-30' is not a date such as 2026-01-15.",
    "scan > '2026-W03-4'": "'2026-W03-4' is not a date such as 2026-01-15.",
    "scan > 20260115": "'scan' is of type date; it cannot be compared with 20260115",
    "days_since('scan') < 3": "this constant cannot be used here",
    "days_since(a) < 3": "'days_since' needs a date; 'a' is of type boolean.",
    "days_since(scan, end) < 3": "'days_since' takes one date fact",
    "days_since(scan) < 'x'": "'days_since' must be compared with a whole number.",
    "days_since(scan)": "'days_since(…)' is a number; compare it",
    "days_in_state(3) > 3": "'days_in_state' takes no argument",
    "visits(stage) > 3": "'visits' takes one state in quotes, as in visits('disease.surveillance').",
    "in_state('care.gone')": "Unknown state 'care.gone'.",
    "in_state(*sites)": "'in_state' takes one state in quotes",
    "both > 3": "Unknown fact or condition 'both'",
    "": "is not a condition",
    "a and": "is not a condition",
    "(a": "a bracket is missing.",
    "stage == 'I": "a quote is missing.",
}

LARGE = {
    "a text of 10 MB": "a" * 10**7,
    "brackets": "(" * 400 + "a" + ")" * 400,
    "brackets at the limit": "(" * 199 + "a" + ")" * 199,
    "lists": "[" * 199,
    "nots": "not " * 249 + "a",
    "nots on lines": "not\n" * 249 + "a",
    "minuses": "packs > " + "-" * 290 + "1",
    "attributes": "a" + ".b" * 450,
    "indexes": "a" + "[0]" * 190,
    "filters": "a" + "|b" * 450,
    "comparisons": "a" + " == a" * 180,
    "ifs": "a if a else " * 80 + "a",
    "powers": "9**" * 300 + "9",
    "a number": "packs > " + "9" * 900,
    "a text in quotes": "stage == '" + "x" * 980 + "'",
}


@pytest.mark.parametrize("text", REFUSED)
def test_is_refused_with_what_would_be_accepted(text):
    with pytest.raises(ConditionError) as refused:
        parse_condition(text, NAMED)
    assert REFUSED[text] in str(refused.value)
    assert all(message[-1] in ".?" for message in refused.value.messages)


@pytest.mark.parametrize("name", LARGE)
def test_the_large_and_the_deep_are_refused_at_once(name):
    begun = time.process_time()
    with pytest.raises(ConditionError):
        parse_condition(LARGE[name], NAMED)
    assert time.process_time() - begun < 0.5


def test_many_parts_side_by_side_are_fine():
    text = " and ".join(["a"] * 160)
    condition = compile_condition(text, parse_condition(text, NAMED), KINDS)
    assert condition.ask(world(a=True)) is True
    assert condition.missing(world()) == {"a"}


def test_every_mistake_is_named_once():
    with pytest.raises(ConditionError) as refused:
        parse_condition("c and d and c and stage == 'III'", NAMED)
    assert [message.split("'")[1] for message in refused.value.messages] == ["c", "d", "III"]


def test_days_in_state_need_a_state():
    with pytest.raises(ConditionError, match="'days_in_state' is accepted only in a condition"):
        parse_condition("days_in_state > 3", SCOPE.evolve(stay=False))


def test_names_doubled_again_and_again_are_refused():
    scope = SCOPE
    with pytest.raises(ConditionError, match="more than 1000 parts"):
        for number in range(64):
            node = parse_condition("a or b" if number == 0 else f"c{number - 1} and c{number - 1}", scope)
            scope = scope.evolve(conditions={**scope.conditions, f"c{number}": node})


def test_names_of_names_are_refused_before_they_are_too_deep_to_ask():
    scope, node = SCOPE, parse_condition("a", SCOPE)
    with pytest.raises(ConditionError, match="nests too deeply"):
        for number in range(2000):
            scope = scope.evolve(conditions={"c": Named("c", node)})
            node = parse_condition("not c", scope)
            assert compile_condition("", node, KINDS).ask(world(a=True)) is (number % 2 == 1)


WORDS = [
    *("a", "b", "stage", "sites", "packs", "scan", "name", "both", "care", "x"),
    *("and", "or", "not", "in", "is", "known", "if", "else", "true", "false", "none", "for", "loop"),
    *("==", "!=", "<", "<=", ">", ">=", "=", "+", "-", "*", "**", "/", "//", "%", "~", "|", ".", ",", ":", ";", "#"),
    *("(", ")", "[", "]", "{", "}", "{{", "}}", "{%", "%}", "'", '"', "\\", "\0", "\n", "é", "\u2028", "\ud800"),
    *("'I'", "'IA'", "'brain'", "'2026-01-15'", "'care.ward'", "1", "30", "1.5", "99999999999999999999"),
    *("in_state(", "visits(", "days_since(", "days_in_state", "is known", "is not known", "not in"),
]


@settings(max_examples=800)
@given(st.one_of(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), st.text(max_size=80)))
@example("a is known()")
@example("(a)(b)")
@example("a[:]")
@example("a[1:2, 3]")
def test_whatever_the_text_it_is_a_condition_or_refused(text):
    try:
        node = parse_condition(text, NAMED)
    except ConditionError as refused:
        assert refused.messages
    else:
        assert compile_condition(text, node, KINDS).ask(world()) in (True, False, None)
