"""The reference fold does what each section of docs/fold.md says, in cases small enough to check by hand."""

import hashlib

import pytest

from tests.reference.fold import (
    DECLINED,
    add_delay,
    canonical,
    effects,
    fold,
    instant_of,
    make_id,
    told_view,
)
from tests.reference.generate import random_case, states_of

SIZED = {"small": {}, "large": {}}
RESULT = {"type": "choice", "values": ["clear", {"bad": ["worse", "worst"]}]}


def event(kind, type_, time, **more):
    """Return an event; its uid and id are its type unless given, its day is known where `time` is a date."""
    uid = more.pop("uid", type_)
    return {
        "entry": "event",
        "uid": uid,
        "reporter": "carol",
        "by": "staff",
        "id": uid,
        "kind": kind,
        "type": type_,
        "occurred_at": instant_of(time),
        "day": len(time) == 10,
        "sequence": 0,
        "facts": {},
        "told": False,
        "arrived_at": instant_of(time),
        "replaces": None,
        "data": {},
        **more,
    }


def enrolled(time="2026-01-01", states=(), **more):
    return event("enrolled", "enrolled", time, data={"release": "r1", "entry": None, "states": states}, **more)


def reported(type_, time, **more):
    return event("reported", type_, time, **more)


def taken_back(uid, time):
    return {"entry": "retraction", "uid": uid, "by": "staff", "reporter": "carol", "arrived_at": instant_of(time)}


def release(tracks, **more):
    """Return a definition of tracks (each a dict of states, the first the initial one) and common triggers."""
    return {
        "facts": {},
        "conditions": {},
        "triggers": {name: {} for name in ("go", "on", "back", "discussed")},
        "ends": {"left": {}},
        "tracks": {track: {"initial": next(iter(states)), "states": states} for track, states in tracks.items()},
        **more,
    }


def folded(definition, *log, now="2026-12-31", **other_releases):
    return fold({"r1": definition} | other_releases, list(log), instant_of(now))


def leaves(state):
    return {track: stays[-1]["state"] for track, stays in state["tracks"].items()}


def to(path, when=None, **more):
    return {"to": path, "when": when, **more}


def ways(**by_trigger):
    return {"on": {trigger: list(each) for trigger, each in by_trigger.items()}}


# Section 1


def test_events_apply_by_time_then_sequence_then_place_in_the_definition():
    definition = release({"a": SIZED})
    log = [
        enrolled(),
        reported("unheard_of", "2026-01-02", uid="4"),
        reported("left", "2026-01-02", uid="5"),
        reported("on", "2026-01-02", uid="3", sequence=0),
        reported("go", "2026-01-02", uid="2b", reporter="dora"),
        reported("go", "2026-01-02", uid="2a"),
        reported("back", "2026-01-02", uid="1", sequence=-1),
        reported("back", "2026-01-01T12:00:00Z", uid="0"),
    ]
    _, results = folded(definition, *log)
    assert [each["event"] for each in results] == ["enrolled", "0", "1", "2a", "2b", "3", "4", "5"]


def test_a_retracted_or_replaced_event_is_no_part_of_the_fold():
    definition = release({"a": {"x": ways(go=[to("y")]), "y": {}}})
    log = [
        enrolled(),
        reported("go", "2026-01-02", uid="first"),
        reported("on", "2026-01-03", uid="second", replaces="first"),
        reported("go", "2026-01-04", uid="third"),
        {
            "entry": "retraction",
            "uid": "third",
            "by": "staff",
            "reporter": "carol",
            "arrived_at": instant_of("2026-01-05"),
        },
    ]
    state, results = folded(definition, *log)
    assert leaves(state) == {"a": "x"}
    assert [each["event"] for each in results] == ["enrolled", "second"]


def test_a_day_applies_after_what_is_known_by_its_instant_on_that_day():
    definition = release({"a": SIZED | {"held": {"hold_until": {"trigger": "discussed"}}}})
    log = [
        enrolled(),
        reported("left", "2026-01-02", uid="6"),
        reported("discussed", "2026-01-02", uid="5"),
        reported("on", "2026-01-02", uid="4"),
        reported("back", "2026-01-02", uid="3", sequence=-1),
        reported("back", "2026-01-02T17:00:00Z", uid="2"),
        reported("go", "2026-01-02T09:00:00Z", uid="1"),
        reported("go", "2026-01-03T09:00:00Z", uid="7"),
    ]
    _, results = folded(definition, *log)
    assert [each["event"] for each in results] == ["enrolled", "1", "2", "3", "4", "5", "6", "7"]


def test_what_a_day_begins_begins_at_its_first_instant_and_applies_at_its_place():
    definition = release(
        {"a": {"x": ways(go=[to("y")]), "y": {"after": [{"name": "t", "delay": "PT12H", "to": "z"}]}, "z": {}}}
    )
    log = [enrolled(), reported("go", "2026-01-02", uid="1"), reported("on", "2026-01-02T17:00:00Z", uid="2")]
    state, results = folded(definition, *log)
    assert [each.get("event", "timer") for each in results] == ["enrolled", "2", "1", "timer"]
    assert state["tracks"]["a"][0]["since"] == "2026-01-02T17:00:00Z", "twelve hours had passed when it applied"
    state, _ = folded(definition, *log, now="2026-01-02T17:00:00Z")
    assert (state["folded_to"], state["last_day"]) == ("2026-01-02T17:00:00Z", "2026-01-02")


def test_a_mark_does_not_move_a_day():
    definition = release({"a": SIZED})
    mark = reported("seen", "2026-01-02T17:00:00Z", uid="2", by="patient", data={"piece": "p"})
    _, results = folded(definition, enrolled(), mark, reported("go", "2026-01-02", uid="1"))
    assert [each["event"] for each in results] == ["enrolled", "1", "2"]


