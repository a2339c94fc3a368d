"""An edit of a piece with its settings in its language file is taken up at once, and problems are at its lines."""

import pytest

from service.preview import Workspace
from tests.folders import copy_samples


@pytest.fixture
def text(tmp_path):
    copy_samples(tmp_path)
    return tmp_path / "content/follow_up/support/smoking/en.md"


@pytest.fixture
def bench(tmp_path, text):
    bench = Workspace(tmp_path / "definitions", tmp_path / "content", only=tmp_path / "definitions/follow_up.yaml")
    bench.check()
    return bench


def edited(text, old, new):
    before = text.read_text()
    assert old in before
    text.write_text(before.replace(old, new, 1))
    return frozenset({text})


def piece_of(bench):
    return bench.checked.journeys["follow_up"].catalogue.pieces["smoking"]


def test_a_changed_setting_is_shown_and_the_other_language_stays(bench, text):
    before = piece_of(bench)
    bench.look(edited(text, "  tags: [private]\n", "  tags: [private, smoking]\n"))
    assert (before.tags, piece_of(bench).tags) == (("private",), ("private", "smoking"))
    assert piece_of(bench).texts["es"].title == before.texts["es"].title


def test_a_moved_block_keeps_the_version_and_moves_the_positions(bench, text):
    before = piece_of(bench)
    settings = text.read_text().split("piece:\n")[1].split("---\n")[0]
    edited(text, f"piece:\n{settings}", "")
    bench.look(edited(text, "---\n", f"---\npiece:\n{settings}"))
    assert piece_of(bench).version == before.version
    assert before.positions["purpose"].line > 3
    assert piece_of(bench).positions["purpose"].line == 3
    assert piece_of(bench).texts["en"].places["title"].line > before.texts["en"].places["title"].line


def test_a_block_that_cannot_be_read_leaves_the_last_good_version(bench, text):
    bench.look(edited(text, "piece:\n", "piece: soon\n"))
    line = text.read_text().split("\n").index("piece: soon") + 1
    (problem,) = (problem for problem in bench.checked.problems if problem.file == str(text))
    assert (problem.line, problem.column) == (line, 8)
    assert piece_of(bench).purpose
    assert "smoking" in bench.checked.journeys["follow_up"].kept
