"""Runs the named rows (by default all), prints the table and writes it as JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pysqlite3

from benchmarks.database import ROOT, postgres, quiet
from benchmarks.harness import Bench, Line, as_json, table

ROWS = {
    "a": "a_advance_sqlite",
    "b": "b_advance_postgres",
    "c": "c_http",
    "d": "d_fold",
    "e": "e_render",
    "f": "f_many_enrollments",
    "g": "g_by_hand",
    "h": "h_timers",
    "i": "i_memory",
    "k": "k_backtest",
    "m": "m_messages",
    "p": "p_paths",
    "q": "questions",
    "r": "r_renderings",
    "join": "registrations",
    "late": "late_events",
    "poll": "polls",
    "cold": "cold_start",
    "read32": "many_readers",
}
NEED_POSTGRES = frozenset("bchm")


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--smoke", action="store_true", help="tiny counts, only to check that every row runs")
    parser.add_argument("--folder", type=Path, help="folder of the databases; by default a temporary one")
    options = parser.parse_args()
    unknown = [row for row in options.rows if row not in ROWS]
    if unknown:
        parser.error(f"Unknown row '{unknown[0]}'. Choose from {', '.join(ROWS)}.")
    rows = options.rows or list(ROWS)
    folder = Path(tempfile.mkdtemp(prefix="journeys-bench-", dir=options.folder))
    try:
        lines, seconds = run(Bench(folder, options.smoke), rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print()
    print(table(lines))
    result = {"machine": machine(), "seconds": seconds, "lines": [as_json(line) for line in lines]}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    print(f"\n{json.dumps(result['machine'])}\nwritten to {options.json}")
    return 0


def run(bench: Bench, rows: list[str]) -> tuple[list[Line], dict[str, float]]:
    """Run the rows; return their lines and the seconds of each row."""
    quiet()
    lines: list[Line] = []
    seconds: dict[str, float] = {}
    with postgres_if(bench, rows):
        for row in rows:
            started = time.monotonic()
            row_lines = importlib.import_module(f"benchmarks.{ROWS[row]}").measure(bench)
            seconds[row] = round(time.monotonic() - started, 1)
            lines += row_lines
            print(f"\n{table(row_lines)}\n{row} took {seconds[row]} s", file=sys.stderr, flush=True)
    return lines, seconds


def postgres_if(bench: Bench, rows: list[str]) -> Any:
    """Return a context with one PostgreSQL server if any row needs it."""
    return postgres(bench.folder) if NEED_POSTGRES & set(rows) else nullcontext()


def machine() -> dict[str, Any]:
    """Return the hardware, versions and commit of the measurement."""
    return {
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": pysqlite3.sqlite_version,
        "versions": {
            name: version(name)
            for name in ("sqlalchemy", "psycopg", "flask", "waitress", "gunicorn", "transitions", "python-statemachine")
        },
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    sys.exit(main())
