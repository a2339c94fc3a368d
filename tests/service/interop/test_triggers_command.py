"""`journeys triggers run`: folders of CSV files, each row named by its number, and what the exit code says."""

import json
import os

import pytest
from sqlalchemy import func, select

from service.cli import triggers
from service.interop.row_files import report_folder
from service.interop.rows import load_source
from service.platform.database.tables import events
from service.publishing.publish import publish_from_files
from service.publishing.store.row_sources import replace_row_sources
from tests.folders import copy_samples
from tests.interop.rows.lab import SOURCES, row, table
from tests.service.cli.test_commands import run

BAD = row(sample="bad", taken_on="20.06.2026")


@pytest.fixture
def desk(laboratory, database_url, tmp_path, monkeypatch):
    """A folder of files, and the command on it; it does not wait between looking at a file and reading it."""
    monkeypatch.setattr(triggers, "MOMENT", 0)
    return Desk(laboratory, database_url, tmp_path / "exports")


class Desk:
    def __init__(self, clinic, url, folder) -> None:
        self.clinic, self.url, self.folder = clinic, url, folder
        folder.mkdir()

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def run(self, *options: str, code: int = 0):
        return run("triggers", "run", "lab", self.folder, "--database", self.url, *options, code=code)

    def files(self, *options: str, code: int = 0) -> dict[str, dict]:
        return {file["file"]: file for file in json.loads(self.run(*options, "--format", "json", code=code).stdout)}

    def events(self) -> int:
        with self.clinic.service.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(events)).scalar_one()


def test_the_rows_of_every_file_are_reported_in_order_of_name(desk):
    desk.write("b.csv", table(row(packs="2"), row(sample="s-2")))
    desk.write("a.CSV", table(row(), delimiter=";"))
    desk.write("readme.txt", b"not read")
    files = desk.files(code=1)
    assert [(name, file["new"], file["conflict"]) for name, file in files.items()] == [("a.CSV", 1, 0), ("b.csv", 1, 1)]
    assert [(named["row"], named["status"]) for named in files["b.csv"]["named"]] == [(2, "conflict")]
    assert {path.name for path in desk.folder.iterdir()} == {"a.CSV", "b.csv", "readme.txt"}


def test_the_same_files_again_are_known(desk):
    desk.write("a.csv", table(row(), row(sample="s-2")))
    assert desk.files()["a.csv"]["new"] == 2
    count = desk.events()
    assert desk.files()["a.csv"]["known"] == 2
    assert desk.events() == count


def test_a_dry_run_names_each_row_and_changes_nothing(desk):
    (enrollment,) = desk.clinic.enrolled
    desk.write("a.csv", table(row(), row(sample="s-2", test="blood"), BAD))
    count = desk.events()
    output = desk.run("--dry-run", code=1).output
    assert f"a.csv row 2: new, scan_done, enrollment {enrollment}\n" in output
    assert "a.csv row 3: unmapped\n" in output
    assert "a.csv row 4: mistaken\n  taken_on: This must be a date" in output
    assert desk.events() == count


def test_the_table_sums_up_each_file(desk):
    desk.write("a.csv", table(row(), row(sample="s-2", test="blood"), BAD))
    lines = desk.run(code=1).output.splitlines()
    assert lines[-3].split() == ["file", "rows", "new", "known", "unmapped", "conflict", "mistaken"]
    assert lines[-2].split() == ["a.csv", "3", "1", "0", "1", "0", "1"]
    assert lines[-1] == "3 rows in 1 file."


@pytest.mark.parametrize(
    ("rows", "code", "counts"),
    [
        ([row()], 0, "1 1 0 0 0 0"),
        ([row(test="blood")], 0, "1 0 0 1 0 0"),
        ([BAD], 1, "1 0 0 0 0 1"),
        ([row(), row(packs="1")], 1, "2 1 0 0 1 0"),
        ([], 0, "0 0 0 0 0 0"),
    ],
    ids=["new", "unmapped", "mistaken", "conflict", "none"],
)
def test_the_exit_code_says_whether_all_rows_are_done(desk, rows, code, counts):
    desk.write("a.csv", table(*rows))
    result = desk.run(code=code)
    assert result.exit_code == code
    assert f"a.csv {counts}" in [" ".join(line.split()) for line in result.output.splitlines()]


