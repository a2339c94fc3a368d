"""Decides the claims that must hold for every journey with a prover, one function for each claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from journeys.analysis.paths import BEGINS, PathEvent
from journeys.analysis.paths.choices import any_value, reporter, whole_groups
from journeys.analysis.paths.driver import DAY, PathDriver
from journeys.analysis.proofs.exposure import Exposure
from journeys.analysis.proofs.follower import FollowTarget
from journeys.analysis.proofs.proof_space import ProofSpace, TooManyConfigurations
from journeys.analysis.proofs.prover import Claim, Prover, places_of, told_world
from journeys.analysis.proofs.verdict import Result, Verdict
from journeys.analysis.space import tracks_of
from journeys.content.catalogue import Piece, select
from journeys.content.catalogue.sources import SHARED
from journeys.content.templates import Arm, Branch, Repeat
from journeys.content.templates import Node as Part
from journeys.definition.compiler import Candidate
from journeys.definition.conditions import Compiled, DaysInState, Node, TooManyCells, Visits
from journeys.definition.conditions import walk as walk_condition
from journeys.definition.graph import instant_steps
from journeys.definition.model import STAY, Mark
from journeys.engine.fold import MAX_AUTOMATIC_STEPS
from journeys.primitives.graphs import components

BranchConditions = tuple[tuple[Compiled, bool], ...]
#: Conditions, each with its required truth.


def built_in(prover: Prover) -> list[Verdict]:
    """Return the verdicts on the properties of every journey."""
    verdicts: list[Verdict] = []
    for decide in DECIDERS:
        try:
            verdicts += decide(prover)
        except (TooManyConfigurations, TooManyCells) as error:
            claim = _claim_of(decide)
            verdicts.append(
                Verdict(_rule_of(decide), claim, "not proven", f"There are {error}.", file=prover.journey.file)
            )
    return verdicts


def after_the_end(prover: Prover) -> Iterator[Verdict]:
    """After an end nothing is shown, and nothing waits to be sent."""
    verdict = _verdict(prover, after_the_end)
    for trigger in prover.journey.ends:
        driver = PathDriver(prover.release, prover.graph, None, {}, BEGINS)
        required = {name: any_value(prover.plan.facts[name], BEGINS) for name in prover.plan.requires[trigger]}
        facts = whole_groups(prover.plan, required, BEGINS)
        by = reporter(prover.plan, trigger, facts)
        if by is None or not driver.report(PathEvent(BEGINS + DAY, trigger, by, facts)):
            reason = f"Nobody may report '{trigger}' with all that it requires."
            yield replace(verdict, result="not proven", reason=reason, mark=prover.journey.ends[trigger].mark)
            return
        if driver.state.next_due_at is not None or select(prover.catalogue, driver.state, driver.at):
            path = driver.path(_claim_of(after_the_end))
            yield replace(verdict, result="broken", reason=f"Something is shown after '{trigger}'.", path=path)
            return
    yield replace(verdict, reason="By the engine's rule, for all states; tried for each end.")


def can_end(prover: Prover) -> Iterator[Verdict]:
    """From every state a final state can be reached: an end is declared, and somebody may report it."""
    verdict = _verdict(prover, can_end)
    ends = prover.journey.ends
    if any(reporter(prover.plan, trigger, prover.plan.requires[trigger]) is not None for trigger in ends):
        yield replace(verdict, reason=f"From anywhere by {', '.join(ends)}.")
    else:
        yield replace(verdict, result="broken", reason="The journey declares no end that anybody may report.")


def goes_on(prover: Prover) -> Iterator[Verdict]:
    """Every reachable state declares something that can happen, besides an end."""
    verdict = _verdict(prover, goes_on)
    has_dead_end = False
    for track in prover.plan.tracks.values():
        space = prover.space({track.name})
        for configuration in space.reached:
            leaf = configuration.leaves[0]
            around = _around(leaf)
            if any(path in around for path, _ in track.handlers):
                continue
            has_dead_end = True
            full = f"{track.name}.{leaf}"
            path = prover.follower.follow(
                space, space.steps_to(configuration), _open(full), f"Nothing leads on from {full}"
            )
            mark = prover.journey.tracks[track.name].states[leaf].mark
            if path is None:
                reason = f"Nothing is declared in '{full}', but no patient was found who reaches it."
                yield replace(verdict, result="not proven", reason=reason, mark=mark)
            else:
                broken = prover.broken(replace(verdict, mark=mark), path, len(space.reached))
                yield replace(broken, reason=f"Nothing is declared in '{full}'. {broken.reason}")
    if not has_dead_end:
        yield verdict


def shows_something(prover: Prover) -> Iterator[Verdict]:
    """In every reachable state the patient is shown something, in every language."""
    verdict = _verdict(prover, shows_something)
    pieces = prover.catalogue.pieces.values()
    with_content = {state.partition(".")[0] for piece in pieces for state in piece.states}
    without = [name for name in prover.plan.tracks if name not in with_content]
    silent: list[str] = []
    count = 0
    is_broken = False
    for track in prover.plan.tracks.values():
        if track.name in without:
            continue
        for leaf in track.leaves:
            if any(track.declared.states[part].no_content for part in _around(leaf)):
                silent.append(f"{track.name}.{leaf}")
                continue
            decided = prover.decide(_shown_claim(prover, f"{track.name}.{leaf}"))
            count += decided.configurations
            if decided.result != "proven":
                is_broken = True
                yield decided
    if not is_broken:
        why = f" The track {', '.join(without)} has no content at all, on purpose." if without else ""
        why += f" There is nothing to read in {', '.join(silent)}, on purpose." if silent else ""
        yield replace(verdict, reason=why.strip(), configurations=count)


def _around(path: str) -> list[str]:
    """A state and the states around it."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _shown_claim(prover: Prover, full: str) -> Claim:
    track, _, leaf = full.partition(".")
    around = set(_around(full))
    locales = prover.journey.locales
    shown = [
        exposure
        for key, exposures in prover.exposures.items()
        for exposure in exposures
        if exposure.sender is None
        and exposure.piece.topic not in prover.journey.on_request
        and not around.isdisjoint(exposure.own)
        and not any(isinstance(part, DaysInState) for node in exposure.nodes for part in walk_condition(node))
        and all(locale in prover.catalogue.pieces[key].texts for locale in locales)
    ]
    is_unconditional = any(not exposure.conditions for exposure in shown)
    nodes = [] if is_unconditional else [node for exposure in shown for node in exposure.nodes]
    keys = [exposure.piece.key for exposure in shown]
    return Claim(
        rule=_rule_of(shows_something),
        words=f"In {full} the patient is shown something, in every language",
        breaks=lambda places, world: full in places and not any(exposure.is_given(places, world) for exposure in shown),
        goal=lambda driver: full in places_of(driver.view) and not prover.shown(driver.view, keys),
        nodes=tuple(nodes),
        states=(full,),
        mark=prover.journey.tracks[track].states[leaf].mark,
    )


