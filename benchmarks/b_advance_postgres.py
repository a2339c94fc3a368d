"""b: the same advance on PostgreSQL by one thread and by eight, against bare psycopg."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.a_advance_sqlite import batch, rows_written
from benchmarks.bare import closed, connect, write
from benchmarks.database import BenchDatabase, postgres_database
from benchmarks.harness import Bench, Line, against, by_turns, rate


def measure(bench: Bench) -> list[Line]:
    with postgres_database(bench, "b_ours") as ours, postgres_database(bench, "b_limit") as limit:
        first, second = advance(bench, ours, limit, 1, 0), advance(bench, ours, limit, 8, 1_000_000)
    return [first, second]


def advance(bench: Bench, ours: BenchDatabase, limit: BenchDatabase, threads: int, start: int) -> Line:
    count = bench.count(400 * min(threads, 3), 8)
    bare = [connect(limit.url) for _ in range(threads)]
    pool = ThreadPoolExecutor(threads)
    share = count // threads

    def numbers_of(number: int) -> range:
        numbers = batch(number, count)
        return range(start + numbers.start, start + numbers.stop)

    def run_ours(number: int) -> float:
        ids = ours.copies(numbers_of(number))

        def advance_share(enrollments: Any) -> None:
            for enrollment in enrollments:
                ours.advance(enrollment)

        return rate(count, lambda: list(pool.map(advance_share, shares(ids, share))))

    def run_limit(number: int) -> float:
        numbers = numbers_of(number)
        limit.copies(numbers)
        transactions = [limit.written.numbered(number) for number in numbers]

        def write_share(connection: Any, transactions: Any) -> None:
            for statements in transactions:
                write(connection, statements)

        return rate(count, lambda: list(pool.map(write_share, bare, shares(transactions, share))))

    def shares(items: list[Any], size: int) -> list[list[Any]]:
        return [items[start : start + size] for start in range(0, len(items), size)]

    try:
        figures = by_turns(bench, {"ours": run_ours, "limit": run_limit})
    finally:
        pool.shutdown()
        closed(*bare)
    case = f"PostgreSQL, {threads} thread{'s' if threads > 1 else ''}"
    return against("b", case, "advances/s", figures, reach=0.4, aim=0.5, note=rows_written(limit))
