"""Makes the table of a run of the fault tests: `python -m tests.faults.report <folder>`.

It writes `table.md` and `table.json` to the folder, prints the table, and exits with 1 if an event was lost or doubled,
a promise was broken, a test did not finish, or no results exist.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

NUMBERS = ("rounds", "acknowledged", "lost", "doubled", "errors")
ORDER = ("C", "O", "A", "I", "S")
HEADS = ("test", "scenario", "database", *NUMBERS, "seconds", "notes")


def read(folder: Path) -> list[dict]:
    """Return the rows of a run, one for each test, scenario and database; parts of one test are added up."""
    rows: dict[tuple[str, str, str], dict] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            key = row["test"], row["scenario"], row["database"]
            rows[key] = sum_of(rows[key], row) if key in rows else row
    return sorted(rows.values(), key=sort_key)


def sum_of(first: dict, other: dict) -> dict:
    """Return the sum of two rows of one test."""
    sums = {name: round(first[name] + other[name], 1) for name in (*NUMBERS, "seconds")}
    notes = dict(Counter(first["notes"]) + Counter(other["notes"]))
    return first | sums | {"notes": notes, "done": first["done"] and other["done"]}


def sort_key(row: dict) -> tuple:
    """Return the sort key of a row: letter and number of its test, then its database; rows without a letter last."""
    letter, number = re.fullmatch(r"([A-Z]?)(\d*).*", row["test"]).groups()
    rank = ORDER.index(letter) if letter in ORDER else len(ORDER)
    return (rank, int(number or 0), row["scenario"], row["database"])


def table(rows: list[dict]) -> str:
    """Return the rows as a Markdown table with a line of sums."""
    lines = [markdown_row(HEADS), markdown_row(["---"] * 3 + ["---:"] * 6 + ["---"])]
    lines += [markdown_row(cells(row)) for row in rows]
    sums = [f"{sum(row[name] for row in rows):,}" for name in NUMBERS]
    seconds = f"{sum(row['seconds'] for row in rows):,.0f}"
    lines.append(markdown_row(["all", f"{len(rows)} rows", "", *sums, seconds, ""]))
    return "\n".join(lines) + "\n"


def cells(row: dict) -> list[str]:
    notes = [f"{name}: {count:,}" for name, count in row["notes"].items()]
    notes += [] if row["done"] else ["**not finished**"]
    numbers = [f"{row[name]:,}" for name in NUMBERS]
    return [row["test"], row["scenario"], row["database"], *numbers, f"{row['seconds']:,.1f}", ", ".join(notes)]


def markdown_row(texts) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def is_clean(rows: list[dict]) -> bool:
    """Return whether results exist and no promise was broken."""
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
