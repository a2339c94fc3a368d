"""What a migration does to a fold (docs/fold.md, section 11)."""

from collections import Counter
from dataclasses import replace

from tests.reference.state import Stay
from tests.reference.timers import arm_all
from tests.reference.values import make_id


def migrate(fold, event):
    """Move a fold to another release, by the map of a migration."""
    state = fold.state
    fold.release = fold.releases[event["data"]["to"]]
    state.release = fold.release.name
    old_tracks, goes = state.tracks, event["data"]["map"]
    targets = {
        track: targets_of(f"{track}.{stays[-1].state}", goes, fold.release) for track, stays in old_tracks.items()
    }
    move_visits(fold, goes)
    facts_before = state.facts.copy()
    state.facts = {
        name: fact
        for name, fact in facts_before.items()
        if name in fold.release.facts and ("declined" in fact or fold.release.knows(name, fact["value"]))
    }
    state.discussed &= set().union(*map(fold.release.facts_opened_by, fold.release.tellings))
    state.tracks = {track: [] for track in fold.release.initial}
    for track in fold.release.initial:
        if source_of(track, targets) is None:
            fold.begin_track(track, fold.release.states_entered(track, fold.release.initial[track]))
    for source, tracks_with_paths in targets.items():
        kept_ids = set()
        for track, path in tracks_with_paths:
            if source_of(track, targets) == source:
                kept_ids |= move_track(fold, track, old_tracks[source], path, kept_ids)
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


def targets_of(full_path, goes, release):
    """Return where a state, named with its track, goes: pairs of track and path, its own target first."""
    named = goes.get(full_path, [])
    targets = {}
    for target in [named] if isinstance(named, str) else named:
        track, _, path = target.partition(".")
        if release.has_state(target) and track not in targets:
            targets[track] = path
    own_track, _, own_path = full_path.partition(".")
    if not targets and release.has_state(full_path):
        targets[own_track] = own_path
    if own_track in targets:
        targets = {own_track: targets.pop(own_track)} | targets
    return list(targets.items())


def source_of(track, targets):
    """Return the old track whose leaf goes into a track, or None: that of its name first, own targets next."""
    own_targets = {source: pairs[0][0] for source, pairs in targets.items() if pairs}
    if own_targets.get(track) == track:
        return track
    for source, own_target in own_targets.items():
        if own_target == track:
            return source
    return next((source for source, pairs in targets.items() if track in dict(pairs)), None)


def move_track(fold, track, old_stays, target, kept_ids):
    """Open the path to a target and on through `initial`; return the ids of the stays that go on in it.

    `kept_ids` are those of the stays that go on in another track.
    """
    leaf = old_stays[-1]
    by_path = {stay.state: stay for stay in old_stays if stay.id not in kept_ids}
    paths = fold.release.states_entered(track, target)
    for path in paths:
        stay = by_path.get(path)
        if stay is None and path == target and leaf.state not in paths and leaf.id not in kept_ids:
            stay = leaf
        if stay is not None:
            fold.state.tracks[track].append(replace(stay, state=path, timers={}))
        elif path == target and leaf.id in kept_ids:
            stay_beside(fold, track, path, leaf)
        elif path.startswith(f"{target}."):
            fold.begin_stay(track, path, fold.cause, fold.time, fold.begins)
        else:
            fold.begin_stay(track, path, fold.cause, leaf.since, leaf.begins)
    return {stay.id for stay in fold.state.tracks[track]}


def stay_beside(fold, track, path, leaf):
    """Begin a stay beside the leaf's, which goes on elsewhere: it counts no visit, and reminds of nothing twice."""
    timers = {timer["name"]: timer for timer in fold.release.states[track][path].get("after", ())}
    fired = []
    for name, anchor, time, took in leaf.fired:
        if name in timers and bool(timers[name].get("from")) == (anchor is not None):
            fired.append((name, anchor, time, took and not timers[name].get("remind")))
    stay_id = make_id("stay", track, path, fold.cause)
    stay = Stay(stay_id, path, leaf.since, leaf.begins, fired=fired, done=leaf.done)
    fold.state.tracks[track].append(stay)


def move_visits(fold, goes):
    """Count the visits of each old state for each state that it goes to."""
    visits = Counter()
    for full_path, count in fold.state.visits.items():
        for track, path in targets_of(full_path, goes, fold.release):
            visits[f"{track}.{path}"] += count
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
