"""What a journey's file declares, counted once more on its own lists: ways, pairs, and paths; nothing compiled is read.

A transition is (track, declaring state, trigger or `after`, place in the list). Places are as the engine asks:
`otherwise` last, then by `order`.
"""

from math import prod


def leaf_of(track, path):
    """Return the leaf where entering a state ends."""
    while track.states[path].children:
        path = f"{path}.{track.states[path].initial.text}"
    return path


def edges_by_leaf(journey, track):
    """Return what each leaf of a track may take: by leaf, each transition with the leaf it leads to (None: the end).

    It is declared by the leaf or a state around it, unless one further inside always answers the same trigger.
    """
    declared, always = {}, set()
    for state in track.states.values():
        for trigger in {transition.trigger for transition in state.on}:
            candidates = [transition for transition in state.on if transition.trigger == trigger]
            for index, transition in enumerate(
                sorted(candidates, key=lambda transition: (transition.otherwise, transition.order or 0))
            ):
                declared.setdefault(state.path, []).append((trigger, index, transition))
                if transition.when is None:
                    always.add((state.path, trigger))
        for index, timer in enumerate(state.after):
            declared.setdefault(state.path, []).append(("after", index, timer))
    by_leaf = {}
    for leaf in (path for path, state in track.states.items() if not state.children):
        edges = by_leaf[leaf] = {(track.name, "", end, 0): None for end in journey.ends}
        inside = []
        for around in outwards(leaf):
            for trigger, index, transition in declared.get(around, ()):
                answered = trigger != "after" and any((path, trigger) in always for path in inside)
                if transition.to not in (None, "stay") and not answered:
                    edges[track.name, around, trigger, index] = leaf_of(track, track.resolve(transition.to, around))
            inside.append(around)
    return by_leaf


def outwards(leaf):
    """Return the paths of a leaf and of the states around it, innermost first."""
    parts = leaf.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def transitions_of(journey):
    """Return every transition that is declared, each end once a track."""
    ends = {(name, "", end, 0) for name in journey.tracks for end in journey.ends}
    return ends.union(*map(declared_in, journey.tracks.values()))


def pairs_of(journey):
    """Return every two transitions of a track of which the second may be taken where the first leads.

    The first is any that is declared, also what a state inside always answers before it.
    """
    pairs = set()
    for track in journey.tracks.values():
        edges = edges_by_leaf(journey, track)
        for first, leaf in declared_in(track).items():
            pairs |= {(first, second) for second in edges[leaf]}
    return pairs


def declared_in(track):
    """Return every transition that a track declares, with the leaf it leads to."""
    targets = {}
    for state in track.states.values():
        for trigger in {transition.trigger for transition in state.on}:
            candidates = sorted(
                (transition for transition in state.on if transition.trigger == trigger),
                key=lambda transition: (transition.otherwise, transition.order or 0),
            )
            targets |= {
                (track.name, state.path, trigger, index): transition.to for index, transition in enumerate(candidates)
            }
        targets |= {(track.name, state.path, "after", index): timer.to for index, timer in enumerate(state.after)}
    return {
        key: leaf_of(track, track.resolve(to, key[1])) for key, to in targets.items() if to is not None and to != "stay"
    }


def paths_of(journey):
    """Return how many structural paths there are: every one is gone, loops as one place, for each beginning."""
    initial = {name: leaf_of(track, track.initial.text) for name, track in journey.tracks.items()}
    beginnings = [initial]
    for entry in journey.entries.values():
        full = [journey.resolve_state(text.text).partition(".") for text in entry.states]
        beginnings.append(initial | {name: leaf_of(journey.tracks[name], path) for name, _, path in full})
    return sum(
        prod(paths_from(journey, journey.tracks[name], leaf) for name, leaf in beginning.items())
        for beginning in beginnings
    )


def paths_from(journey, track, beginning):
    """Return how many paths lead from a leaf to where nothing leads on."""
    out = {
        leaf: [to for to in edges.values() if to is not None] for leaf, edges in edges_by_leaf(journey, track).items()
    }
    leads = {leaf: reached_from(out, leaf) for leaf in out}
    together = {a: frozenset({a, *(b for b in leads[a] if a in leads[b])}) for a in out}
    count, stack = 0, [together[beginning]]
    while stack:
        loop = stack.pop()
        onwards = [together[to] for leaf in loop for to in out[leaf] if to not in loop]
        count += not onwards
        stack += onwards
    return count


def reached_from(out, leaf):
    """Return every leaf that some way from a leaf comes to."""
    reached, waiting = set(), [leaf]
    while waiting:
        new = set(out[waiting.pop()]) - reached
        reached |= new
        waiting += new
    return reached
