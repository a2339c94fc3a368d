"""Which transition a trigger takes in a track, or what it lacks (docs/fold.md, section 5)."""

from dataclasses import dataclass

from tests.reference.conditions import Circumstances, ask
from tests.reference.state import Stay


@dataclass(frozen=True)
class Taken:
    """A transition that was selected, and the stay whose state declares it."""

    stay: Stay
    transition: dict


@dataclass(frozen=True)
class Lacking:
    """The facts for which an event waits, and the stay to which it is bound."""

    stay: Stay
    missing: frozenset


def select(fold, track, trigger, innermost=None, *, is_raised=False):
    """Return what a trigger does in a track (Taken, Lacking or None), asked from a depth of open stays outwards."""
    lacking = frozenset(fold.release.required_facts(trigger) - fold.state.facts.keys())
    for stay in reversed(fold.state.tracks[track][:innermost]):
        siblings = fold.declared(track, stay).get("on", {}).get(trigger)
        if siblings is None:
            continue
        if lacking:
            return Lacking(stay, lacking)
        if selection := choose(fold, stay, siblings, is_raised):
            return selection
    return None


def choose(fold, stay, siblings, is_raised):
    """Return which of sibling transitions is taken, or what it lacks, or None where all are false."""
    conditional = sorted((transition for transition in siblings if not transition.get("otherwise")), key=order_of)
    otherwise = next((transition for transition in siblings if transition.get("otherwise")), None)
    answers = [(transition, *ask_in_state_of(fold, transition.get("when"), stay)) for transition in conditional]
    if is_raised:
        answers = [(transition, bool(answer), missing) for transition, answer, missing in answers]
    candidates = [(transition, answer, missing) for transition, answer, missing in answers if answer is not False]
    true = [transition for transition, answer, _ in candidates if answer]
    unknown = [missing for _, answer, missing in candidates if answer is None]
    is_ordered = any(map(order_of, conditional))
    if true and not (is_ordered and candidates[0][1] is None):
        return Taken(stay, true[0])
    if otherwise and not true and are_declined(fold, unknown):
        return Taken(stay, otherwise)
    if unknown:
        return Lacking(stay, unknown[0] if is_ordered else frozenset().union(*unknown))
    return None


def are_declined(fold, unknown):
    """Return whether all facts that unknown conditions lack are declined."""
    return all("declined" in fold.state.facts.get(name, ()) for missing in unknown for name in missing)


def ask_in_state_of(fold, condition, stay):
    """Return the answer of a condition that the state of a stay declares, and the facts it lacks."""
    return ask(condition, Circumstances(fold.release, fold.state, stay.begins, fold.instant))


def order_of(transition):
    """Return the rank of a transition among its siblings, 0 where they have none."""
    return transition.get("order") or 0
