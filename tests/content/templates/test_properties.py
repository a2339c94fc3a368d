"""What lint accepts holds for every patient: no unknown reaches an `else`, no value is missing, no rendering is new."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from journeys.content.markdown import CLOSE, OPEN
from journeys.content.templates import Branch, Repeat, TooManyRenderings, fill, renderings
from journeys.definition.facts import DECLINED
from tests.samples.sample import plan, read, world

CONDITIONS = st.sampled_from(
    [
        "operable",
        "not operable",
        "operable is known",
        "smoker or operable",
        "smoker is known and operable is known",
        "stage_group == 'IA'",
        "stage_group == 'I'",
        "stage_group in ['IB', 'II']",
        "stage_group is known",
        "'brain' in spread_sites",
        "spread_sites is known",
        "goes_by is known",
        "recently_scanned",
        "last_scan_on is not known",
        "in_state('care.follow_up.waiting')",
    ]
)
SHOWN = st.sampled_from(["{{ goes_by }}", "{{ stage_group }}", "{{ last_scan_on | date }}", "{{ smoker }}"])
TEXTS = st.recursive(
    st.one_of(st.sampled_from("abcdef"), SHOWN),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("{{% if {} %}}{}{{% endif %}}".format, CONDITIONS, inner),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, CONDITIONS, inner, inner),
        st.builds("{{% if {} %}}{}{{% elif {} %}}{}{{% endif %}}".format, CONDITIONS, inner, CONDITIONS, inner),
        st.builds("{{% for x in spread_sites %}}{}{{{{ x }}}}{{% endfor %}}".format, inner),
    ),
    max_leaves=8,
)
TOLD = st.fixed_dictionaries(
    {},
    optional={
        "operable": st.sampled_from([True, False, DECLINED]),
        "smoker": st.booleans(),
        "stage_group": st.sampled_from(["0", "I", "IA", "IB", "II", DECLINED]),
        "spread_sites": st.sampled_from([[], ["brain"], ["bone"], DECLINED]),
        "goes_by": st.sampled_from(["Maria", DECLINED]),
        "last_scan_on": st.sampled_from(["2026-01-05", "2020-01-05"]),
    },
)
PLACES = st.sampled_from([("care.follow_up", "care.follow_up.waiting"), ("care.follow_up", "care.follow_up.due")])


def unknown_reaches_an_arm(nodes, seen):
    """Whether a condition may be unknown although another arm follows it."""
    for node in nodes:
        if isinstance(node, Repeat) and unknown_reaches_an_arm(node.body, seen):
            return True
        if isinstance(node, Branch):
            for number, arm in enumerate(node.arms, start=1):
                truth = arm.condition.ask(seen)
                if truth is None and (number < len(node.arms) or node.otherwise is not None):
                    return True
                if truth and unknown_reaches_an_arm(arm.body, seen):
                    return True
                if truth is not False:
                    break
            else:
                if unknown_reaches_an_arm(node.otherwise or (), seen):
                    return True
    return False


@given(TEXTS, TOLD, PLACES)
def test_whatever_is_accepted_holds_for_every_patient(text, facts, places):
    template, _ = read(text)
    if template is None:
        return
    seen = world(places=places, **facts)
    assert not unknown_reaches_an_arm(template.body, seen)
    given_out = fill(template, seen, lambda value, _: value.placeholder)
    with suppress(TooManyRenderings):
        assert given_out in [rendering.filled for rendering in renderings(template, plan())]


@given(
    st.lists(
        st.sampled_from(
            [
                *"{}%#'\"()[]|.~*-+\n x",
                "{{",
                "}}",
                "{% ",
                " %}",
                "if ",
                "for ",
                "in ",
                "else",
                "endif",
                "endfor",
                "include ",
                "goes_by",
                "operable",
                OPEN,
                CLOSE,
                "9" * 5000,
                "not ",
                "raw",
            ]
        ),
        max_size=60,
    ).map("".join)
)
def test_reading_never_fails_otherwise_than_by_problems(text):
    template, problems = read(text)
    assert (template is None) == any(problem.level == "error" for problem in problems)
