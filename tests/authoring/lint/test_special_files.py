"""Paths that are not plain files: refused at once, with the reason, and nothing waits for them or reads on for ever."""

import os

import pytest

from journeys.authoring.lint import lint_files
from tests.folders import ROOT

SAMPLE = ROOT / "tests" / "samples" / "definitions" / "follow_up.yaml"
LINK = "Links are not followed; put the file itself here."
NOT_A_FILE = "This is not a regular file; put the file itself here."
TOO_LARGE = "The file is larger than 262144 bytes (256 KB)."
MADE = {
    "a pipe": (os.mkfifo, NOT_A_FILE),
    "a folder": (os.mkdir, NOT_A_FILE),
    "a link to a file": (lambda path: path.symlink_to(SAMPLE), LINK),
    "a link to a device": (lambda path: path.symlink_to("/dev/zero"), LINK),
    "a link to nothing": (lambda path: path.symlink_to("nowhere.yaml"), LINK),
    "a large file": (
        lambda path: path.write_bytes(b"a: b\n" * 10**6),
        "The file is larger than 262144 bytes (256 KB).",
    ),
}


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_a_definition_is_a_regular_file_of_bounded_length(tmp_path, make, text):
    make(tmp_path / "follow_up.yaml")
    (problem,) = lint_files(tmp_path / "follow_up.yaml", None).problems
    assert (problem.level, problem.message) == ("error", text)


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_programmes_are_a_regular_file_too(tmp_path, make, text):
    (tmp_path / "follow_up.yaml").write_bytes(SAMPLE.read_bytes())
    make(tmp_path / "follow_up.programmes.yaml")
    linted = lint_files(tmp_path / "follow_up.yaml", None)
    assert text in [problem.message for problem in linted.problems]
    assert not linted.is_publishable


@pytest.mark.parametrize(("make", "text"), MADE.values(), ids=MADE.keys())
def test_a_glossary_is_a_regular_file_too(tmp_path, make, text):
    (tmp_path / "follow_up.yaml").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "content" / "follow_up").mkdir(parents=True)
    make(tmp_path / "content" / "follow_up" / "glossary.yaml")
    linted = lint_files(tmp_path / "follow_up.yaml", tmp_path / "content")
    assert not linted.is_publishable
    assert any(problem.file.endswith("glossary.yaml") for problem in linted.problems)
