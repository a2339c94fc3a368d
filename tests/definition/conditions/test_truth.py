"""What a condition answers: true, false, or None for unknown, and then which facts it waits for."""

import itertools
from datetime import UTC, datetime

import pytest

from journeys.definition.conditions import facts_read, in_words, known_when, parse_condition
from tests.definition.conditions.worlds import NAMED, ask, missing

KLEENE = (True, False, None)


def values_of(a, b):
    return {name: value for name, value in (("a", a), ("b", b)) if value is not None}


@pytest.mark.parametrize(("a", "b"), list(itertools.product(KLEENE, repeat=2)))
def test_and_or_not_are_kleenes(a, b):
    """False decides an `and`, true an `or`, whatever is unknown; else unknown stays unknown."""
    both = False if a is False or b is False else None if a is None or b is None else True
    either = True if a is True or b is True else None if a is None or b is None else False
    assert ask("a and b", **values_of(a, b)) is both
    assert ask("a or b", **values_of(a, b)) is either
    assert ask("not a", **values_of(a, b)) is (None if a is None else not a)
    assert ask("both", **values_of(a, b)) is both


@pytest.mark.parametrize(("a", "b"), list(itertools.product(KLEENE, repeat=2)))
def test_de_morgan_holds(a, b):
    assert ask("not (a and b)", **values_of(a, b)) is ask("not a or not b", **values_of(a, b))
    assert ask("not (a or b)", **values_of(a, b)) is ask("not a and not b", **values_of(a, b))


@pytest.mark.parametrize(
    ("when", "stage", "truth"),
    [
        ("stage == 'I'", "I", True),
        ("stage == 'I'", "IA", True),
        ("stage == 'I'", "IA1", True),
        ("stage == 'I'", "II", False),
        ("stage == 'IA'", "I", None),  # too coarse: IA or IB
        ("stage == 'IA'", "IB", False),
        ("stage == 'IA'", "IA2", True),
        ("stage == 'IA1'", "IA", None),
        ("stage == 'IA1'", "I", None),
        ("stage == 'IA1'", "IA2", False),
        ("stage != 'IA'", "I", None),
        ("stage != 'IA'", "II", True),
        ("stage in ['IA1', 'II']", "II", True),
        ("stage in ['IA1', 'II']", "IA", None),
        ("stage in ['IA1', 'II']", "IB", False),
        ("stage in ['IA', 'I']", "I", True),
        ("stage not in ['IA', '0']", "I", None),
        ("stage not in ['IA', '0']", "II", True),
        ("'I' == stage", "IA", True),
    ],
)
def test_a_value_is_one_of_those_above_it_and_too_coarse_for_those_below(when, stage, truth):
    assert ask(when, stage=stage) is truth


@pytest.mark.parametrize(
    ("when", "sites", "truth"),
    [
        ("'brain' in sites", ["brain", "liver"], True),
        ("'brain' in sites", ["liver"], False),
        ("'brain' in sites", [], False),
        ("'brain' not in sites", [], True),
    ],
)
def test_a_set_holds_a_value(when, sites, truth):
    assert ask(when, sites=sites) is truth


@pytest.mark.parametrize(
    ("when", "packs", "truth"),
    [
        ("packs >= 5", 5, True),
        ("packs > 5", 5, False),
        ("packs < 5", 4, True),
        ("packs <= 5", 6, False),
        ("packs == 5", 5, True),
        ("packs != 5", 5, False),
        ("5 <= packs", 5, True),
        ("5 < packs", 5, False),
        ("2 < packs <= 5", 5, True),
        ("2 < packs <= 5", 2, False),
        ("packs > -1", 0, True),
    ],
)
def test_numbers_compare_from_both_sides(when, packs, truth):
    assert ask(when, packs=packs) is truth


@pytest.mark.parametrize(
    ("when", "truth"),
    [
        ("scan > '2026-01-14'", True),
        ("scan == '2026-01-15'", True),
        ("scan <= '2026-01-14'", False),
        ("days_since(scan) == 45", True),  # 2026-01-15 to 2026-03-01
        ("days_since(scan) < 45", False),
        ("45 <= days_since(scan)", True),
    ],
)
def test_dates_compare_and_have_an_age(when, truth):
    assert ask(when, scan="2026-01-15") is truth


