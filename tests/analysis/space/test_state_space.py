"""The machine that paths and proofs share: what depends on what, where patients begin, how tracks react."""

from journeys.analysis.space import StateSpace, conditions_of, dependencies_of, visits_in
from tests.analysis.paths.journeys_of import release_of

DECLARED = """triggers:
  asked: {by: [patient], title: {en: Asked}}
ends:
  left: {by: [patient], title: {en: Left}}
"""

CHAINED = """  course:
    title: {en: Course}
    initial: first
    states:
      first: {title: {en: First}, on: {asked: second}}
      second: {title: {en: Second}, on: {asked: first}}
  beside:
    title: {en: Beside}
    initial: idle
    states:
      idle: {title: {en: Idle}, on: {entered.course.second: busy}}
      busy:
        title: {en: Busy}
        on:
          asked:
            - {when: "visits('course.second') >= 2", to: idle}
            - {when: "visits('course.second') < 2", to: stay}
"""


def space_of(*tracks):
    plan = release_of(CHAINED, DECLARED).plan
    return StateSpace(plan, tracks, visits_in(condition.node for condition in conditions_of(plan, tracks)))


def choice(space, track, leaf, trigger):
    (candidate,) = space.offers(track, leaf, trigger).candidates
    return track, candidate


def never_answers(entry, after, origin):
    raise AssertionError(entry)


def test_a_track_depends_on_the_tracks_whose_entries_and_states_it_reads():
    plan = release_of(CHAINED, DECLARED).plan
    assert dependencies_of(plan, "course") == ("course",)
    assert dependencies_of(plan, "beside") == ("course", "beside")


def test_visits_are_counted_as_far_as_a_condition_tells_them_apart():
    space = space_of("course", "beside")
    assert space.counted == {"course.second": 3}
    leaves = {"course": "second", "beside": "idle"}
    assert space.configuration(leaves, {"course.second": 9}).visits == (3,)
    assert space.beginning(leaves).visits == (1,)


def test_an_entry_sets_off_the_tracks_that_listen_to_it_but_not_its_own():
    space = space_of("course", "beside")
    start = space.beginning({"course": "first", "beside": "idle"})
    entries = []

    def answer(entry, after, origin):
        entries.append((entry, after.leaves, origin))
        return [(choice(space, "beside", "idle", entry),)]

    (reaction,) = space.react(start, (choice(space, "course", "first", "asked"),), answer)
    assert entries == [("entered.course.second", ("second", "idle"), "course")]
    assert reaction.after == (("second", "busy"), (1,))
    assert [track for track, _ in reaction.taken] == ["course", "beside"]


def test_an_entry_that_no_track_of_the_space_listens_to_sets_nothing_off():
    space = space_of("course")
    start = space.beginning({"course": "first"})
    (reaction,) = space.react(start, (choice(space, "course", "first", "asked"),), never_answers)
    assert reaction.after.leaves == ("second",)


def test_no_more_steps_follow_than_the_engine_takes_at_one_instant():
    space = space_of("course", "beside")
    start = space.beginning({"course": "first", "beside": "idle"})
    (reaction,) = space.react(start, (choice(space, "course", "first", "asked"),), never_answers, steps_left=0)
    assert reaction.after.leaves == ("second", "idle")


def test_every_way_in_which_tracks_may_answer_is_a_reaction_of_its_own():
    space = space_of("course", "beside")
    start = space.beginning({"course": "first", "beside": "idle"})

    def answer(entry, after, origin):
        return [(), (choice(space, "beside", "idle", entry),)]

    reactions = space.react(start, (choice(space, "course", "first", "asked"),), answer)
    assert {reaction.after.leaves for reaction in reactions} == {("second", "idle"), ("second", "busy")}
