"""Documents: their links lead somewhere, their lines can be read, the picture shows every room."""

import re
from pathlib import Path

from tests.folders import ROOT
from tests.test_architecture import layers_of

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LONGEST_LINE = 160


def prose_of(document: Path) -> str:
    """Return the text of a document without its code."""
    return re.sub(r"```.*?```|`[^`]*`", "", document.read_text(), flags=re.DOTALL)


def test_every_link_to_a_file_leads_to_one():
    broken = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose_of(document))
        if not (document.parent / link).exists()
    ]
    assert broken == []


def test_every_document_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text()
    documents = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert [name for name in sorted(documents) if f"({name})" not in index] == []


def test_no_line_is_longer_than_a_reader_can_follow():
    """Tables and addresses included."""
    long_lines = [
        f"{document.relative_to(ROOT)}:{number}"
        for document in DOCUMENTS
        for number, line in enumerate(document.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]
    assert long_lines == []


def test_the_picture_shows_every_room():
    """`docs/picture.py` draws it anew."""
    picture = (ROOT / "docs" / "architecture.svg").read_text()
    rooms = [f"{package}.{room}" for package in ("journeys", "service") for room in layers_of(package)]
    assert [room for room in rooms if f"<title>{room}</title>" not in picture] == []
