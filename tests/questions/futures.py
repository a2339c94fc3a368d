"""What follows from answers, by the engine and the rendered bytes alone; nothing here uses `journeys.questions`.

A view is advanced with real events. Two views differ if they are in other states, show other bytes, or have timers
that fire on other days.
"""

import itertools
from datetime import timedelta

from journeys.content.catalogue import select, world_of
from journeys.content.rendering import Renderer
from journeys.engine import Event, Fold
from journeys.primitives.state_path import chain_of

RAISED = "entered."
DAYS = (-400, -40, -5, 0, 1, 20, 60, 150, 300, 500, 800)
#: Days before today that are tried as answers; negative ones are in the future.


MOST_LOOKS = 3000
#: How often two views are compared before a search for different futures is given up.


class Futures:
    """A release with its pieces, and a source of chance for the answers that are tried."""

    def __init__(self, release, catalogue, chance):
        self.release, self.catalogue, self.plan, self.chance = release, catalogue, release.plan, chance
        self.renderer, self.count, self.looks = Renderer(), 0, 0

    # --- advancing a view

    def begin(self, now, states=None):
        event = self.event("enrolled", now, kind="enrolled", data={"release": self.plan.id, "states": states or {}})
        return self.fold(None, [event], now)

    def event(self, trigger, now, *, by="patient", kind="reported", facts=None, told=False, data=None):
        self.count += 1
        name = f"event-{self.count}"
        return Event(name, "ada", by, name, kind, trigger, now, now, facts=facts or {}, told=told, data=data or {})

    def fold(self, view, events, now):
        fold = Fold({self.plan.id: self.release}, self.plan.id, view, told=frozenset())
        fold.apply_all(events, now)
        return fold.state()

    def answered(self, view, facts, now):
        return self.fold(view, [self.event("answered", now, facts=facts)], now) if facts else view

    # --- what a patient sees

    def signature(self, view, now):
        """The open states, the bytes of every piece, and the timers that will take effect, with their days."""
        leaves = self.leaves(view)
        fired = frozenset(self.fired(view, now))
        return leaves, self.bytes_shown(view, now), frozenset(self.coming(view, now)), fired, view.ended is not None

    def leaves(self, view):
        return tuple(stays[-1].state for stays in view.tracks.values())

    def bytes_shown(self, view, now):
        return tuple(
            (selected.piece.key, self.bytes_of(selected.piece, world_of(view, now, selected.stay)))
            for selected in select(self.catalogue, view, now)
        )

    def bytes_of(self, piece, world):
        return tuple(self.renderer.render(piece, self.plan, world, locale=locale).html for locale in piece.texts)

    def fired(self, view, now):
        """The timers that took effect by now; a reminder that was sent earlier is not sent again."""
        for track, stays in view.tracks.items():
            for stay in stays:
                took = {firing.name for firing in stay.fired if firing.took and firing.at >= now}
                for timer in self.plan.tracks[track].states[stay.state].timers:
                    piece = self.catalogue.pieces[timer.remind] if timer.remind is not None else None
                    world = world_of(view, now, stay)
                    if timer.name in took and (piece is None or piece.when is None or piece.when.ask(world) is True):
                        yield track, stay.state, timer.name, self.bytes_of(piece, world) if piece is not None else None

    def coming(self, view, now):
        for track, stays in view.tracks.items():
            for stay in stays:
                for timer in self.plan.tracks[track].states[stay.state].timers:
                    armed = stay.timers.get(timer.name)
                    if armed is None:
                        continue
                    world = world_of(view, armed.due, stay)
                    if timer.when is not None and timer.when.ask(world) is not True:
                        continue
                    sent = None
                    if timer.to is not None:
                        (target,) = self.plan.tracks[track].handlers[stay.state, timer.trigger]
                        if any(state.hold is not None for state in target.enters):
                            continue
                    elif timer.remind is not None:
                        piece = self.catalogue.pieces[timer.remind]
                        if piece.when is not None and piece.when.ask(world) is not True:
                            continue
                        sent = self.bytes_of(piece, world)
                    yield track, stay.state, timer.name, armed.due, sent

    # --- answers

    def answers(self, fact, now):
        kind = self.plan.facts[fact]
        match kind.kind:
            case "boolean":
                values = [True, False]
            case "choice":
                values = list(kind.leaves)
            case "set":
                pairs = list(itertools.combinations(kind.values, 2))
                values = [
                    [],
                    *([value] for value in kind.values),
                    *map(sorted, self.chance.sample(pairs, min(4, len(pairs)))),
                ]
            case "integer":
                values = sorted(
                    {kind.minimum or 0, kind.maximum or 99, *(self.chance.randint(0, 99) for _ in range(8))}
                )
            case "date":
                values = [(now.date() - timedelta(days=ago)).isoformat() for ago in DAYS]
            case _:
                values = ["a text", "another text"]
        return [value for value in values if self.is_accepted(kind, value, now)]

    def is_accepted(self, kind, value, now):
        try:
            kind.read(value, now.date())
        except ValueError:
            return False
        return True

    def context(self, view, without, now):
        """Chance values of some other unknown facts; held facts that were not told stay unknown."""
        untold = self.plan.held_facts.keys() - view.discussed
        unknown = [name for name in self.plan.facts if name not in view.facts and name not in untold]
        share = self.chance.choice([0, 0.3, 0.6, 1])
        return {
            name: self.chance.choice(values)
            for name in unknown
            if name not in without and self.chance.random() < share and (values := self.answers(name, now))
        }

    def pairs_of_answers(self, view, facts, now, *, still=False):
        """Pairs of answers to a question, all else equal: they differ in the value of one unknown fact.

        `still`: nothing moves by the other facts alone.
        """
        unknown = [name for name in facts if name not in view.facts]
        self.chance.shuffle(unknown)
        for fact in unknown:
            rest = {name: self.chance.choice(self.answers(name, now)) for name in unknown if name != fact}
            context = self.context(view, set(unknown), now) | rest
            if still and self.leaves(self.answered(view, context, now)) != self.leaves(view):
                continue
            pairs = list(itertools.combinations(self.answers(fact, now), 2))
            self.chance.shuffle(pairs)
            yield from ((context | {fact: first}, context | {fact: second}) for first, second in pairs[:12])

    # --- futures

    def differ(self, first, second, steps, now, *, alone=False):
        """Whether two views differ now, or after the same events, at most so many.

        `alone`: no event is heard in two tracks, or moves two at once.
        """
        self.looks -= 1
        if self.signature(first, now) != self.signature(second, now):
            return True
        if steps == 0 or first.ended is not None or self.looks <= 0:
            return False
        for events, at in self.next_steps(first, now):
            if alone and any(self.hearing(first, event.type) > 1 for event in events):
                continue
            one, two = self.fold(first, events, at), self.fold(second, events, at)
            if alone and max(self.moved(first, one), self.moved(second, two)) > 1:
                continue
            if self.differ(one, two, steps - 1, at, alone=alone):
                return True
        return False

    def hearing(self, view, trigger):
        """The number of tracks in which an open state hears a trigger."""
        handlers = {track: self.plan.tracks[track].handlers for track in view.tracks}
        return sum(
            any((stay.state, trigger) in handlers[track] for stay in stays) for track, stays in view.tracks.items()
        )

    def moved(self, before, after):
        """The number of tracks that moved."""
        ids = [{track: [stay.id for stay in stays] for track, stays in view.tracks.items()} for view in (before, after)]
        return sum(ids[0][track] != ids[1].get(track) for track in ids[0])

    def next_steps(self, view, now):
        """The events that open states hear, with the facts that they require, and the next timer; in chance order.

        Known facts keep their values, and nobody reports a held fact of which the patient was not told.
        """
        later = now + timedelta(hours=1)
        triggers = sorted(
            {
                trigger
                for track, stays in view.tracks.items()
                for stay in stays
                for (state, trigger) in self.plan.tracks[track].handlers
                if state == stay.state and not trigger.startswith((RAISED, "after."))
            }
        )
        untold = self.plan.held_facts.keys() - view.heard_of
        steps = []
        for trigger in triggers:
            if not self.plan.requires[trigger].isdisjoint(untold):
                continue  # the patient hears of it by a telling
            for _ in range(3 if self.plan.requires[trigger] | self.plan.resets[trigger] else 1):
                names = sorted(self.plan.requires[trigger])
                reset = sorted(self.plan.resets[trigger] - untold)
                names += [name for name in reset if name in view.facts or self.chance.random() < 0.5]
                facts = {
                    name: view.facts[name].value
                    if name in view.facts
                    else self.chance.choice(self.answers(name, later))
                    for name in names
                }
                steps.append(([self.event(trigger, later, facts=facts)], later))
        due = view.next_due_at
        if due is not None:
            steps.append(([], due))
        self.chance.shuffle(steps)
        return steps

    def is_worth(self, view, facts, steps, now, *, tries, still=False, alone=False, looks=MOST_LOOKS):
        """Whether two answers to a question were seen whose futures differ."""
        self.looks = looks
        for _ in range(tries):
            if self.looks <= 0:
                return False
            for first, second in self.pairs_of_answers(view, facts, now, still=still):
                one_way, other_way = self.answered(view, first, now), self.answered(view, second, now)
                if self.differ(one_way, other_way, steps, now, alone=alone) or (
                    view.waiting and self.frees(view, facts, first, now)
                ):
                    return True
        return False

    def frees(self, view, facts, answers, now):
        """Whether an event that waits moves with one answer, and does not without it."""
        fact = self.chance.choice([name for name in answers if name in facts])
        without = self.answered(view, {name: value for name, value in answers.items() if name != fact}, now)
        moved = self.answered(view, answers, now)
        leaves = [tuple(stays[-1].id for stays in each.tracks.values()) for each in (without, moved)]
        return leaves[0] != leaves[1]


def may_be_asked(plan, view, facts):
    """Whether patients may be asked a question at all, by the declarations alone."""
    declared = [plan.journey.facts[name] for name in facts]
    unknown = [fact for fact in declared if fact.name not in view.facts]
    is_declined = any(
        name in view.facts and not isinstance(view.facts[name].value, bool | str | int | list) for name in facts
    )
    tellable = all("patient" in fact.by for fact in declared)
    return (
        bool(unknown)
        and tellable
        and not is_declined
        and all(fact.hold is None or fact.name in view.discussed for fact in unknown)
    )


def is_silent(plan, view):
    """Whether an open state, or a state around it, asks nothing."""
    return any(
        plan.journey.tracks[track].states[path].asks_nothing
        for track, stays in view.tracks.items()
        for path in chain_of(stays[-1].state)
    )
