"""Facts of every type, and how the tests of conditions ask one."""

from datetime import UTC, datetime, timedelta

from journeys.definition.conditions import Scope, World, compile_condition, parse_condition
from journeys.definition.facts import DECLINED, FactType

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
STAGES = {"0": [], "I": ["IA", "IB"], "IA": ["IA1", "IA2"], "II": []}


def ancestors():
    result = {}

    def add(value, above):
        result[value] = frozenset({*above, value})
        for inner in STAGES.get(value, []):
            add(inner, result[value])

    for top in ("0", "I", "II"):
        add(top, ())
    return result


ABOVE = ancestors()
KINDS = {
    "a": FactType("boolean"),
    "b": FactType("boolean"),
    "stage": FactType("choice", tuple(ABOVE), ABOVE, ("0", "IA1", "IA2", "IB", "II")),
    "sites": FactType(
        "set", ("bone", "brain", "liver"), {entry: frozenset({entry}) for entry in ("bone", "brain", "liver")}
    ),
    "packs": FactType("integer", minimum=0, maximum=9),
    "scan": FactType("date"),
    "end": FactType("date"),
    "name": FactType("text"),
}
STATES = ("care.home", "care.ward", "care.ward.bed", "care.ward.chair", "mood.calm", "mood.low")
LEAVES = {"care": ("care.home", "care.ward.bed", "care.ward.chair"), "mood": ("mood.calm", "mood.low")}


def resolved(written):
    return next((full for full in STATES if full == written or full.partition(".")[2] == written), None)


SCOPE = Scope(KINDS, {}, resolved, STATES, stay=True)
NAMED = SCOPE.evolve(conditions={"both": parse_condition("a and b", SCOPE)})


def compiled(text, scope=NAMED):
    return compile_condition(text, parse_condition(text, scope), KINDS)


def world(*, places=("care.home", "mood.calm"), visits=None, days=0, now=NOW, **values):
    """Return a world; `days` is how long the stay has lasted."""
    told = {name: DECLINED if value == "declined" else value for name, value in values.items()}
    return World(told, frozenset(places), visits or {}, now, now - timedelta(days=days))


def ask(text, **told):
    return compiled(text).ask(world(**told))


def missing(text, **told):
    return compiled(text).missing(world(**told))