def held_is_kept(prover: Prover) -> Iterator[Verdict]:
    """Pieces in the folder of a held state are shown only to patients who were in that state."""
    verdict = _verdict(prover, held_is_kept)
    is_broken = False
    count = 0
    for piece in prover.catalogue.pieces.values():
        own = ".".join(piece.place.split("/")[:-1])
        held = _held_around(prover, own)
        if held is None:
            continue
        visited = Visits(held, ">=", 1)
        decided = prover.decide_each(
            _hidden_claim(prover, piece, held, exposures)
            for exposures in prover.by_tracks(prover.exposures[piece.key], [visited])
        )
        if decided is None:
            continue
        count += decided.configurations
        if decided.result != "proven":
            is_broken = True
            yield decided
    if not is_broken:
        reason = "While a hold lasts, by the engine's rule all that is shown and sent is as it was before."
        yield replace(verdict, reason=reason, configurations=count)


def _held_around(prover: Prover, full: str) -> str | None:
    """The innermost held state around a state, itself included."""
    for path in reversed(_around(full)[1:]):
        state = prover.plan.states.get(path)
        if state is not None and state.hold is not None:
            return state.full
    return None


def _hidden_claim(prover: Prover, piece: Piece, held: str, exposures: Sequence[Exposure]) -> Claim:
    visited = Visits(held, ">=", 1)
    return Claim(
        rule=_rule_of(held_is_kept),
        words=f"The piece {piece.key} is shown only to patients who were in {held}",
        breaks=lambda places, world: (
            world.visits.get(held, 0) < 1 and any(exposure.is_given(places, world) for exposure in exposures)
        ),
        goal=lambda driver: not told_world(driver.view).visits.get(held) and prover.is_shown(driver.view, exposures),
        nodes=(visited, *(node for exposure in exposures for node in exposure.nodes)),
        states=tuple(state for exposure in exposures for state in exposure.states),
        file=_file(prover, piece),
    )


