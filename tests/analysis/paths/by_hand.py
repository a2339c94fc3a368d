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


def ways_of(journey, track):
    """Return what each leaf of a track may take: by leaf, each transition with the leaf it leads to (None: the end).

    It is declared by the leaf or a state around it, unless one further inside always answers the same trigger.
    """
    declared, always = {}, set()
    for state in track.states.values():
        for trigger in {one.trigger for one in state.on}:
            asked = [one for one in state.on if one.trigger == trigger]
            for place, one in enumerate(sorted(asked, key=lambda one: (one.otherwise, one.order or 0))):
                declared.setdefault(state.path, []).append((trigger, place, one))
                if one.when is None:
                    always.add((state.path, trigger))
        for place, timer in enumerate(state.after):
            declared.setdefault(state.path, []).append(("after", place, timer))
    found = {}
    for leaf in (path for path, state in track.states.items() if not state.children):
        ways = found[leaf] = {(track.name, "", end, 0): None for end in journey.ends}
        inside = []
        for around in outwards(leaf):
            for trigger, place, one in declared.get(around, ()):
                answered = trigger != "after" and any((path, trigger) in always for path in inside)
                if one.to not in (None, "stay") and not answered:
                    ways[track.name, around, trigger, place] = leaf_of(track, track.resolve(one.to, around))
            inside.append(around)
    return found


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
    found = set()
    for track in journey.tracks.values():
        ways = ways_of(journey, track)
        for first, leaf in declared_in(track).items():
            found |= {(first, second) for second in ways[leaf]}
    return found


def declared_in(track):
    """Return every transition that a track declares, with the leaf it leads to."""
    found = {}
    for state in track.states.values():
        for trigger in {one.trigger for one in state.on}:
            asked = sorted(
                (one for one in state.on if one.trigger == trigger), key=lambda one: (one.otherwise, one.order or 0)
            )
            found |= {(track.name, state.path, trigger, place): one.to for place, one in enumerate(asked)}
        found |= {(track.name, state.path, "after", place): one.to for place, one in enumerate(state.after)}
    return {
        key: leaf_of(track, track.resolve(to, key[1])) for key, to in found.items() if to is not None and to != "stay"
    }


def paths_of(journey):
    """Return how many structural paths there are: every one is gone, loops as one place, for each beginning."""
    initial = {name: leaf_of(track, track.initial.text) for name, track in journey.tracks.items()}
    beginnings = [initial]
    for entry in journey.entries.values():
        full = [journey.resolve_state(text.text).partition(".") for text in entry.states]
        beginnings.append(initial | {name: leaf_of(journey.tracks[name], path) for name, _, path in full})
    return sum(
        prod(paths_from(journey, journey.tracks[name], leaf) for name, leaf in one.items()) for one in beginnings
    )


def paths_from(journey, track, beginning):
    """Return how many paths lead from a leaf to where nothing leads on."""
    out = {leaf: [to for to in ways.values() if to is not None] for leaf, ways in ways_of(journey, track).items()}
    leads = {leaf: reached_from(out, leaf) for leaf in out}
    together = {a: frozenset({a, *(b for b in leads[a] if a in leads[b])}) for a in out}
    found, stack = 0, [together[beginning]]
    while stack:
        place = stack.pop()
        onwards = [together[to] for leaf in place for to in out[leaf] if to not in place]
        found += not onwards
        stack += onwards
    return found


def reached_from(out, leaf):
    """Return every leaf that some way from a leaf comes to."""
    found, waiting = set(), [leaf]
    while waiting:
        new = set(out[waiting.pop()]) - found
        found |= new
        waiting += new
    return found