def test_a_file_that_cannot_be_read_stops_no_other(desk):
    desk.write("a.csv", "Müller".encode("cp1252"))
    desk.write("b.csv", table(row()))
    (desk.folder / "c.csv").symlink_to(desk.folder / "b.csv")
    (desk.folder / "d.csv").mkdir()
    os.mkfifo(desk.folder / "e.csv")
    files = desk.files(code=1)
    assert files["b.csv"]["new"] == 1
    assert "Windows-1252" in files["a.csv"]["refusal"]
    assert all(files[name]["refusal"] for name in ("c.csv", "d.csv", "e.csv"))


@pytest.mark.parametrize("change", ["grows", "vanishes", "is written anew"])
def test_a_file_that_changes_meanwhile_is_left(desk, change):
    desk.write("a.csv", table(row()))
    desk.write("b.csv", table(row(sample="s-2")))
    path = desk.folder / "a.csv"

    def pause() -> None:
        if change == "grows":
            path.write_bytes(table(row(), row(sample="s-3")))
        elif change == "vanishes":
            path.unlink()
        else:
            os.utime(path, ns=(1, 1))

    source = load_source(desk.clinic.service, "lab")
    files = {
        file.name: (file.refusal, [verdict.status for verdict in file.verdicts])
        for file in report_folder(desk.clinic.service, source, desk.folder, pause=pause)
    }
    assert files["b.csv"] == (None, ["new"])
    assert files["a.csv"][0] is not None
    assert files["a.csv"][1] == []


def test_a_source_that_is_not_declared_is_named(desk):
    assert (
        "declares a source of this name"
        in run("triggers", "run", "labs", desk.folder, "--database", desk.url, code=2).output
    )


def test_an_empty_folder_is_fine(desk):
    assert desk.run().output.endswith("0 rows in 0 files.\n")


def test_publishing_publishes_the_sources_beside_the_definition(clinic, tmp_path):
    """Also where nothing else has changed; a mistake in them stops everything."""
    definitions, content = tmp_path / "definitions", tmp_path / "content"
    copy_samples(tmp_path)
    sources = definitions / "follow_up.sources.yaml"
    sources.write_text(SOURCES)
    done = clinic.publish(definitions, content, signed=False)
    assert [(journey.sources, journey.is_changed) for journey in done.journeys] == [(("lab",), False)]
    assert load_source(clinic.service, "lab").journey == "follow_up"
    assert clinic.publish(definitions, content, signed=False).journeys[0].sources == ()
    sources.write_text(SOURCES.replace("scan_done", "scan_dun"))
    refused = publish_from_files(clinic.service, definitions, content)
    assert not refused.is_done
    assert any(problem.file == str(sources) and problem.line == 10 for problem in refused.problems)
    sources.unlink()
    assert clinic.publish(definitions, content, signed=False).journeys[0].sources == ("lab",)


def test_two_journeys_do_not_declare_a_source_of_the_same_name(clinic, tmp_path):
    definitions, content = tmp_path / "definitions", tmp_path / "content"
    copy_samples(tmp_path)
    (definitions / "follow_up.sources.yaml").write_text(SOURCES)
    with clinic.service.database.writing() as connection:
        replace_row_sources(connection, "another", ["lab"], b"", clinic.clock())
    refused = publish_from_files(clinic.service, definitions, content)
    assert not refused.is_done
    assert "The journey 'another' has a source 'lab' too. Choose another name." in {
        problem.message for problem in refused.problems
    }


def test_lint_checks_the_sources(tmp_path):
    definitions, content = tmp_path / "definitions", tmp_path / "content"
    copy_samples(tmp_path)
    (definitions / "follow_up.sources.yaml").write_text(SOURCES.replace("last_scan_on:", "last_scan:"))
    output = run("lint", "--definitions", definitions, "--content", content, code=1).output
    assert "follow_up.sources.yaml:12:11 error rows 'last_scan' is not a fact of the journey." in output
