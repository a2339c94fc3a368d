"""No file holds the markers of a merge."""

import re

import pytest

from tests.authoring.lint.texts import FRONT, MESSAGE, check_file, lint_folder

TEXT = "content/sample/care/here/walk/en.md"
BOTH = "<<<<<<< HEAD\nCall us today.\n||||||| base\nCall.\n=======\nCall us tomorrow.\n>>>>>>> other-branch\n"


def test_each_marker_is_reported():
    expected = [(line, 1, "merge-marker", "is left from a merge") for line in (1, 3, 5, 7)]
    check_file("en.md", BOTH, *expected)


@pytest.mark.parametrize(
    "line",
    [
        "|||||||",
        ">>>>>>>",
        'title: "<<<<<<< HEAD"',
        "  <<<<<<< HEAD",
        "- >>>>>>> main",
        "# ||||||| base",
        "<<<<<<<<< a",
        "> <<<<<<< HEAD",
        "1. ||||||| base",
        "title: {en: '<<<<<<< HEAD', es: A}",
        "Call us. >>>>>>> main",
        r"\<<<<<<< HEAD",
        "<<<<<<<HEAD",
        "======= MERGED IN content follows =======",
        "%%%%%%% Changes from base to side #1",
        "+++++++ Contents of side #2",
        ">>>> ORIGINAL en.md#1",
        "==== THEIRS en.md#2",
    ],
)
def test_a_marker_alone_is_refused(line):
    marker = re.search(r"[<>|]{4,}|={4,}|[%+]{7}", line)
    column = marker.start() + 1
    check_file("sample.yaml", f"\n{line}\n", (2, column, "merge-marker", "is left from a merge"))


@pytest.mark.parametrize(
    "line", ["# ======= facts =======", "| a | b |", "||", "> > a quote", "======", "==== a", "a: <<", ">>>> a"]
)
def test_lines_that_look_alike_are_fine(line):
    check_file("sample.yaml", f"{line}\n")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_markers_are_reported_with_every_end_of_a_line(end):
    expected = [(line, 1, "merge-marker", "is left from a merge") for line in (1, 3, 5, 7)]
    check_file("en.md", BOTH.replace("\n", end), *expected)


@pytest.mark.parametrize("blank", ["", "\n"])
def test_only_the_markers_of_a_file_are_reported(tmp_path, blank):
    body = BOTH.replace("\n", f"\n{blank}")
    problems = lint_folder(tmp_path, {TEXT: FRONT.format("") + f"{MESSAGE}\n{body}"})
    assert [problem[0] for problem in problems] == [TEXT] * 4
    assert {problem[3] for problem in problems} == {"merge-marker"}
    assert problems[0][1] == 7


def test_a_definition_names_the_marker_and_not_the_line_after_it(tmp_path):
    problems = lint_folder(tmp_path, {"definitions/sample.yaml": f"journey: sample\n{BOTH}"})
    assert [problem[1] for problem in problems] == [2, 4, 6, 8]
