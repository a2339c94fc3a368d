"""Documents: their links lead somewhere, what they name exists, their lines can be read, the picture has every room."""

import dataclasses
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from service.cli import main
from service.platform.configuration import Configuration
from tests.folders import ROOT
from tests.test_architecture import layers_of

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LONGEST_LINE = 160
#: Folders whose files documents name; a path with a placeholder (`<journey>`) is not looked up.
FOLDERS = ("benchmarks", "content", "definitions", "docs", "journeys", "service", "tests")
#: Paths that a document tells its reader to make.
TO_MAKE = {"journeys/locales/pt"}
SETTINGS = {setting.name for setting in dataclasses.fields(Configuration)}


def prose_of(document: Path) -> str:
    """Return the text of a document without its code."""
    return re.sub(r"```.*?```|`[^`]*`", "", document.read_text(), flags=re.DOTALL)


def spans_of(document: Path) -> list[str]:
    """Return the code within the sentences of a document, each span on one line."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def lines_of_code(document: Path) -> list[str]:
    """Return the lines of a document's blocks and the code within its sentences; a continued line is one line."""
    blocks = re.findall(r"^```\w*\n(.*?)^```$", document.read_text(), re.DOTALL | re.MULTILINE)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()] + spans_of(document)


def named_commands(document: Path) -> Iterator[list[str]]:
    """Yield the words of every `journeys` command in a document, without its name."""
    for line in lines_of_code(document):
        for words in re.findall(r"(?:^|\$\(|\| )(?:\.venv/bin/)?journeys +([a-z-][^#|)&>;]*)", line):
            yield shlex.split(words)


def problem_with(words: list[str]) -> str | None:
    """Return what is wrong with a command: the first word or option that the command line does not know."""
    command: click.Command = main
    while words and isinstance(command, click.Group) and not words[0].startswith("--"):
        name, *words = words
        known_command = command.get_command(click.Context(command), name)
        if known_command is None:
            return name
        command = known_command
    parameters = command.get_params(click.Context(command))
    options = {option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)}
    return next((word for word in words if word.startswith("--") and word not in options), None)


def anchors_of(document: Path) -> set[str]:
    """Return the anchors of a document's headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_link_to_a_file_leads_to_one():
    broken = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", prose_of(document))
        if not (document.parent / link).exists()
    ]
    assert broken == []


def test_every_link_to_a_heading_leads_to_one():
    broken = [
        f"{document.relative_to(ROOT)}: {link}#{anchor}"
        for document in DOCUMENTS
        for link, anchor in re.findall(r"\]\(([^)#:]*)#([^)]*)\)", prose_of(document))
        if anchor not in anchors_of(document.parent / link if link else document)
    ]
    assert broken == []


def test_every_named_path_exists():
    missing = [
        f"{document.relative_to(ROOT)}: {span}"
        for document in DOCUMENTS
        for span in spans_of(document)
        if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./*-]+", span)
        if span not in TO_MAKE and not any(ROOT.glob(span))
    ]
    assert missing == []


def test_every_named_command_and_option_exists():
    unknown = [
        f"{document.relative_to(ROOT)}: journeys {' '.join(words)}: {problem}"
        for document in DOCUMENTS
        for words in named_commands(document)
        if (problem := problem_with(words)) is not None
    ]
    assert unknown == []


def test_every_named_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named_targets = {
        target
        for document in DOCUMENTS
        for line in lines_of_code(document)
        for target in re.findall("^make ([a-z-]+)", line)
    }
    assert named_targets <= targets


def test_every_named_setting_exists_and_the_manual_has_each():
    variables = {name for document in DOCUMENTS for name in re.findall(r"\bJOURNEYS_([A-Z_]+)", document.read_text())}
    settings = {name.lower() for name in variables if not name.startswith("TEST_")}
    assert settings - SETTINGS <= {"config", "editor"}  # the file of settings, and an option of the preview
    manual = (ROOT / "docs" / "service.md").read_text().partition("## Configuration")[2].partition("\n## ")[0]
    assert SETTINGS - set(re.findall(r"`(\w+)`", manual)) == set()


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


def test_security_names_how_each_chapter_is_met_and_a_test_or_what_is_open():
    text = (ROOT / "docs/security.md").read_text()
    met = re.findall(r"^\| (V\d+)[^|]*\|([^|]*)\|$", text, re.MULTILINE)
    shown = re.findall(r"^\| (V\d+)[^|]*\|([^|]*)\|([^|]*)\|$", text, re.MULTILINE)
    assert {chapter for chapter, _ in met} == {f"V{number}" for number in range(1, 18)}
    applicable = [chapter for chapter, text_of_row in met if not text_of_row.strip().startswith("Does not apply")]
    assert [chapter for chapter, *_ in shown] == applicable
    for chapter, tests, left_open in shown:
        paths = re.findall(r"`(tests/[^`]+)`", tests)
        assert paths or left_open.strip() != "–", chapter
        assert all((ROOT / path).is_file() for path in paths), (chapter, paths)
