"""`journeys content convert` moves each `piece.yaml` into the file of the first language, or says why it stays."""

import shutil

import pytest

from journeys.content.catalogue import read_sources
from tests.folders import CONTENT, DEFINITIONS, ROOT
from tests.service.cli.test_commands import run

SAMPLE = ROOT / "tests/samples"
FOLDER = "follow_up/disease/surveillance/follow-up-plan"


@pytest.fixture
def files(tmp_path):
    """The options that name a copy of the sample, some of whose pieces have a `piece.yaml`."""
    for name in ("definitions", "content"):
        shutil.copytree(SAMPLE / name, tmp_path / name)
    return ["--definitions", tmp_path / "definitions", "--content", tmp_path / "content"]


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sources(folder):
    return {source.key: source for source in read_sources(folder / "content/follow_up")[0]}


def test_each_piece_keeps_its_key_and_version_in_one_file(tmp_path, files):
    before = sources(tmp_path)
    in_two_files = {key for key, source in before.items() if source.block is None}
    assert 1 < len(in_two_files) < len(before)
    done = run("content", "convert", "follow_up", *files)
    after = sources(tmp_path)
    assert {key: source.version for key, source in after.items()} == {
        key: source.version for key, source in before.items()
    }
    assert {source.block.file for source in after.values()} == {"en.md"}
    assert done.stdout.count("en.md\n") == len(in_two_files)
    assert done.stderr == f"{len(in_two_files)} pieces converted, 0 with piece.yaml.\n"
    assert "0 errors, 0 warnings" in run("lint", "follow_up", *files).stderr
    assert not list((tmp_path / "content/follow_up").rglob("piece.yaml"))
    assert run("content", "convert", *files).stderr == "0 pieces converted, 0 with piece.yaml.\n"


def test_a_check_lists_what_would_change_and_writes_nothing(tmp_path, files):
    before = contents(tmp_path)
    done = run("content", "convert", "--check", *files, code=1)
    assert f"{FOLDER}/en.md\n" in done.stdout
    assert "6 pieces would be converted, 0 with piece.yaml." in done.stderr
    assert contents(tmp_path) == before
    run("content", "convert", *files)
    run("content", "convert", "--check", *files)


def test_a_piece_that_cannot_be_moved_stays_and_is_named_with_the_reason(tmp_path, files):
    shared = tmp_path / "content" / FOLDER / "piece.yaml"
    shared.write_bytes(shared.read_bytes().rstrip())
    before = shared.read_bytes()
    done = run("content", "convert", *files)
    reason = "its last line has no line break, and adding one would change its version"
    assert f"{shared} stays: {reason}.\n" in done.stdout
    assert "5 pieces converted, 1 with piece.yaml." in done.stderr
    assert shared.read_bytes() == before


def test_files_with_mistakes_are_left_as_they_are(tmp_path, files):
    (tmp_path / "content" / FOLDER / "notes.txt").write_text("x")
    before = contents(tmp_path)
    done = run("content", "convert", *files, code=1)
    assert "Unknown file 'notes.txt'" in done.stderr
    assert "nothing was written" in done.stderr
    assert contents(tmp_path) == before


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(tmp_path, files, monkeypatch):
    before = contents(tmp_path)
    unlink, removed = type(tmp_path).unlink, []

    def fails_at_the_third(path, **options):
        if path.name == "piece.yaml":
            removed.append(path)
            if len(removed) == 3:
                raise OSError(28, "No space left on device", str(path))
        unlink(path, **options)

    monkeypatch.setattr(type(tmp_path), "unlink", fails_at_the_third)
    done = run("content", "convert", *files, code=1)
    assert "nothing was written" in done.stderr
    assert contents(tmp_path) == before


@pytest.mark.parametrize("journey", ["nsclc", "diabetes"])
@pytest.mark.long
def test_the_shipped_journeys_are_in_one_file_a_piece(journey):
    options = ["--definitions", DEFINITIONS, "--content", CONTENT]
    assert run("content", "convert", journey, "--check", *options).stdout == ""
