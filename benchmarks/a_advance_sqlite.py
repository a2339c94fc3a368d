"""a: a durable advance in process, on SQLite: against the same rows written by the bare driver in one transaction."""

from __future__ import annotations

from benchmarks.bare import closed, connect, write
from benchmarks.ground import Ground, sqlite_ground
from benchmarks.harness import Bench, Line, against, by_turns, rate


def measure(bench: Bench) -> list[Line]:
    with sqlite_ground(bench, "a_ours") as ours, sqlite_ground(bench, "a_limit") as limit:
        return [advance(bench, ours, limit)]


def advance(bench: Bench, ours: Ground, limit: Ground) -> Line:
    count = bench.count(500, 3)
    bare = connect(limit.url)

    def run_ours(number: int) -> float:
        ids = ours.copies(batch(number, count))

        def work() -> None:
            for one in ids:
                ours.advance(one)

        return rate(count, work)

    def run_limit(number: int) -> float:
        numbers = batch(number, count)
        limit.copies(numbers)
        transactions = [limit.written.numbered(one) for one in numbers]

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
    """The numbers of the copies of one round."""
    return range(number * count, (number + 1) * count)


def rows_written(ground: Ground) -> str:
    """What an advance writes, in words."""
    counts: dict[str, int] = {}
    total = 0
    for statement, rows in ground.written.statements:
        words = statement.split()
        counts[f"{words[2] if words[0] == 'INSERT' else 'update of ' + words[1]}"] = len(rows)
        total += sum(len(value) for row in rows for value in row if isinstance(value, str | bytes))
    return f"each writes {', '.join(f'{count} {name}' for name, count in counts.items())}: {total:,} bytes of values"