def test_an_enrolling_by_the_day_goes_before_what_is_reported_of_that_day():
    definition = release({"a": SIZED})
    log = [enrolled("2026-01-02"), reported("go", "2026-01-02T09:00:00Z"), reported("back", "2026-01-02")]
    _, results = folded(definition, *log)
    assert [each["event"] for each in results] == ["enrolled", "go", "back"]


def test_a_day_goes_after_the_migration_of_that_day():
    definition = release({"a": SIZED})
    move = event("migrated", "migrated", "2026-01-02T12:00:00Z", data={"to": "r2", "map": {}})
    log = [enrolled(), reported("new", "2026-01-02", uid="1"), move]
    _, results = folded(definition, *log, r2=definition | {"triggers": {"new": {}}})
    assert [each["event"] for each in results] == ["enrolled", "migrated", "1"]


# Section 2


def test_times_are_days_or_instants_with_fractions_only_where_there_are_any():
    definition = release({"a": SIZED}, facts={"fit": {"type": "boolean"}})
    state, _ = folded(
        definition, enrolled("2026-01-01"), reported("go", "2026-01-02T10:00:00.000250Z", facts={"fit": True})
    )
    assert state["tracks"]["a"][0]["since"] == "2026-01-01"
    assert state["facts"]["fit"]["at"] == "2026-01-02T10:00:00.000250Z"
    assert state["folded_to"] == "2026-01-02T10:00:00.000250Z"


