"""The table of files and lines in the manual is that of the counting script."""

import pytest

from benchmarks.authoring import count
from tests.folders import ROOT


@pytest.mark.long
def test_the_pieces_of_twelve_states_are_as_many_files_and_lines_as_the_manual_says():
    manual = (ROOT / "docs/performance.md").read_text().replace("`", "")
    rows = [f"| {layout} | {files} | {lines} |" for layout, (files, lines) in count().items()]
    assert len(rows) == 4
    assert [row for row in rows if row not in manual] == []
