"""The table of the fault tests adds up their results and shows broken promises."""

from collections import Counter

import pytest

from tests.faults import counting, report


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "RESULTS", str(tmp_path))
    return tmp_path


def note(test, database="sqlite:///a.db", **numbers):
    with counting.tally(test, "killed", database) as counts:
        for name, number in numbers.items():
            setattr(counts, name, number)


def test_rows_are_sorted_by_test(folder, capsys):
    note("O2", rounds=5)
    note("fold")
    note("S3")
    note("I4")
    note("C10", rounds=2)
    note("C2", rounds=1234, acknowledged=7, notes={"died before the commit": 3})
    assert report.main([str(folder)]) == 0
    printed = capsys.readouterr().out
    assert [line.split(" | ")[0] for line in printed.splitlines()[2:]] == [
        "| C2",
        "| C10",
        "| O2",
        "| I4",
        "| S3",
        "| fold",
        "| all",
    ]
    assert "| C2 | killed | SQLite | 1,234 | 7 | 0 | 0 | 0 |" in printed
    assert "died before the commit: 3" in printed
    assert (folder / "table.md").read_text() == printed


def test_parts_of_a_test_are_added_up_per_database(folder):
    note("C1", rounds=2, acknowledged=1, notes=Counter(x=1))
    note("C1", rounds=3, acknowledged=1, notes={"x": 2})
    note("C1", "postgresql://x", rounds=4)
    rows = report.read(folder)
    assert [(row["database"], row["rounds"], row["acknowledged"]) for row in rows] == [
        ("PostgreSQL", 4, 0),
        ("SQLite", 5, 2),
    ]
    assert rows[1]["notes"] == {"x": 3}


def test_a_lost_event_is_in_the_table_and_fails_the_run(folder, capsys):
    note("C1", rounds=1)
    with pytest.raises(AssertionError, match="lost"):
        note("C1", rounds=1, lost=1)
    assert report.main([str(folder)]) == 1
    assert "| 2 | 0 | 1 | 0 | 0 |" in capsys.readouterr().out


def test_an_unfinished_test_fails_the_run(folder, capsys):
    with pytest.raises(RuntimeError), counting.tally("C3", "killed", "sqlite:///a.db"):
        raise RuntimeError
    note("C3", rounds=1)
    assert report.main([str(folder)]) == 1
    assert "not finished" in capsys.readouterr().out


def test_a_run_without_results_fails(folder, capsys):
    assert report.main([str(folder)]) == 1
    assert "0 rows" in capsys.readouterr().out


def test_an_amount_is_quick_full_or_a_percentage(monkeypatch):
    amounts = []
    for text in ("quick", "full", "5", "0.01"):
        monkeypatch.setattr(counting, "AMOUNT", text)
        amounts.append(counting.amount(10, 1000))
    assert amounts == [10, 1000, 50, 10]