def test_ids_are_the_first_digits_of_a_hash_and_json_is_canonical():
    assert canonical({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'.encode()
    assert make_id("a", None) == hashlib.sha256(b'["a",null]').hexdigest()[:20]


# Section 3


def test_without_an_enrolled_event_everything_is_ignored():
    state, results = folded(release({"a": SIZED}), reported("go", "2026-01-02", facts={"fit": True}))
    assert state["tracks"] == state["facts"] == {}
    assert state["folded_to"] == "2026-01-02T00:00:00Z"
    assert [each["outcome"] for each in results] == ["ignored"]


def test_tracks_begin_at_joining_where_the_entry_says():
    definition = release({"a": {"x": {}, "y": {"initial": "z", "states": {"z": {}}}}, "b": SIZED})
    log = [enrolled("2026-01-05", states=["a.y"]), reported("go", "2026-01-02T08:00:00Z")]
    state, results = folded(definition, *log)
    assert leaves(state) == {"a": "y.z", "b": "small"}
    assert {stay["since"] for stay in state["tracks"]["a"]} == {"2026-01-05"}
    assert results[1]["transitions"] == [
        {"track": "a", "from": None, "to": "y.z", "trigger": "enrolled"},
        {"track": "b", "from": None, "to": "small", "trigger": "enrolled"},
    ]


@pytest.mark.parametrize(
    "old",
    [
        reported("seen", "1970-01-01T00:00:12Z", by="patient", data={"piece": "p"}),
        reported("unheard_of", "2020-01-01"),
        reported("on", "2020-01-01", facts={"fit": True}),
        reported("on", "2020-01-01", facts={"fit": DECLINED}),
        reported("on", "2020-01-01", facts={"fit_on": "2020-01-05"}),
        event("placed", "placed", "2020-01-01", data={"state": "b.y", "reason": "x"}),
    ],
    ids=["mark", "ignored", "fact", "declined", "date", "placed in another track"],
)
def test_what_happened_before_joining_makes_no_initial_state_older(old):
    timers = [
        {"name": "t", "delay": "P1M", "to": "y"},
        {"name": "u", "delay": "P1D", "from": "fit_on", "task": {}},
    ]
    facts = {"fit": {"type": "boolean"}, "fit_on": {"type": "date"}}
    tracks = {"a": {"x": {"after": timers, **ways(go=[to("y", ("days_in_state", "<", 0))])}, "y": {}}}
    definition = release(tracks | {"b": {"x": {}, "y": {}}}, facts=facts)
    state, _ = folded(definition, old, enrolled("2026-01-01"), now="2026-01-01T12:00:00Z")
    assert leaves(state)["a"] == "x"
    assert state["tracks"]["a"][0]["since"] == "2026-01-01"
    assert all(timer["due"] >= "2026-01-01" for timer in state["tracks"]["a"][0]["timers"].values())
    state, _ = folded(definition, old, reported("go", "2020-02-01"), enrolled("2026-01-01"), now="2026-01-31T23:00:00Z")
    assert leaves(state)["a"] == "x", "no day in a state is less than none"
    state, _ = folded(definition, old, enrolled("2026-01-01"), now="2026-02-01")
    assert leaves(state)["a"] == "y"


def test_the_first_event_that_moves_a_track_begins_its_initial_states():
    outer = {
        "initial": "in",
        "after": [{"name": "t", "delay": "P1Y", "to": "z"}],
        "states": {"in": ways(go=[to("o.out")]), "out": {}},
    }
    definition = release({"a": {"o": outer, "z": {}}, "b": SIZED})
    state, _ = folded(definition, reported("go", "2025-06-01"), enrolled("2026-01-01"), now="2026-01-01")
    assert [stay["since"] for stay in state["tracks"]["a"]] == ["2025-06-01", "2025-06-01"]
    assert state["tracks"]["a"][0]["timers"]["t"]["due"] == "2026-06-01T00:00:00Z"
    assert state["tracks"]["b"][0]["since"] == "2026-01-01"


# Section 4


def test_a_reset_fact_that_does_not_come_becomes_unknown():
    definition = release({"a": SIZED}, facts={"fit": {"type": "boolean"}}, triggers={"go": {"resets": ["fit"]}})
    report = reported("go", "2026-01-02", uid="1", facts={"fit": True})
    assert folded(definition, enrolled(), report)[0]["facts"]["fit"]["value"] is True
    assert folded(definition, enrolled(), report, reported("go", "2026-01-03"))[0]["facts"] == {}


def test_an_event_waits_for_a_required_fact_that_does_not_come():
    tracks = {"a": {"small": {"on": {"go": [{"to": "large"}]}}, "large": {"forget": ["fit"]}}}
    fit = {"facts": {"fit": {"type": "boolean"}}, "triggers": {"go": {"requires": ["fit"]}, "on": {}}}
    asked = [enrolled(facts={"fit": False}), reported("go", "2026-01-02")]
    state, results = folded(release(tracks, **fit), *asked)
    assert (results[-1]["outcome"], results[-1]["waiting_for"], state["facts"]) == ("waiting", ["fit"], {})
    state, results = folded(release(tracks, **fit), *asked, reported("on", "2026-01-03", facts={"fit": DECLINED}))
    assert [transition["trigger"] for transition in results[-1]["transitions"]] == ["go"]
    assert state["facts"]["fit"]["declined"] is True


def test_an_event_does_not_bring_what_the_release_does_not_know():
    definition = release({"a": SIZED}, facts={"result": RESULT}, triggers={"go": {"resets": ["result"]}, "on": {}})
    refused = {"result": "unheard of", "unheard_of": True}
    state, results = folded(definition, enrolled(facts={"result": "bad"}), reported("on", "2026-01-02", facts=refused))
    assert (results[-1]["outcome"], state["facts"]["result"]["value"]) == ("ignored", "bad")
    state, _ = folded(definition, enrolled(facts={"result": "bad"}), reported("go", "2026-01-02", facts=refused))
    assert state["facts"] == {}


def test_a_required_fact_stays_where_nothing_waits_for_it():
    definition = release({"a": SIZED}, facts={"fit": {"type": "boolean"}}, triggers={"go": {"requires": ["fit"]}})
    state, results = folded(definition, enrolled(facts={"fit": True}), reported("go", "2026-01-02"))
    assert (results[-1]["outcome"], state["facts"]["fit"]["value"]) == ("ignored", True)


def held(definition, *log, now="2026-12-31"):
    """Return the names of the news that is open."""
    told = told_view({"r1": definition}, list(log), instant_of(now))
    return [news["name"] for news in told["news"] if news["id"] not in told["told"]]


def test_a_held_fact_is_news_until_its_telling():
    definition = release({"a": SIZED}, facts={"result": RESULT | {"hold_until": {"trigger": "discussed"}}})
    bad = reported("go", "2026-01-02", facts={"result": "bad"})
    (news,) = told_view({"r1": definition}, [enrolled(), bad], instant_of("2026-12-31"))["news"]
    assert news == {
        "id": make_id("fact", "result", "go"),
        "kind": "fact",
        "name": "result",
        "track": "",
        "until": "discussed",
        "since": "2026-01-02",
        "cause": "go",
    }
    telling = reported("discussed", "2026-01-03")
    assert held(definition, enrolled(), bad, telling) == []
    assert folded(definition, enrolled(), bad, telling)[1][-1]["outcome"] == "stayed"


def test_what_comes_after_the_end_tells_nothing():
    definition = release({"a": SIZED}, facts={"result": RESULT | {"hold_until": {"trigger": "discussed"}}})
    log = [enrolled(), reported("go", "2026-01-02", facts={"result": "bad"}), reported("discussed", "2026-01-05")]
    assert held(definition, *log) == []
    assert held(definition, log[0], log[1], reported("left", "2026-01-04"), log[2]) == ["result"]


def test_news_is_open_again_when_its_telling_is_taken_back():
    definition = release({"a": SIZED}, facts={"result": RESULT | {"hold_until": {"trigger": "discussed"}}})
    log = [enrolled(), reported("go", "2026-01-02", facts={"result": "bad"}), reported("discussed", "2026-01-05")]
    assert held(definition, *log, taken_back("discussed", "2026-01-06")) == ["result"]
    assert held(definition, *log, taken_back("discussed", "2026-01-06"), taken_back("go", "2026-01-07")) == []
    assert held(definition, *log, taken_back("go", "2026-01-06"), taken_back("discussed", "2026-01-07")) == []


@pytest.mark.parametrize(
    "how", [{"told": True}, {"by": "patient"}, {"type": "discussed"}, {"facts": {"result": DECLINED}}]
)
def test_some_tellings_of_a_held_fact_hold_nothing(how):
    definition = release({"a": SIZED}, facts={"result": RESULT | {"hold_until": {"trigger": "discussed"}}})
    assert held(definition, enrolled(), reported("go", "2026-01-02", facts={"result": "bad"}) | how) == []


def test_a_telling_tells_all_news_that_names_it_and_no_other():
    fact = {"type": "boolean", "hold_until": {"trigger": "discussed"}}
    definition = release({"a": SIZED}, facts={"a": fact, "b": fact, "c": fact | {"hold_until": {"trigger": "on"}}})
    log = [enrolled(), reported("go", "2026-01-02", facts={"a": True, "b": True, "c": True})]
    assert held(definition, *log, reported("discussed", "2026-01-03")) == ["c"]
    assert held(definition, *log, reported("on", "2026-01-03")) == ["a", "b"]
    assert held(definition, *log, reported("on", "2026-01-01")) == ["a", "b", "c"]


def test_a_task_is_done_by_the_trigger_that_closes_it():
    timer = {"name": "call", "delay": "P3D", "task": {"closed_by": ["go"]}}
    definition = release({"a": {"x": {"task": {"closed_by": ["go"]}, "after": [timer]}}})
    state, _ = folded(definition, enrolled(), reported("go", "2026-01-02"))
    assert state["tracks"]["a"][0]["done"] == ["task"]
    state, _ = folded(definition, enrolled(), reported("go", "2026-01-12"))
    assert state["tracks"]["a"][0]["done"] == ["call", "task"]
    assert effects(state, definition) == {}


# Section 5


FIT = ("true", "fit")


def branching(*siblings, **more):
    """Return a release whose state x goes by `siblings` on go; a parent stays with it."""
    inner = {"x": ways(go=siblings), "y": {}, "z": {}}
    outer = {"p": {"initial": "x", "states": inner, **ways(go=[to("q")])}, "q": {}}
    return release(
        {"a": outer},
        facts={"fit": {"type": "boolean"}, "result": RESULT, "sites": {"type": "set", "values": ["bone"]}},
        **more,
    )


@pytest.mark.parametrize(
    ("facts", "leaf", "outcome"),
    [
        ({"fit": True}, "p.y", "advanced"),
        ({"fit": False}, "q", "advanced"),
        ({}, "p.x", "waiting"),
        ({"fit": DECLINED}, "p.x", "waiting"),
    ],
)
def test_the_true_condition_is_taken_unknown_waits_false_asks_outwards(facts, leaf, outcome):
    state, results = folded(branching(to("p.y", FIT)), enrolled(), reported("go", "2026-01-02", facts=facts))
    assert leaves(state) == {"a": leaf}
    assert results[-1]["outcome"] == outcome
    assert results[-1]["waiting_for"] == (["fit"] if outcome == "waiting" else [])


@pytest.mark.parametrize(
    ("facts", "leaf"),
    [({"fit": False}, "p.z"), ({}, "p.x"), ({"fit": DECLINED}, "p.z"), ({"fit": True}, "p.y")],
)
def test_otherwise_is_taken_when_all_is_false_or_declined(facts, leaf):
    definition = branching(to("p.y", FIT), to("p.z", otherwise=True))
    state, _ = folded(definition, enrolled(), reported("go", "2026-01-02", facts=facts))
    assert leaves(state) == {"a": leaf}


def test_with_an_order_the_first_that_is_not_false_decides():
    worse = ("==", "result", "worse")
    definition = branching(to("p.y", FIT, order=2), to("p.z", worse, order=1))
    for facts, leaf in [
        ({"fit": True}, "p.x"),
        ({"fit": True, "result": "clear"}, "p.y"),
        ({"fit": True, "result": "worse"}, "p.z"),
    ]:
        state, results = folded(definition, enrolled(), reported("go", "2026-01-02", facts=facts))
        assert leaves(state) == {"a": leaf}
    _, results = folded(definition, enrolled(), reported("go", "2026-01-02"))
    assert results[-1]["waiting_for"] == ["result"]


@pytest.mark.parametrize(
    ("condition", "facts", "leaf", "missing"),
    [
        (("==", "result", "bad"), {"result": "worst"}, "p.y", []),
        (("==", "result", "worst"), {"result": "bad"}, "p.x", ["result"]),
        (("in", "result", ["clear", "worst"]), {"result": "worse"}, "q", []),
        (("not in", "result", ["clear"]), {"result": "bad"}, "p.y", []),
        (("!=", "result", "worst"), {"result": "bad"}, "p.x", ["result"]),
        (("has", "sites", "bone"), {"sites": ["bone"]}, "p.y", []),
        (("not", ("has", "sites", "bone")), {"sites": []}, "p.y", []),
        (("not", ("known", "result")), {"result": DECLINED}, "p.y", []),
        (("and", FIT, ("==", "result", "bad")), {"fit": False}, "q", []),
        (("and", FIT, ("==", "result", "bad")), {"fit": True}, "p.x", ["result"]),
        (("or", FIT, ("==", "result", "bad")), {"fit": False}, "p.x", ["result"]),
        (("or", FIT, ("==", "result", "bad")), {"fit": True}, "p.y", []),
        (("named", "strong"), {}, "p.x", ["fit"]),
        (("in_state", "a.p"), {}, "p.y", []),
        (("visits", "a.p.x", ">=", 2), {}, "q", []),
        (("days_in_state", ">=", 1), {}, "p.y", []),
        (("days_in_state", ">=", 2), {}, "q", []),
    ],
)
def test_conditions_are_true_false_or_unknown(condition, facts, leaf, missing):
    definition = branching(to("p.y", condition), conditions={"strong": FIT})
    state, results = folded(definition, enrolled(), reported("go", "2026-01-02T23:00:00Z", facts=facts))
    assert leaves(state) == {"a": leaf}
    assert results[-1]["waiting_for"] == missing


@pytest.mark.parametrize(
    ("target", "reenter", "remaining"),
    [
        ("p.m.y", False, ["p", "p.m"]),
        ("p.m.y", True, ["p"]),
        ("p.m", False, ["p"]),
        ("p", False, []),
        ("p.n", False, ["p"]),
        ("q", False, []),
    ],
)
def test_only_what_lies_between_is_left(target, reenter, remaining):
    middle = {"initial": "x", "states": {"x": {}, "y": {}}, **ways(go=[to(target, reenter=reenter)])}
    outer = {"p": {"initial": "m", "states": {"m": middle, "n": {}}}, "q": {}}
    before, _ = folded(release({"a": outer}), enrolled())
    after, _ = folded(release({"a": outer}), enrolled(), reported("go", "2026-01-02"))
    stays = {stay["stay"] for stay in after["tracks"]["a"]}
    assert [stay["state"] for stay in before["tracks"]["a"] if stay["stay"] in stays] == remaining
    assert after["tracks"]["a"][-1]["since"] == "2026-01-02"


def test_entering_forgets_what_the_event_does_not_carry():
    states = {"x": ways(go=[to("y")]), "y": {"forget": ["fit", "result"]}}
    definition = release({"a": states}, facts={"fit": {"type": "boolean"}, "result": RESULT})
    log = [enrolled(facts={"fit": True, "result": "clear"}), reported("go", "2026-01-02", facts={"fit": False})]
    state, _ = folded(definition, *log)
    assert {name: each["value"] for name, each in state["facts"].items()} == {"fit": False}


def test_entering_a_state_is_news_unless_told():
    definition = release({"a": {"x": ways(go=[to("y")]), "y": {"hold_until": {"trigger": "discussed"}}}})
    state, _ = folded(definition, enrolled(), reported("go", "2026-01-02"))
    told = told_view({"r1": definition}, [enrolled(), reported("go", "2026-01-02")], instant_of("2026-12-31"))
    (news,) = told["news"]
    assert (news["id"], news["kind"], news["name"]) == (state["tracks"]["a"][0]["stay"], "state", "a.y")
    assert leaves(told["state"]) == {"a": "x"}
    assert held(definition, enrolled(), reported("go", "2026-01-02", told=True)) == []


# Section 6


def test_a_waiting_event_moves_when_its_fact_is_told_at_that_time():
    definition = branching(to("p.y", FIT), to("stay", ("not", FIT)))
    log = [enrolled(), reported("go", "2026-01-02"), reported("on", "2026-01-05", facts={"fit": True})]
    state, results = folded(definition, *log[:2])
    (entry,) = state["waiting"]
    assert entry["missing"] == ["fit"]
    assert entry["key"] == ["2026-01-02T00:00:00Z", 2, 0, 0, "carol", "go"]
    state, results = folded(definition, *log)
    stay = state["tracks"]["a"][-1]
    assert (stay["state"], stay["since"], stay["stay"]) == ("p.y", "2026-01-05", make_id("stay", "a", "p.y", "go"))
    assert results[-1]["transitions"] == [{"track": "a", "from": "p.x", "to": "p.y", "trigger": "go"}]
    assert state["waiting"] == []


def test_a_waiting_event_is_dropped_with_its_stay():
    definition = branching(to("p.y", FIT), to("stay", ("not", FIT)))
    placement = event("placed", "placed", "2026-01-03", data={"state": "a.q", "reason": ""})
    state, results = folded(definition, enrolled(), reported("go", "2026-01-02"), placement)
    assert state["waiting"] == []
    assert results[-1]["transitions"][0]["trigger"] == "placed"


# Section 7


def test_an_entry_raises_an_event_in_the_other_tracks_that_never_waits():
    other = {"m": ways(**{"entered.a.y": [to("n", FIT), to("o", otherwise=True)]}), "n": {}, "o": {}}
    definition = release({"a": {"x": ways(go=[to("y")]), "y": {}}, "b": other}, facts={"fit": {"type": "boolean"}})
    state, results = folded(definition, enrolled(), reported("go", "2026-01-02"))
    assert leaves(state) == {"a": "y", "b": "o"}
    raised = make_id("entered", state["tracks"]["a"][0]["stay"])
    assert state["tracks"]["b"][0]["stay"] == make_id("stay", "b", "o", raised)
    assert [each["trigger"] for each in results[-1]["transitions"]] == ["go", "entered.a.y"]


# Section 8


def test_delays_go_by_the_calendar_and_are_clamped():
    assert add_delay(instant_of("2026-01-31"), "P1M1D") == instant_of("2026-03-01")
    assert add_delay(instant_of("2024-02-29"), "P1Y") == instant_of("2025-02-28")
    assert add_delay(instant_of("2026-03-31"), "-P1MT1H") == instant_of("2026-02-27T23:00:00Z")
    assert add_delay(instant_of("2026-01-01"), "P2WT1M30S") == instant_of("2026-01-15T00:01:30Z")


def test_timers_fire_at_their_own_time_before_a_later_event_and_after_one_at_once():
    states = {"x": {"after": [{"name": "t", "delay": "P3D", "to": "y"}], **ways(go=[to("z")])}, "y": {}, "z": {}}
    for time, leaf in [("2026-01-04", "z"), ("2026-01-04T00:00:01Z", "y")]:
        state, _ = folded(release({"a": states}), enrolled(), reported("go", time))
        assert leaves(state) == {"a": leaf}
    stay, _ = folded(release({"a": states}), enrolled())
    assert stay["tracks"]["a"][0]["since"] == "2026-01-04T00:00:00Z"
    assert stay["folded_to"] == "2026-01-04T00:00:00Z"


def test_a_timer_follows_its_date():
    timer = {"name": "t", "delay": "-P3D", "from": "scan_on", "remind": "soon"}
    definition = release({"a": {"x": {"after": [timer]}}}, facts={"scan_on": {"type": "date"}})

    def scan_reported(date, time):
        return reported("go", time, uid=time, facts={"scan_on": date})

    log = [enrolled(), scan_reported("2026-02-10", "2026-01-02"), scan_reported("2026-03-10", "2026-01-03")]
    state, _ = folded(definition, *log, now="2026-01-03")
    assert state["tracks"]["a"][0]["timers"] == {"t": {"due": "2026-03-07T00:00:00Z", "anchor": "2026-03-10"}}
    state, _ = folded(definition, *log, scan_reported(DECLINED, "2026-01-04"))
    assert state["tracks"]["a"][0]["timers"] == {}
    state, _ = folded(
        definition, *log, scan_reported("2026-01-01", "2026-01-04"), scan_reported("2026-03-10", "2026-01-05")
    )
    assert state["tracks"]["a"][0]["fired"] == [
        ["t", "2026-01-01", "2026-01-04T00:00:00Z", True],
        ["t", "2026-03-10", "2026-03-07T00:00:00Z", True],
    ]


def test_a_timer_whose_condition_is_not_true_is_spent():
    timer = {"name": "t", "delay": "P3D", "to": "y", "when": FIT}
    definition = release({"a": {"x": {"after": [timer]}, "y": {}}}, facts={"fit": {"type": "boolean"}})
    state, results = folded(definition, enrolled(), reported("go", "2026-01-06", facts={"fit": True}))
    assert leaves(state) == {"a": "x"}
    stay = state["tracks"]["a"][0]
    assert stay["fired"] == [["t", None, "2026-01-04T00:00:00Z", False]]
    assert results[1] == {"timer": make_id("timer", stay["stay"], "t", ""), "transitions": []}


# Section 9


def test_tasks_follow_from_the_truth_and_reminders_from_the_told_view():
    after = [{"name": "r", "delay": "P1D", "remind": "piece"}, {"name": "t", "delay": "P1D", "task": {}}]
    held = {"after": after, "hold_until": {"trigger": "discussed"}}
    definition = release({"a": {"x": ways(go=[to("y")]), "y": held}, "b": {"z": {"after": after}}})
    log = [enrolled(), reported("go", "2026-02-01")]

    def follows(*more):
        state, _ = folded(definition, *log, *more)
        told = told_view({"r1": definition}, [*log, *more], instant_of("2026-12-31"))
        return sorted(effects(state, definition, told).values())

    assert follows() == ["r", "t", "t", "tell"]
    assert follows(reported("discussed", "2026-02-02")) == ["r", "r", "t", "t"]


# Section 10


def test_an_end_closes_all_tracks_and_what_comes_after_is_ignored():
    definition = release({"a": {"x": ways(go=[to("y")]), "y": {}}, "b": SIZED})
    log = [enrolled(), reported("left", "2026-01-03"), reported("go", "2026-01-04")]
    state, results = folded(definition, *log)
    assert state["ended"] == {"trigger": "left", "at": "2026-01-03", "event": "left"}
    assert results[1]["by_track"] == {"a": "advanced", "b": "advanced"}
    assert results[1]["transitions"][0] == {"track": "a", "from": "x", "to": None, "trigger": "left"}
    assert results[2]["outcome"] == "ignored"
    assert leaves(state) == {"a": "x", "b": "small"}
    assert effects(state, definition) == {}


# Section 11


def migrated(goes, time="2026-03-01", **more):
    return event("migrated", "migrated", time, data={"to": "r2", "map": goes}, **more)


def test_a_migration_keeps_stays_where_it_can():
    timers = {"after": [{"name": "t", "delay": "P1M", "remind": "piece"}]}
    old = release({"a": {"p": {"initial": "x", "states": {"x": timers}}}})
    new = release(
        {
            "a": {
                "p": {
                    "initial": "n",
                    "states": {"n": {"initial": "y", "states": {"y": timers | {"initial": "z", "states": {"z": {}}}}}},
                }
            }
        }
    )
    before, _ = folded(old, enrolled())
    state, results = folded(old, enrolled(), migrated({"a.p.x": "a.p.n.y"}), r2=new)
    was, now = before["tracks"]["a"], state["tracks"]["a"]
    assert [stay["state"] for stay in now] == ["p", "p.n", "p.n.y", "p.n.y.z"]
    assert [now[0]["stay"], now[2]["stay"]] == [was[0]["stay"], was[1]["stay"]]
    assert [stay["since"] for stay in now] == ["2026-01-01", "2026-01-01", "2026-01-01", "2026-03-01"]
    assert now[2]["fired"] == was[1]["fired"]
    assert now[2]["timers"] == {}
    assert state["visits"] == {"a.p": 1, "a.p.n": 1, "a.p.n.y": 1, "a.p.n.y.z": 1}
    assert results[-1]["transitions"] == [{"track": "a", "from": "p.x", "to": "p.n.y.z", "trigger": "migrated"}]


def test_a_leaf_goes_to_several_tracks_and_the_own_one_keeps_its_stay():
    timers = {
        "after": [{"name": "t", "delay": "P1M", "remind": "piece"}, {"name": "u", "delay": "P1M", "task": {}}],
    }
    old = release({"a": {"x": timers}})
    new = release({"a": {"y": timers}, "b": {"z": {}, "m": {"initial": "n", "states": {"n": timers}}}})
    before, _ = folded(old, enrolled(), now="2026-02-15")
    state, results = folded(old, enrolled(), migrated({"a.x": ["b.m.n", "a.gone", "a.y", "b.z"]}), r2=new)
    (kept,), (around, beside) = state["tracks"]["a"], state["tracks"]["b"]
    assert kept["stay"] == before["tracks"]["a"][0]["stay"]
    assert [around["stay"], beside["stay"]] == [make_id("stay", "b", path, "migrated") for path in ("m", "m.n")]
    assert beside["since"] == kept["since"] == around["since"] == "2026-01-01"
    assert [firing[3] for firing in kept["fired"]] == [True, True]
    assert [firing[3] for firing in beside["fired"]] == [False, True]
    assert beside["timers"] == {}
    assert state["visits"] == {"a.y": 1, "b.m": 1, "b.m.n": 1}
    assert [(move["track"], move["from"], move["to"]) for move in results[-1]["transitions"]] == [
        ("a", "x", "y"),
        ("b", None, "m.n"),
    ]


def test_a_migration_adds_and_drops_tracks_and_facts():
    old = release(
        {"a": SIZED, "b": SIZED}, facts={"fit": {"type": "boolean"}, "years": {"type": "integer", "min": 0, "max": 90}}
    )
    new = release(
        {"a": SIZED, "c": SIZED}, facts={"years": {"type": "integer", "min": 0, "max": 50}, "note": {"type": "text"}}
    )
    report = reported("go", "2026-01-02", facts={"fit": True, "years": 70, "note": "well"})
    state, results = folded(old, enrolled(), report, migrated({}), r2=new)
    assert leaves(state) == {"a": "small", "c": "small"}
    assert state["facts"] == {"note": {"value": "well", "at": "2026-01-02", "event": "go", "by": "staff"}}
    assert results[-1]["by_track"] == {"a": "ignored", "c": "advanced"}


def test_events_of_the_migrations_instant_apply_before_it():
    old = release({"a": {"x": ways(go=[to("y")]), "y": {}}})
    new = release({"a": SIZED})
    _, results = folded(
        old, enrolled(), migrated({"a.y": "a.large"}), reported("go", "2026-03-01T00:00:00Z", sequence=9), r2=new
    )
    assert [each["event"] for each in results] == ["enrolled", "go", "migrated"]
    assert results[-1]["transitions"] == [{"track": "a", "from": "y", "to": "large", "trigger": "migrated"}]


def test_placing_leaves_and_enters_anew():
    definition = release(
        {
            "a": {"x": {}, "y": {"initial": "z", "states": {"z": {}}}},
            "b": {"m": ways(**{"entered.a.y.z": [to("n")]}), "n": {}},
        }
    )
    state, results = folded(definition, enrolled(), event("placed", "placed", "2026-01-02", data={"state": "a.y"}))
    assert leaves(state) == {"a": "y.z", "b": "n"}
    assert state["tracks"]["a"][0]["stay"] == make_id("stay", "a", "y", "placed")
    assert results[-1]["outcome"] == "advanced"


# Section 12


def test_the_told_view_goes_on_without_what_is_withheld():
    states = {"x": ways(go=[to("y")]), "y": ways(on=[to("z")]) | {"hold_until": {"trigger": "discussed"}}, "z": {}}
    definition = release({"a": states}, facts={"result": RESULT | {"hold_until": {"trigger": "back"}}})

    def view(*log):
        return told_view({"r1": definition}, list(log), instant_of("2026-12-31"))["state"]

    bad = reported("go", "2026-01-02", arrived_at=instant_of("2026-01-04"))
    worse = reported("on", "2026-01-08", facts={"result": "worst"})
    assert view(enrolled()) is None
    assert leaves(view(enrolled(), bad)) == {"a": "x"}
    assert view(enrolled(), bad, mark("seen", "2026-01-06"))["marks"] != {}
    assert leaves(view(enrolled(), bad, worse)) == {"a": "x"}
    later = view(enrolled(), bad, worse, reported("discussed", "2026-01-09"))
    assert (leaves(later), later["facts"]) == ({"a": "y"}, {})
    back = reported("back", "2026-01-09")
    assert view(enrolled(), bad, worse, back)["facts"]["result"]["value"] == "worst"
    assert view(enrolled(), bad, worse, back, reported("discussed", "2026-01-10")) is None


def test_a_firing_that_brings_bad_news_does_not_take_in_the_told_view():
    states = {"x": {"after": [{"name": "t", "delay": "P3D", "to": "y"}]}, "y": {"hold_until": {"trigger": "discussed"}}}
    seen = told_view({"r1": release({"a": states})}, [enrolled()], instant_of("2026-02-01"))["state"]
    assert leaves(seen) == {"a": "x"}
    assert seen["tracks"]["a"][-1]["fired"] == [["t", None, "2026-01-04T00:00:00Z", False]]


# All together


@pytest.mark.parametrize(
    "first", [pytest.param(first, marks=pytest.mark.long if first else ()) for first in range(0, 300, 50)]
)
def test_the_state_does_not_depend_on_the_order_of_arrival(first):
    for seed in range(first, first + 50):
        case = random_case(seed)
        state, results = fold(case.releases, case.log, case.now)
        for log in case.orders(6):
            again, results_again = fold(case.releases, log, case.now)
            assert canonical(again) == canonical(state), seed
            assert results_again == results, seed


def test_random_cases_are_the_same_every_time():
    case, again = random_case(7), random_case.__wrapped__(7)
    assert case == again
    assert [case.definition_yaml(name) for name in case.releases] == [
        again.definition_yaml(name) for name in again.releases
    ]


def test_random_journeys_have_no_unreachable_state_and_no_timer_that_takes_a_child_away():
    for seed in range(100):
        for definition in random_case(seed).releases.values():
            states = {(track, path): state for track, path, state in states_of(definition)}
            reached = set()
            for track, body in definition["tracks"].items():
                reach(states, reached, track, body["initial"])
            assert reached == set(states), seed
            for (track, path), state in states.items():
                inside = [other for key, other in states.items() if key[0] == track and key[1].startswith(path + ".")]
                leaves_by_itself = any(timer.get("to") for timer in state["after"])
                assert not (leaves_by_itself and any(other["on"] for other in inside)), seed


def reach(states, reached, track, path):
    """Note all that can be reached when a path is entered, what contains it included."""
    above = path.rpartition(".")[0]
    if above and (track, above) not in reached:
        reach(states, reached, track, above)
    if (track, path) in reached:
        return
    reached.add((track, path))
    state = states[track, path]
    targets = [transition["to"] for siblings in state["on"].values() for transition in siblings]
    targets += [timer["to"] for timer in state["after"] if timer.get("to")]
    targets += [f"{path}.{state['initial']}"] if state.get("initial") else []
    for target in targets:
        if target != "stay":
            reach(states, reached, track, target)


def test_random_cases_print_as_text_and_have_views():
    for seed in range(40):
        case = random_case(seed)
        for name in case.releases:
            assert case.definition_yaml(name).startswith("journey: made_up\n")
        told = told_view(case.releases, case.log, case.now)
        assert (told["state"] is not None) == any(news["id"] not in told["told"] for news in told["news"])


def mark(type_, time, piece="a-piece", **more):
    return event("reported", type_, time, by="patient", data={"piece": piece}, **more)


def test_a_mark_notes_when_it_was_so_last_and_does_nothing_else():
    """In whichever order the marks arrive; retracted it is gone; a waiting event is not asked."""
    soon = ("and", ("true", "fit"), ("days_in_state", "<", 9))
    states = {"p": ways(go=[to("q", soon), to("r", otherwise=True)]), "q": {}, "r": {}}
    definition = release({"a": states, "b": {"x": {}}}, facts={"fit": {"type": "boolean"}})
    log = [
        enrolled(),
        mark("seen", "2026-03-01", uid="m2"),
        mark("seen", "2026-02-01T10:00:00Z", uid="m1"),
        mark("dismissed", "2026-02-02", "other", uid="m3"),
        event("reported", "go", "2026-01-02"),
    ]
    state, results = folded(definition, *log)
    assert state["marks"] == {"a-piece": {"seen": "2026-03-01"}, "other": {"dismissed": "2026-02-02"}}
    assert (leaves(state), state["folded_to"]) == ({"a": "p", "b": "x"}, "2026-03-01T00:00:00Z")
    assert [waiting_event["type"] for waiting_event in state["waiting"]] == ["go"]  # asked now, it would go to r
    assert results[-1] == {
        "event": "m2",
        "outcome": "stayed",
        "by_track": {"a": "stayed", "b": "stayed"},
        "transitions": [],
        "waiting_for": [],
    }
    taken_back = {
        "entry": "retraction",
        "uid": "m2",
        "by": "staff",
        "reporter": "carol",
        "arrived_at": instant_of("2026-04-01"),
    }
    assert folded(definition, *log, taken_back)[0]["marks"]["a-piece"] == {"seen": "2026-02-01T10:00:00Z"}


def test_after_the_end_a_mark_is_ignored():
    state, results = folded(
        release({"a": {"p": {}}}), enrolled(), reported("left", "2026-02-01"), mark("seen", "2026-03-01")
    )
    assert (state["marks"], results[-1]["outcome"]) == ({}, "ignored")


def test_a_question_notes_its_showings_and_its_answer_leaves_the_last_one():
    """Showings of one day count once; a part of the group answers it, and whatever event brings that."""
    facts = {"fit": {"type": "boolean"}, "stage": {"type": "text"}, "basis": {"type": "text"}}
    definition = release({"a": {"p": {}}}, facts=facts) | {"groups": {"staging": ["stage", "basis"]}}

    def about(question, type_, time, **more):
        return event("reported", type_, time, by="patient", data={"question": question, **more})

    log = [
        enrolled(),
        about("staging", "seen", "2026-02-03"),
        about("staging", "seen", "2026-02-01T10:00:00Z"),
        about("staging", "seen", "2026-02-01T11:00:00Z"),
        about("fit", "later", "2026-02-02", until="2026-03-01"),
    ]
    state, results = folded(definition, *log)
    assert state["asked"] == {
        "staging": {"shown": 2, "last_shown": "2026-02-03", "until": None},
        "fit": {"shown": 0, "last_shown": None, "until": "2026-03-01"},
    }
    assert (state["marks"], results[-1]["outcome"]) == ({}, "stayed")
    told = event("reported", "told", "2026-02-04", facts={"stage": DECLINED, "fit": True})
    assert folded(definition, *log, told)[0]["asked"] == {
        "staging": {"shown": 0, "last_shown": "2026-02-03", "until": None}
    }
    assert "asked" not in folded(definition, enrolled())[0]


def test_a_telling_opens_a_held_fact_to_questions_until_it_is_unknown_again():
    """Staff tell it, by the hold's own trigger; only facts that patients may tell and that are asked for count."""
    held = {"type": "boolean", "hold_until": {"trigger": "discussed"}}
    facts = {
        "fit": held | {"ask": {}},
        "never_asked": held,
        "for_staff": held | {"ask": {}, "by": ["staff"]},
        "stage": held,
        "basis": {"type": "text"},
    }
    groups = {"groups": {"staging": ["stage", "basis"]}, "asked_groups": ["staging"]}
    triggers = {"again": {"resets": ["fit"]}}
    definition = release({"a": {"p": {}}}, facts=facts, triggers=triggers) | groups
    assert "discussed" not in folded(definition, enrolled(), reported("discussed", "2026-01-02", by="family"))[0]
    log = [enrolled(), reported("discussed", "2026-01-02")]
    assert folded(definition, *log)[0]["discussed"] == ["fit", "stage"]
    assert folded(definition, *log, reported("again", "2026-01-03"))[0]["discussed"] == ["stage"]
    assert folded(definition, *log, reported("again", "2026-01-01"))[0]["discussed"] == ["fit", "stage"]
