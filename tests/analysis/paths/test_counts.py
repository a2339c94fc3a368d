"""Structural counts are exact: an independent count, by going every way, gives the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.analysis.paths import counts
from journeys.definition.graph import graph_of
from tests.analysis.paths.journeys_of import release_of
from tests.stories.playing import SHIPPED, load

NAMES = "abcdefg"
ENDS = "ends:\n  left: {by: [patient], title: {en: Left}}\n"


def track_of(edges):
    """Return a flat track with these edges; each has a trigger of its own."""
    lines = ["  course:", "    title: {en: Course}", "    initial: a", "    states:"]
    for state in NAMES:
        lines.append(f"      {state}:")
        lines.append(f"        title: {{en: {state}}}")
        mine = [(trigger, end) for trigger, (start, end) in enumerate(edges) if start == state]
        if mine:
            lines.append("        on: {" + ", ".join(f"t{trigger}: {end}" for trigger, end in mine) + "}")
    return "\n".join(lines) + "\n"


def release_of_edges(edges):
    reached = {"a"}
    while more := {end for start, end in edges if start in reached} - reached:
        reached |= more
    edges = [*edges, *(("a", name) for name in NAMES if name not in reached)]
    triggers = (
        ENDS
        + "triggers:\n"
        + "".join(f"  t{number}: {{by: [staff], title: {{en: t{number}}}}}\n" for number in range(len(edges)))
    )
    return release_of(track_of(edges), triggers), edges


def reach_each_other(edges):
    """Return which states lead to which, by Warshall's way."""
    leads = {(start, end) for start, end in edges}
    for middle in NAMES:
        leads |= {(a, b) for a in NAMES for b in NAMES if (a, middle) in leads and (middle, b) in leads}
    return leads


def paths_by_hand(edges):
    """Go every way from the beginning, over loops as one place, until nothing leads on; return how many there are."""
    leads = reach_each_other(edges)
    together = {a: frozenset({a, *(b for b in NAMES if (a, b) in leads and (b, a) in leads)}) for a in NAMES}
    count, stack = 0, [together["a"]]
    while stack:
        loop = stack.pop()
        onwards = [together[end] for start, end in edges if start in loop and end not in loop]
        count += not onwards
        stack += onwards
    return count, {loop for loop in together.values() if len(loop) > 1 or any((a, a) in edges for a in loop)}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=1, max_size=9, unique=True))
def test_the_count_agrees_with_going_every_way(drawn):
    release, edges = release_of_edges(drawn)
    numbers = counts(graph_of(release.plan))
    paths, loops = paths_by_hand(edges)
    assert numbers.paths == paths
    assert {frozenset(loop) for loop in numbers.tracks[0].loops} == loops
    assert numbers.transitions == len(edges) + 1  # and the end
    assert numbers.pairs == sum(first[1] == second[0] for first in edges for second in edges) + len(edges)


def test_a_count_too_large_for_any_machine_word_is_exact():
    """Seventy choices between two ways each make 2 to the 70th paths."""
    lines = ["  course:", "    title: {en: Course}", "    initial: s0", "    states:"]
    for number in range(70):
        lines += [f"      s{number}:", f"        title: {{en: s{number}}}"]
        lines += [f"        on: {{up: s{number + 1}, down: s{number + 1}}}"]
    lines += ["      s70:", "        title: {en: s70}", ""]
    triggers = ENDS + "triggers:\n  up: {by: [staff], title: {en: Up}}\n  down: {by: [staff], title: {en: Down}}\n"
    assert counts(graph_of(release_of("\n".join(lines), triggers).plan)).paths == 2**70


def test_the_numbers_of_the_shipped_journey_are_those_of_its_file():
    """Counted once more from the definition as it was read, not as it was compiled."""
    release, _ = load(SHIPPED, "nsclc")
    journey = release.plan.journey
    numbers = counts(graph_of(release.plan))
    assert numbers.states == sum(len(track.states) for track in journey.tracks.values())
    declared = [
        declaration.to
        for track in journey.tracks.values()
        for state in track.states.values()
        for declaration in (*state.on, *state.after)
        if declaration.to not in (None, "stay")
    ]
    assert numbers.transitions == len(declared) + len(journey.ends) * len(journey.tracks)
