"""What a migration does to a fold (docs/fold.md, section 11)."""

from collections import Counter
from dataclasses import replace

from tests.reference.timers import arm_all


def migrate(fold, event):
    """Move a fold to another release, by the map of a migration."""
    state = fold.state
    fold.release = fold.releases[event["data"]["to"]]
    state.release = fold.release.name
    old_tracks, targets = state.tracks, {}
    for track, stays in old_tracks.items():
        target = target_of(f"{track}.{stays[-1].state}", event["data"]["map"], fold.release)
        if target is not None:
            targets[track] = target.split(".", 1)
    move_visits(fold, event["data"]["map"])
    facts_before = state.facts.copy()
    state.facts = {
        name: fact
        for name, fact in facts_before.items()
        if name in fold.release.facts and ("declined" in fact or fold.release.knows(name, fact["value"]))
    }
    state.tracks = {track: [] for track in fold.release.initial}
    for track in fold.release.initial:
        source = source_of(track, targets)
        if source is None:
            fold.begin_track(track, fold.release.states_entered(track, fold.release.initial[track]))
        else:
            move_track(fold, track, old_tracks[source], targets[source][1])
    learn_facts_at_last(fold, facts_before)
    for track, stays in state.tracks.items():
        for stay in stays:
            arm_all(fold, track, stay)
        old_leaf = old_tracks[track][-1].state if track in old_tracks else None
        if old_leaf != stays[-1].state:
            fold.transitions.append({"track": track, "from": old_leaf, "to": stays[-1].state, "trigger": "migrated"})
    state.waiting = [
        entry for entry in state.waiting if any(stay.id == entry.stay for stay in state.tracks.get(entry.track, ()))
    ]
    fold.sort_waiting_events()


def target_of(full_path, targets_by_path, release):
    """Return where a state goes, named with its track: where the map says, else to itself, or nowhere (None)."""
    targets = (targets_by_path.get(full_path, full_path), full_path)
    return next((target for target in targets if release.has_state(target)), None)


def source_of(track, targets):
    """Return the old track whose leaf goes into a track: that of its own name, else the first."""
    sources = [source for source, (target_track, _) in targets.items() if target_track == track]
    return track if track in sources else next(iter(sources), None)


def move_track(fold, track, old_stays, target):
    """Open the path to a target and on through `initial`; stays go on where their state or the leaf does."""
    leaf = old_stays[-1]
    by_path = {stay.state: stay for stay in old_stays}
    paths = fold.release.states_entered(track, target)
    for path in paths:
        stay = by_path.get(path)
        if stay is None and path == target and leaf.state not in paths:
            stay = leaf
        if stay is not None:
            fold.state.tracks[track].append(replace(stay, state=path, timers={}))
        elif path.startswith(f"{target}."):
            fold.begin_stay(track, path, fold.cause, fold.time, fold.begins)
        else:
            fold.begin_stay(track, path, fold.cause, leaf.since, leaf.begins)


def move_visits(fold, targets_by_path):
    """Count the visits of each old state for the state that it goes to."""
    visits = Counter()
    for full_path, count in fold.state.visits.items():
        target = target_of(full_path, targets_by_path, fold.release)
        if target is not None:
            visits[target] += count
    fold.state.visits = visits


def learn_facts_at_last(fold, facts_before):
    """Learn what earlier events brought and only the new release knows, unless something newer was learned."""
    newest, still_unknown = {}, []
    for step, event, name in fold.unknown_facts:
        if fold.release.knows(name, event["facts"][name]):
            newest[name] = (step, event)
        else:
            still_unknown.append((step, event, name))
    fold.unknown_facts = still_unknown
    for name, (step, event) in sorted(newest.items(), key=lambda item: (item[1][0], item[0])):
        if fold.state.changed_at.get(name, -1) <= step:
            fold.learn_fact(event, name, event["facts"][name], facts_before.get(name, {}))
