"""Timers: when they are armed, and what their firing does (docs/fold.md, section 8)."""

from tests.reference.selection import Taken, ask_in_state_of
from tests.reference.state import Cause
from tests.reference.values import add_delay, instant_of, make_id


def arm_all(fold, track, stay):
    """Arm the timers of a stay anew."""
    stay.timers = {}
    for timer in fold.declared(track, stay).get("after", ()):
        arm(fold, stay, timer)


def arm(fold, stay, timer):
    """Arm a timer now, unless its date is unknown or it has fired for this date."""
    name, date_fact = timer["name"], timer.get("from")
    anchor = fold.state.facts.get(date_fact, {}).get("value") if date_fact else None
    stay.timers.pop(name, None)
    has_fired = any(firing[:2] == (name, anchor) for firing in stay.fired)
    if not has_fired and (anchor or not date_fact):
        deadline = add_delay(instant_of(anchor) if anchor else stay.begins, timer["delay"])
        stay.timers[name] = (max(deadline, stay.begins, fold.instant), anchor)


def next_timer(fold):
    """Return the due instant, the track, the depth of the stay and the timer that fires next, or None."""
    if fold.state.ended:
        return None
    due_timers = [
        (stay.timers[timer["name"]][0], track, depth, timer)
        for track, stays in fold.state.tracks.items()
        for depth, stay in enumerate(stays)
        if stay.timers
        for timer in fold.declared(track, stay).get("after", ())
        if timer["name"] in stay.timers
    ]
    return min(due_timers, key=lambda due_timer: due_timer[0], default=None)


def fire(fold, step, due, track, depth, timer):
    """Fire a timer; in the told view it does not take where it would show untold news."""
    fold.begin_step(step, None, due)
    fold.state.folded_to = due
    stay = fold.state.tracks[track][depth]
    _, anchor = stay.timers.pop(timer["name"])
    fold.cause = make_id("timer", stay.id, timer["name"], anchor or "")
    takes = ask_in_state_of(fold, timer.get("when"), stay)[0] is True
    stay.fired.append((timer["name"], anchor, fold.time, takes))
    if takes:
        state_before, steps_before = fold.told_news is not None and fold.state.copy(), fold.automatic_steps
        let_timer_act(fold, track, stay, timer)
        if fold.is_blocked:
            fold.state, fold.automatic_steps, fold.transitions = state_before, steps_before, []
            fold.state.tracks[track][depth].fired[-1] = (timer["name"], anchor, fold.time, False)
    fold.results.append({"timer": fold.cause, "transitions": fold.transitions})


def let_timer_act(fold, track, stay, timer):
    """Do what a timer does that took, and what follows from it."""
    if timer.get("to") and fold.execute(track, Taken(stay, timer), Cause(fold.cause), "after"):
        fold.count_automatic_step()
    fold.work_off_queue()
    fold.ask_waiting_events()
