"""b: the same advance on PostgreSQL, by one thread and by eight: against bare psycopg."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.a_advance_sqlite import batch, rows_written
from benchmarks.bare import closed, connect, write
from benchmarks.ground import Ground, postgres_ground
from benchmarks.harness import Bench, Line, against, by_turns, rate


def measure(bench: Bench) -> list[Line]:
    with postgres_ground(bench, "b_ours") as ours, postgres_ground(bench, "b_limit") as limit:
        first, second = advance(bench, ours, limit, 1, 0), advance(bench, ours, limit, 8, 1_000_000)
    return [first, second]


def advance(bench: Bench, ours: Ground, limit: Ground, threads: int, start: int) -> Line:
    count = bench.count(400 * min(threads, 3), 8)
    bare = [connect(limit.url) for _ in range(threads)]
    pool = ThreadPoolExecutor(threads)
    share = count // threads

    def numbers_of(number: int) -> range:
        numbers = batch(number, count)
        return range(start + numbers.start, start + numbers.stop)

    def run_ours(number: int) -> float:
        ids = ours.copies(numbers_of(number))

        def part(some: Any) -> None:
            for one in some:
                ours.advance(one)

        return rate(count, lambda: list(pool.map(part, shares(ids, share))))

    def run_limit(number: int) -> float:
        numbers = numbers_of(number)
        limit.copies(numbers)
        transactions = [limit.written.numbered(one) for one in numbers]

        def part(connection: Any, some: Any) -> None:
            for statements in some:
                write(connection, statements)

        return rate(count, lambda: list(pool.map(part, bare, shares(transactions, share))))

    def shares(things: list[Any], size: int) -> list[list[Any]]:
        return [things[start : start + size] for start in range(0, len(things), size)]

    try:
        figures = by_turns(bench, {"ours": run_ours, "limit": run_limit})
    finally:
        pool.shutdown()
        closed(*bare)
    case = f"PostgreSQL, {threads} thread{'s' if threads > 1 else ''}"
    return against("b", case, "advances/s", figures, reach=0.4, aim=0.5, note=rows_written(limit))