def no_zero_time(prover: Prover) -> Iterator[Verdict]:
    """No patient runs through a loop without any time passing."""
    verdict = _verdict(prover, no_zero_time)
    steps = list(_zero_time_steps(prover))
    loops = components(list(prover.graph.leaves), [(start, end) for start, end, _ in steps])
    for loop in loops:
        names = ", ".join(leaf for leaf in prover.graph.leaves if leaf in loop)
        mark = next(mark for start, end, mark in steps if start in loop and end in loop)
        loop_verdict = replace(verdict, mark=mark)
        for leaf in (leaf for leaf in prover.graph.leaves if leaf in loop):
            space = prover.space({leaf.partition(".")[0]})
            steps_to_loop = next(
                (
                    space.steps_to(configuration)
                    for configuration in space.reached
                    if leaf in space.places(configuration)
                ),
                None,
            )
            if steps_to_loop is None:
                continue
            path = prover.follower.follow(space, steps_to_loop, FollowTarget(_runs), f"Round and round in {names}")
            if path is not None:
                loop_verdict = prover.broken(loop_verdict, path, len(space.reached))
                yield replace(loop_verdict, reason=f"{names} follow each other at one instant. {loop_verdict.reason}")
                break
        else:
            reason = f"{names} may follow each other at one instant, but no patient was found who runs so."
            yield replace(loop_verdict, result="not proven", reason=reason)
    if not loops:
        yield verdict


def _runs(driver: PathDriver) -> bool:
    """Whether one instant reached the engine's limit of transitions."""
    return max(Counter(driver.times).values(), default=0) >= MAX_AUTOMATIC_STEPS


def _zero_time_steps(prover: Prover) -> Iterator[tuple[str, str, Mark]]:
    for leaf, edge in instant_steps(prover.graph.edges, prover.graph.leaves):
        source = prover.journey.tracks[edge.track].states[edge.source]
        yield leaf, edge.leads_to, edge.mark if edge.kind == "timer" else source.mark


def every_transition(prover: Prover) -> Iterator[Verdict]:
    """No transition is ruled out by its condition where it is declared."""
    verdict = _verdict(prover, every_transition)
    count = 0
    is_broken = False
    for track in prover.plan.tracks.values():
        nodes = [
            candidate.condition.node
            for candidates in track.handlers.values()
            for candidate in candidates
            if candidate.condition is not None
        ]
        space = prover.space({track.name, *tracks_of(nodes)})
        count += len(space.reached)
        reached = {state for configuration in space.reached for state in space.places(configuration)}
        for (path, trigger), candidates in track.handlers.items():
            if f"{track.name}.{path}" not in reached:
                continue
            for number, candidate in enumerate(candidates):
                if candidate.condition is not None and id(candidate) not in space.taken:
                    is_broken = True
                    full = f"{track.name}.{path}"
                    to = candidate.leaf or STAY
                    reason = (
                        f"'{trigger}' in '{full}' never leads to '{to}': no values make "
                        f'"{candidate.condition.text}" true there.'
                    )
                    mark = _mark_of(prover, track.name, path, trigger, candidate, number)
                    yield replace(verdict, result="broken", reason=reason, mark=mark)
    if not is_broken:
        yield replace(verdict, configurations=count)


def _mark_of(prover: Prover, track: str, path: str, trigger: str, candidate: Candidate, number: int) -> Mark:
    state = prover.journey.tracks[track].states[path]
    if trigger.startswith("after."):
        return state.after[int(trigger.rpartition(".")[2])].mark
    declared = [transition for transition in state.on if transition.trigger == trigger]
    text = candidate.condition.text if candidate.condition is not None else ""
    return next(
        (transition.mark for transition in declared if transition.when is not None and transition.when.text == text),
        state.mark,
    )


def every_piece(prover: Prover) -> Iterator[Verdict]:
    """Every piece can be shown in at least one of its states, or sent by at least one timer."""
    verdict = _verdict(prover, every_piece)
    count = 0
    is_broken = False
    for key, exposures in prover.exposures.items():
        piece = prover.catalogue.pieces[key]
        if any(_is_given_somewhere(prover, exposure) for exposure in exposures):
            count += 1
            continue
        is_broken = True
        if piece.is_reminder and not exposures:
            reason = f"The reminder '{key}' is sent by no timer."
        elif piece.when is None:
            reason = f"The piece '{key}' is shown in {', '.join(piece.states)}, which no patient reaches."
        else:
            reason = (
                f"The piece '{key}' is never shown: in {', '.join(piece.states)} \"{piece.when.text}\" is never true."
            )
        yield replace(verdict, result="broken", reason=reason, file=_file(prover, piece), mark=Mark())
    if not is_broken:
        yield replace(verdict, reason=f"{count} pieces.")


