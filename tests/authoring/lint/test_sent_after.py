"""The `after` of a piece names another piece that is sent."""

import pytest

from tests.authoring.lint.texts import check_folder, lint_folder

TEXT = "---\ntitle: A walk\nsummary: A walk.\n---\nWalk a little each day.\n"
SHARED = "content/sample/care/here/{}/piece.yaml"


def files_of(**sends):
    files = {}
    for order, (key, send) in enumerate(sends.items(), start=1):
        files[SHARED.format(key)] = f"purpose: education\norder: {order}\n" + (f"send: {send}\n" if send else "")
        files[f"content/sample/care/here/{key}/en.md"] = TEXT
    return files


def test_a_chain_of_pieces_is_fine(tmp_path):
    files = files_of(first="{on: entry}", second="{after: first, delay: P1D}", third="{after: second, delay: P1D}")
    check_folder(tmp_path, files)


@pytest.mark.parametrize("other", ["frist", "quiet", "second"])
def test_a_wrong_piece_is_reported_at_its_place(tmp_path, other):
    files = files_of(first="{on: entry}", quiet="", second=f"{{after: {other}}}")
    assert lint_folder(tmp_path, files) == [(SHARED.format("second"), 3, 8, "sent-after")]


def test_pieces_that_wait_for_each_other_are_reported(tmp_path):
    files = files_of(one="{after: two}", two="{after: one}", three="{after: two}")
    expected = [(SHARED.format(key), 3, "sent-after") for key in ("one", "two")]
    check_folder(tmp_path, files, *expected)
