"""The reference fold: docs/fold.md written down a second time, naively; it may share no code with the engine.

Definitions are the plain dicts of `definition.py`; a log is a list of entries as dicts, in the order of arrival.
"""

from tests.reference import told
from tests.reference.definition import Release, knows, parents_of_values, state_at, walk
from tests.reference.order import ANSWERED, MARKS, QUESTION_MARKS, TOPIC_MARKS, active_events
from tests.reference.steps import Fold, TooManySteps, effect_name
from tests.reference.values import DECLINED, add_delay, canonical, instant_of, make_id

__all__ = [
    "ANSWERED",
    "DECLINED",
    "MARKS",
    "QUESTION_MARKS",
    "TOPIC_MARKS",
    "TooManySteps",
    "add_delay",
    "canonical",
    "effects",
    "fold",
    "instant_of",
    "knows",
    "make_id",
    "news_of",
    "parents_of_values",
    "state_at",
    "told_view",
]


def fold(releases, log, now):
    """Return the state of a log at `now` in its stored form, and the results of its events and timers.

    Raises:
        TooManySteps: a definition leads in circles.
    """
    finished = run(releases, log, now)
    return finished.state.to_json(), finished.results


def news_of(releases, log, now):
    """Return the news that began, in order."""
    return list(run(releases, log, now).news.values())


def told_view(releases, log, now):
    """Return what an enrollment keeps of its told view after a log has arrived: section 12."""
    return told.told_view(read_releases(releases), log, now)


def run(releases, log, now):
    """Return the finished fold of a log."""
    return Fold(read_releases(releases), active_events(log)).run(now)


def read_releases(releases):
    """Return the definitions as `Release` values by name."""
    return {name: Release(name, definition) for name, definition in releases.items()}


def effects(state, definition, view=None, definition_of_view=None):
    """Return the names of the effects that follow, by their ids: section 9.

    Args:
        state: the state in its stored form.
        definition: the definition of its release.
        view: the told view in its stored form; without it, all news counts as told.
        definition_of_view: the definition of the told view's release, where it is another.
    """
    open_news = [news for news in view["news"] if news["id"] not in view["told"]] if view else []
    state_shown = view["state"] if open_news else state
    names = {} if state["ended"] else {make_id("effect", news["id"], "tell"): "tell" for news in open_news}
    names |= effects_of_kind("task", state, definition)
    return names | effects_of_kind("remind", state_shown, definition_of_view or definition)


def effects_of_kind(kind, state, definition):
    """Return the names of the tasks or of the reminders that follow from a state, by their ids."""
    names = {}
    for track, stays in state["tracks"].items() if not state["ended"] else ():
        states = dict(walk(definition["tracks"][track]["states"]))
        for stay in stays:
            declared = states[stay["state"]]
            timers = {timer["name"] for timer in declared.get("after", ()) if timer.get(kind) is not None}
            follow = [effect_name(name, anchor) for name, anchor, _, took in stay["fired"] if took and name in timers]
            follow += ["task"] if kind == "task" and declared.get("task") is not None else []
            names |= {make_id("effect", stay["stay"], name): name for name in follow if name not in stay["done"]}
    return names