def _is_given_somewhere(prover: Prover, exposure: Exposure) -> bool:
    return _is_possible(prover, exposure, lambda _: True, exposure.nodes)


def _is_possible(prover: Prover, exposure: Exposure, holds: Callable[..., bool], nodes: Sequence[Node]) -> bool:
    """Whether in some configuration that shows or sends a piece an additional condition can hold."""
    space: ProofSpace = prover.space(tracks_of(nodes, exposure.states))
    sight, seen = space.sight(nodes), set[object]()
    for configuration in space.reached:
        places = space.places(configuration)
        key = (exposure.is_placed(places), space.sees(sight, configuration))
        if key in seen or not key[0]:
            continue
        seen.add(key)
        if any(exposure.is_given(places, world) and holds(world) for world in space.worlds(nodes, configuration)):
            return True
    return False


def every_branch(prover: Prover) -> Iterator[Verdict]:
    """Every branch of a text can be shown in at least one state that shows the text."""
    verdict = _verdict(prover, every_branch)
    count = 0
    is_broken = False
    for key, exposures in prover.exposures.items():
        piece = prover.catalogue.pieces[key]
        decided: dict[tuple[tuple[str, bool], ...], bool] = {}
        for text in piece.texts.values():
            for conditions, arm in _branches(text.body.body, ()):
                count += 1
                by_text = tuple((condition.text, truth) for condition, truth in conditions)
                if by_text not in decided:
                    decided[by_text] = any(_branch_is_possible(prover, exposure, conditions) for exposure in exposures)
                if not decided[by_text]:
                    is_broken = True
                    fault = (
                        f'"{arm.condition.text}" is never true' if conditions[-1][1] else "its 'else' is never shown"
                    )
                    reason = f"In '{key}' {fault}, in every state where a patient can get the piece."
                    mark = Mark(arm.place.line, arm.place.column)
                    yield replace(verdict, result="broken", reason=reason, file=arm.place.file, mark=mark)
    if not is_broken:
        yield replace(verdict, reason=f"{count} branches, counted in every language.")


def _branch_is_possible(prover: Prover, exposure: Exposure, conditions: Sequence[tuple[Compiled, bool]]) -> bool:
    nodes = [*exposure.nodes, *(condition.node for condition, _ in conditions)]
    return _is_possible(
        prover,
        exposure,
        lambda world: all(condition.ask(world) is truth for condition, truth in conditions),
        list(dict.fromkeys(nodes)),
    )


def _branches(parts: Iterable[Part], conditions: BranchConditions) -> Iterator[tuple[BranchConditions, Arm]]:
    """Each branch of a text: the conditions that lead to it with their truths, and its arm."""
    for part in parts:
        match part:
            case Branch(arms, otherwise):
                previous = conditions
                for arm in arms:
                    branch = (*previous, (arm.condition, True))
                    yield branch, arm
                    yield from _branches(arm.body, branch)
                    previous = (*previous, (arm.condition, False))
                if otherwise is not None:
                    yield previous, arms[-1]
                    yield from _branches(otherwise, previous)
            case Repeat():
                yield from _branches(part.body, conditions)
            case _:
                pass


def _open(full: str) -> FollowTarget:
    return FollowTarget(lambda driver: full in places_of(driver.view))


def _file(prover: Prover, piece: Piece) -> str:
    name = next((PurePosixPath(position.file).name for position in piece.positions.values()), SHARED)
    return f"content/{prover.journey.key}/{piece.place}/{name}"


Decider = Callable[[Prover], Iterator[Verdict]]

DECIDERS: tuple[Decider, ...] = (
    after_the_end,
    can_end,
    goes_on,
    shows_something,
    held_is_kept,
    no_zero_time,
    every_transition,
    every_piece,
    every_branch,
)
#: The docstring of each is its claim in words; each yields at least one verdict.


def _rule_of(decide: Decider) -> str:
    return decide.__name__.replace("_", "-")


def _claim_of(decide: Decider) -> str:
    return (decide.__doc__ or "").partition("\n")[0].rstrip(".")


def _verdict(prover: Prover, decide: Decider, result: Result = "proven") -> Verdict:
    return Verdict(_rule_of(decide), _claim_of(decide), result, file=prover.journey.file, mark=prover.journey.mark)
