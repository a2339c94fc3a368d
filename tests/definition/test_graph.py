"""The edges of a declared journey, also of one with mistakes."""

from journeys.definition.graph import beginnings_of, declared_edges, reachable_leaves
from journeys.definition.model import Entry, Journey, StateDefinition, Text, Timer, Titles, Track, Transition


def journey_of(*states, initial="start", entries=()):
    tracks = {"care": Track("care", Titles(), Text(initial), {state.path: state for state in states})}
    by_name = {name: Entry(name, Titles(), (Text(state),)) for name, state in entries}
    return Journey("sample", "sample.yaml", "", Titles(), ("en",), {}, {}, {}, {}, {}, by_name, tracks)


def test_edges_follow_the_file_and_know_the_order_in_which_they_are_asked():
    otherwise = Transition("came", "start.inner", otherwise=True)
    ordered = Transition("came", "later", when=Text("operable"))
    journey = journey_of(
        StateDefinition(
            "start",
            initial=Text("inner"),
            children=("start.inner",),
            on=(otherwise, Transition("left", "stay"), ordered),
            after=(Timer("call", "P1D", remind="call"), Timer("move", "P2D", to="later")),
        ),
        StateDefinition("start.inner"),
        StateDefinition("later", on=(Transition("entered.mood.low", "start"),)),
    )
    edges = [(edge.on, edge.place, edge.kind, edge.leads_to, edge.enters) for edge in declared_edges(journey)]
    assert edges == [
        ("came", 1, "event", "care.start.inner", ("care.start.inner",)),
        ("came", 0, "event", "care.later", ("care.later",)),
        ("after move", 1, "timer", "care.later", ("care.later",)),
        ("entered.mood.low", 0, "raised", "care.start.inner", ("care.start", "care.start.inner")),
    ]


def test_an_unknown_target_is_left_out_and_a_wrong_initial_leaves_an_edge_without_a_leaf():
    journey = journey_of(
        StateDefinition("start", on=(Transition("came", "nowhere"), Transition("left", "later"))),
        StateDefinition("later", initial=Text("missing"), children=("later.inner",)),
        StateDefinition("later.inner"),
        initial="unknown",
        entries=(("soon", "care.start"), ("never", "care.unknown")),
    )
    (edge,) = declared_edges(journey)
    assert (edge.to, edge.target, edge.enters) == ("later", None, ())
    assert [(entry, [str(leaf) for leaf in leaves]) for entry, leaves in beginnings_of(journey)] == [
        (None, []),
        ("soon", ["care.start"]),
        ("never", []),
    ]
    assert reachable_leaves(journey) == {"care.start"}
