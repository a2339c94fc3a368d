"""a: a durable advance in process on SQLite, against the bare driver writing the same rows in one transaction."""

from __future__ import annotations

from benchmarks.bare import closed, connect, write
from benchmarks.database import BenchDatabase, sqlite_database
from benchmarks.harness import Bench, Line, against, by_turns, rate


def measure(bench: Bench) -> list[Line]:
    with sqlite_database(bench, "a_ours") as ours, sqlite_database(bench, "a_limit") as limit:
        return [advance(bench, ours, limit)]


def advance(bench: Bench, ours: BenchDatabase, limit: BenchDatabase) -> Line:
    count = bench.count(500, 3)
    bare = connect(limit.url)

    def run_ours(number: int) -> float:
        ids = ours.copies(batch(number, count))

        def work() -> None:
            for enrollment in ids:
                ours.advance(enrollment)

        return rate(count, work)

    def run_limit(number: int) -> float:
        numbers = batch(number, count)
        limit.copies(numbers)
        transactions = [limit.written.numbered(number) for number in numbers]

        def work() -> None:
            for statements in transactions:
                write(bare, statements)

        return rate(count, work)

    try:
        figures = by_turns(bench, {"ours": run_ours, "limit": run_limit})
    finally:
        closed(bare)
    return against("a", "SQLite, in process", "advances/s", figures, reach=0.4, aim=0.5, note=rows_written(limit))


def batch(number: int, count: int) -> range:
    """Return the numbers of the copies of one round."""
    return range(number * count, (number + 1) * count)


def rows_written(database: BenchDatabase) -> str:
    """Return a sentence about the rows that an advance writes."""
    counts: dict[str, int] = {}
    total = 0
    for statement, rows in database.written.statements:
        words = statement.split()
        counts[f"{words[2] if words[0] == 'INSERT' else 'update of ' + words[1]}"] = len(rows)
        total += sum(len(value) for row in rows for value in row if isinstance(value, str | bytes))
    return f"each writes {', '.join(f'{count} {name}' for name, count in counts.items())}: {total:,} bytes of values"
