"""The cells that conditions cut: every way in which they can answer together, and the questions never raise."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.definition.conditions import (
    MAX_CELLS,
    TooManyCells,
    World,
    cells_of,
    compile_condition,
    in_words,
    parse_condition,
)
from journeys.definition.facts import DECLINED, FactType
from tests.definition.conditions.worlds import ABOVE, KINDS, LEAVES, NAMED, SCOPE

ATOMS = st.one_of(
    st.sampled_from(["a", "b", "both", "a == false", "true", "false", "days_in_state >= 3", "days_in_state < 2"]),
    st.builds("stage == '{}'".format, st.sampled_from(sorted(ABOVE))),
    st.builds("stage in ['{}', '{}']".format, st.sampled_from(sorted(ABOVE)), st.sampled_from(sorted(ABOVE))),
    st.builds("'{}' in sites".format, st.sampled_from(["bone", "brain"])),
    st.builds("packs {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.integers(-1, 10)),
    st.builds(
        "{} {} '2026-0{}-1{}'".format,
        st.sampled_from(["scan", "end"]),
        st.sampled_from(["<", ">=", "=="]),
        st.integers(1, 2),
        st.integers(0, 9),
    ),
    st.builds(
        "days_since({}) {} {}".format,
        st.sampled_from(["scan", "end"]),
        st.sampled_from(["<", ">=", "==", "!="]),
        st.integers(-5, 60),
    ),
    st.builds(
        "visits('{}') {} {}".format,
        st.sampled_from(["care.ward", "mood.low"]),
        st.sampled_from("<>"),
        st.integers(0, 3),
    ),
    st.builds("in_state('{}')".format, st.sampled_from(["care.ward", "care.home", "mood.low", "ward.bed"])),
    st.builds(
        "{} is {}known".format, st.sampled_from(["a", "stage", "scan", "packs", "name"]), st.sampled_from(["", "not "])
    ),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)
DAYS = st.dates(date(2025, 12, 25), date(2026, 3, 10)).map(date.isoformat)
TOLD = {
    "a": st.booleans(),
    "b": st.booleans(),
    "stage": st.sampled_from(sorted(ABOVE)),
    "sites": st.lists(st.sampled_from(["bone", "brain", "liver"]), unique=True).map(sorted),
    "packs": st.integers(0, 9),
    "scan": DAYS,
    "end": DAYS,
    "name": st.text(max_size=3),
}


@st.composite
def worlds(draw, *, is_complete=False):
    """A world of typed values; the whole ones have each told, and no choice too coarsely."""
    values = {}
    for name, strategy in TOLD.items():
        if is_complete and name == "stage":
            values[name] = draw(st.sampled_from(KINDS["stage"].leaves))
        elif is_complete:
            values[name] = draw(strategy)
        else:
            value = draw(st.one_of(strategy, st.just(DECLINED), st.none()))
            if value is not None:
                values[name] = value
    places = set()
    for leaves in LEAVES.values():
        leaf = draw(st.sampled_from(leaves))
        parts = leaf.split(".")
        places |= {".".join(parts[:end]) for end in range(2, len(parts) + 1)}
    visits = draw(st.dictionaries(st.sampled_from(["care.ward", "mood.low"]), st.integers(0, 4)))
    now = datetime(2026, 1, 20, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 60 * 24)))
    return World(values, frozenset(places), visits, now, now - timedelta(days=draw(st.integers(0, 5))))


def compiled(texts):
    return [compile_condition(text, parse_condition(text, NAMED), KINDS) for text in texts]


@settings(max_examples=300)
@given(CONDITIONS, worlds())
def test_no_question_raises_in_any_world(text, world):
    """The answer is true, false or unknown; it is unknown exactly where something is missing."""
    (condition,) = compiled([text])
    truth = condition.ask(world)
    assert truth in (True, False, None)
    assert (truth is None) == bool(condition.missing(world))
    assert condition.missing(world) <= condition.facts
    assert in_words(condition.node)


@settings(max_examples=200)
@given(st.lists(CONDITIONS, min_size=1, max_size=3), worlds(is_complete=True))
def test_a_world_in_which_all_is_told_is_in_some_cell(texts, world):
    """Its answers are those of a cell, so what holds in every cell holds in every such world."""
    conditions = compiled(texts)
    answers = tuple(condition.ask(world) for condition in conditions)
    try:
        cells = cells_of([condition.node for condition in conditions], KINDS, LEAVES)
        assert any(tuple(condition.ask(cell) for condition in conditions) == answers for cell in cells)
    except TooManyCells:
        pass


@settings(max_examples=200)
@given(st.lists(CONDITIONS, min_size=1, max_size=3), worlds())
def test_what_is_certain_in_any_world_is_so_in_some_cell(texts, world):
    """Where facts are missing, declined or coarse, a cell agrees with all that is not unknown."""
    conditions = compiled(texts)
    answers = [condition.ask(world) for condition in conditions]
    try:
        cells = cells_of([condition.node for condition in conditions], KINDS, LEAVES)
        assert any(
            all(answer in (None, condition.ask(cell)) for answer, condition in zip(answers, conditions, strict=True))
            for cell in cells
        )
    except TooManyCells:
        pass


@settings(max_examples=200)
@given(st.lists(CONDITIONS, min_size=1, max_size=2), worlds(is_complete=True), st.sets(st.sampled_from(sorted(TOLD))))
def test_with_unknown_facts_every_world_without_coarse_values_is_in_some_cell(texts, world, untold):
    conditions = compiled(texts)
    values = {name: value for name, value in world.values.items() if name not in untold}
    answers = tuple(
        condition.ask(World(values, world.places, world.visits, world.now, world.since)) for condition in conditions
    )
    try:
        cells = cells_of([condition.node for condition in conditions], KINDS, LEAVES, unknown=True)
        assert any(tuple(condition.ask(cell) for condition in conditions) == answers for cell in cells)
    except TooManyCells:
        pass


def cells(*texts, kinds=KINDS, leaves=LEAVES, **options):
    nodes = [parse_condition(text, SCOPE.evolve(facts=kinds)) for text in texts]
    return list(cells_of(nodes, kinds, leaves, **options))


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["a"], 2),
        (["a and b"], 4),
        (["a is known"], 3),
        (["stage == 'I'"], 2),
        (["stage == 'I'", "stage == 'IA'"], 3),
        (["'bone' in sites"], 2),
        (["'bone' in sites", "'brain' in sites"], 4),
        (["packs > 5"], 3),
        (["packs > 9"], 2),
        (["packs > 0"], 2),
        (["visits('care.ward') > 0"], 2),
        (["in_state('care.ward')"], 2),
        (["in_state('mood.low') and in_state('care.home')"], 4),
        (["true"], 1),
    ],
)
def test_only_what_is_asked_is_cut(texts, count):
    assert len(cells(*texts)) == count


def test_too_many_are_refused_before_they_are_made():
    many = {f"f{number}": FactType("boolean") for number in range(20)}
    with pytest.raises(TooManyCells):
        cells(" and ".join(many), kinds=many)
    wide = {"s": FactType("set", tuple(f"v{number}" for number in range(50)))}
    with pytest.raises(TooManyCells):
        cells(" and ".join(f"'v{number}' in s" for number in range(50)), kinds=wide)
    assert len(cells(" and ".join(list(many)[:14]), kinds=many)) == 2**14 <= MAX_CELLS


@pytest.mark.parametrize(
    "when",
    [
        "scan > '0001-01-01'",
        "scan < '9999-12-31'",
        "days_since(scan) < 2000000000",
        "days_since(scan) > -2000000000",
        "days_in_state > 2000000000",
        "scan > '0001-01-01' and days_since(scan) < 2000000000",
        "visits('care.ward') > 2000000000",
        "packs > -2000000000",
    ],
)
def test_the_ends_of_the_calendar_and_of_numbers_do_not_raise(when):
    assert cells(when)