def test_days_are_whole_days_of_the_calendar_in_utc():
    late = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)
    assert ask("days_since(scan) == 0", scan="2026-03-01", now=late) is True
    assert ask("days_since(scan) == -1", scan="2026-03-02", now=late) is True
    assert ask("days_since(scan) == 1", scan="2026-02-28", now=late) is True


def test_days_in_state_count_from_the_stay():
    assert ask("days_in_state >= 30", days=30) is True
    assert ask("days_in_state >= 30", days=29.9) is False
    assert ask("days_in_state() >= 30", days=30) is True


def test_places_and_visits_are_never_unknown():
    assert ask("in_state('care.ward')", places=("care.ward", "care.ward.bed")) is True
    assert ask("in_state('ward.chair')", places=("care.ward", "care.ward.bed")) is False
    assert ask("visits('care.ward') >= 2", visits={"care.ward": 2}) is True
    assert ask("visits('care.ward') >= 1") is False


@pytest.mark.parametrize("value", [True, False])
def test_known_is_never_unknown(value):
    assert ask("a is known", a=value) is True
    assert ask("a is not known", a=value) is False
    assert ask("a is known") is False
    assert ask("a is known", a="declined") is False
    assert ask("a is not known", a="declined") is True


@pytest.mark.parametrize(
    "when",
    [
        "a",
        "not a",
        "a == true",
        "stage == 'I'",
        "stage in ['I', 'II']",
        "'brain' in sites",
        "packs > 3",
        "scan > '2026-01-01'",
        "days_since(scan) < 3",
    ],
)
def test_what_is_missing_or_declined_is_unknown(when):
    (fact,) = facts_read(parse_condition(when, NAMED))
    assert ask(when) is None
    assert ask(when, **{fact: "declined"}) is None
    assert missing(when) == {fact}
    assert missing(when, **{fact: "declined"}) == {fact}


def test_it_waits_only_for_what_can_still_matter():
    assert missing("a and b", a=True) == {"b"}
    assert missing("a and b", a=False) == frozenset()
    assert missing("a and (b or packs > 3)", b=True) == {"a"}
    assert missing("a or (b and packs > 3)", b=False) == {"a"}
    assert missing("both or packs > 3", a=True) == {"b", "packs"}
    assert missing("not (a and b)") == {"a", "b"}
    assert missing("stage == 'IA'", stage="I") == {"stage"}
    assert missing("a is known and b") == frozenset()
    assert missing("a is not known and b") == {"b"}


def test_facts_read_are_those_of_named_conditions_too():
    node = parse_condition("both and stage == 'I' and days_since(scan) > 3 and in_state('mood.low')", NAMED)
    assert facts_read(node) == {"a", "b", "stage", "scan"}


@pytest.mark.parametrize(
    ("when", "truth", "known_facts"),
    [
        ("a", True, {"a"}),
        ("a", False, {"a"}),
        ("a is known", True, {"a"}),
        ("a is known", False, set()),
        ("a is not known", False, {"a"}),
        ("a and b", True, {"a", "b"}),
        ("a and b", False, set()),
        ("a or b", True, set()),
        ("a or b", False, {"a", "b"}),
        ("(a and b) or (b and packs > 1)", True, {"b"}),
        ("not (a or b)", True, {"a", "b"}),
        ("both", True, {"a", "b"}),
        ("visits('care.ward') > 1", True, set()),
    ],
)
def test_a_truth_tells_what_is_known(when, truth, known_facts):
    assert known_when(parse_condition(when, NAMED), truth) == known_facts


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("a and not b", "a and not (b)"),
        ("stage in ['I', 'II'] or both", "stage is I or II or both"),
        ("(a or b) and packs >= 3", "(a or b) and packs is at least 3"),
        ("'brain' in sites", "sites include brain"),
        ("days_since(scan) < 30", "less than 30 days since scan"),
        ("scan is known", "scan is known"),
        ("scan >= '2026-01-01'", "scan is on or after 2026-01-01"),
        ("visits('care.ward') == 2", "entered care.ward exactly 2 times"),
        ("in_state('mood.low')", "in mood.low"),
        ("days_in_state > 3", "more than 3 days in this state"),
        ("true", "always"),
    ],
)
def test_a_condition_reads_as_a_phrase(when, words):
    assert in_words(parse_condition(when, NAMED)) == words
