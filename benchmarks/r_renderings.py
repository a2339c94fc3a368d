"""r: all renderings of a journey in its languages and channels, counted twice, and its review pack, on one core."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.database import JOURNEY, ROOT
from benchmarks.harness import Bench, Line
from journeys.authoring.lint import PLAY_RULES, Linted, lint_files
from journeys.content.rendering import Channel, Renderer
from journeys.content.templates import renderings
from journeys.definition.graph import reachable_leaves
from journeys.review.documents import pack_document
from journeys.review.pack import make_pack
from journeys.review.proof import prove

CHANNELS: tuple[Channel, ...] = ("page", "email", "sms")
LIMIT = 20
#: Seconds of one core, for all renderings in two languages and three channels.


def measure(bench: Bench) -> list[Line]:
    linted = lint_files(ROOT / "definitions" / f"{JOURNEY}.yaml", ROOT / "content", rules=PLAY_RULES)
    pieces = list(linted.catalogue.pieces.values())[: bench.count(10_000, 3)]
    made: list[int] = []

    def all_renderings() -> None:
        made.append(render_all(linted, pieces))

    def pack() -> None:
        pack_document(make_pack(linted.plan, pieces, linted.programmes))

    cases = (("all renderings, counted twice", all_renderings), ("the review pack as one document", pack))
    return [seconds_of(bench, case, work, made) for case, work in cases]


def render_all(linted: Linted, pieces: list) -> int:
    """Make every rendering in every language as page, e-mail and text message, and prove that none is missing."""
    plan, renderer, count = linted.plan, Renderer(), 0
    reachable = reachable_leaves(plan.journey)
    for piece in pieces:
        for locale, text in piece.texts.items():
            for rendering in renderings(text.body, plan):
                for channel in CHANNELS:
                    if channel != "sms" or text.text is not None:
                        renderer.render_rendering(piece, rendering, locale=locale, channel=channel)
                        count += 1
            assert prove(piece, plan, locale, reachable=reachable).problems == ()
    return count


def seconds_of(bench: Bench, case: str, work: Callable[[], None], made: list[int]) -> Line:
    rounds = tuple(seconds_of_core(work) for _ in range(bench.rounds))
    median = statistics.median(rounds)
    note = f"{made[-1]} renderings; at most {LIMIT} seconds of one core"
    return Line(
        row="r",
        case=case,
        unit="s",
        ours=median,
        limit=None,
        score=median,
        reach=LIMIT,
        at_most=True,
        note=note,
        rounds={"ours": rounds},
    )


def seconds_of_core(work: Callable[[], None]) -> float:
    """Return the processor seconds of `work`."""
    started = time.process_time()
    work()
    return time.process_time() - started
