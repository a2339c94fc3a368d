"""Makes the table of a run of the fault tests from the lines they wrote: `python -m tests.faults.report <folder>`.

It writes `table.md` and `table.json` there, prints the table, and ends with 1 when anything was lost, doubled,
wrong or not finished, or where there is nothing to report.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

NUMBERS = ("rounds", "acknowledged", "lost", "doubled", "errors")
ORDER = ("C", "O", "A", "I", "S")
HEADS = ("test", "what", "database", *NUMBERS, "seconds", "notes")


def read(folder: Path) -> list[dict]:
    """Return the lines of a run, one for each test and database: those of one test in several parts are added up."""
    rows: dict[tuple[str, str, str], dict] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            key = found["test"], found["what"], found["database"]
            rows[key] = added(rows[key], found) if key in rows else found
    return sorted(rows.values(), key=place)


def added(one: dict, other: dict) -> dict:
    """Return two rows of one test as one."""
    sums = {name: round(one[name] + other[name], 1) for name in (*NUMBERS, "seconds")}
    notes = dict(Counter(one["notes"]) + Counter(other["notes"]))
    return one | sums | {"notes": notes, "done": one["done"] and other["done"]}


def place(row: dict) -> tuple:
    """Return where a row stands: by the letter of its test, its number, then by database; what has no letter last."""
    letter, number = re.fullmatch(r"([A-Z]?)(\d*).*", row["test"]).groups()
    rank = ORDER.index(letter) if letter in ORDER else len(ORDER)
    return (rank, int(number or 0), row["what"], row["database"])


def table(rows: list[dict]) -> str:
    """Return the rows as a table in Markdown, with a line of sums."""
    lines = [heads(HEADS), heads(["---"] * 3 + ["---:"] * 6 + ["---"])]
    lines += [heads(cells(row)) for row in rows]
    sums = [f"{sum(row[name] for row in rows):,}" for name in NUMBERS]
    seconds = f"{sum(row['seconds'] for row in rows):,.0f}"
    lines.append(heads(["all", f"{len(rows)} rows", "", *sums, seconds, ""]))
    return "\n".join(lines) + "\n"


def cells(row: dict) -> list[str]:
    notes = [f"{name}: {count:,}" for name, count in row["notes"].items()]
    notes += [] if row["done"] else ["**not finished**"]
    numbers = [f"{row[name]:,}" for name in NUMBERS]
    return [row["test"], row["what"], row["database"], *numbers, f"{row['seconds']:,.1f}", ", ".join(notes)]


def heads(texts) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def is_clean(rows: list[dict]) -> bool:
    """Return whether there is something to report, and all of it is as promised."""
    return bool(rows) and all(row["done"] and row["lost"] == row["doubled"] == row["errors"] == 0 for row in rows)


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0])
    rows = read(folder)
    text = table(rows)
    (folder / "table.md").write_text(text, encoding="utf-8")
    (folder / "table.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(text)
    return 0 if is_clean(rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
