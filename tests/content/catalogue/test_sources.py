"""Folders become bundles that name exactly what was approved; every other file is refused with a hint."""

from pathlib import Path

import pytest

from journeys.content.catalogue import PieceSource, read_sources
from tests.samples.sample import FOLDER, sources


def write(folder: Path, **files: bytes) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, **{"care/due/a/piece.yaml": b"purpose: support\n", "care/due/a/en.md": b"{% include 'one' %}"})
    write(tmp_path, **{"_partials/one.en.md": b'{%- include "two" -%}', "_partials/two.en.md": b"two"})
    write(tmp_path, **{"_partials/one.es.md": b"uno", "_partials/other.en.md": b"other", "glossary.yaml": b"a: b"})
    return tmp_path


def read_one(folder: Path) -> PieceSource:
    sources, _, problems = read_sources(folder)
    assert problems == []
    return sources[0]


def messages(folder: Path) -> dict[str, str]:
    return {problem.file.removeprefix(f"{folder}/"): problem.message for problem in read_sources(folder)[2]}


def test_a_piece_is_known_by_its_folder():
    source = sources()["scan-result"]
    assert source.place == "care/follow_up/waiting/scan-result"
    assert sorted(source.files) == ["en.md", "es.md", "piece.yaml"]
    assert source.files["en.md"] == (FOLDER / "content" / source.place / "en.md").read_bytes()


def test_a_piece_carries_the_partials_it_includes_and_no_others(folder):
    sources, partials, _ = read_sources(folder)
    assert sorted(sources[0].partials) == ["one.en.md", "two.en.md"]
    assert sorted(partials) == ["one.en.md", "one.es.md", "other.en.md", "two.en.md"]


def test_the_version_survives_storing(folder):
    source = read_one(folder)
    stored = PieceSource.from_stored(source.to_stored())
    assert stored == source
    assert stored.version == source.version
    assert len(source.version) == 64


@pytest.mark.parametrize("name", ["care/due/a/en.md", "care/due/a/piece.yaml", "_partials/two.en.md"])
def test_every_byte_counts_for_the_version(folder, name):
    before = read_one(folder).version
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    assert read_one(folder).version != before


def test_other_partials_do_not_count_for_the_version(folder):
    before = read_one(folder).version
    write(folder, **{"_partials/other.en.md": b"changed", "glossary.yaml": b"c: d"})
    assert read_one(folder).version == before


def test_place_and_line_ends_count_for_the_version(folder):
    source = read_one(folder)
    moved = PieceSource(source.key, "care/a", source.files, source.partials)
    crlf = PieceSource(source.key, source.place, {**source.files, "en.md": b"a\r\n"}, source.partials)
    lf = PieceSource(source.key, source.place, {**source.files, "en.md": b"a\n"}, source.partials)
    assert len({source.version, moved.version, crlf.version, lf.version}) == 4


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("care/due/a/scan.png", b"", "The file is not a PNG picture."),
        ("care/due/a/scan.jpg", b"", "Save it as SVG or PNG"),
        ("care/due/a/A Scan.svg", b"", "has the wrong name or folder"),
        ("care/due/a/piece.yml", b"", "Did you mean 'piece.yaml'?"),
        ("care/due/a/notes.txt", b"", "Accepted: piece.yaml, one Markdown file a locale"),
        ("care/due/a/english.md", b"", "Accepted: piece.yaml, one Markdown file a locale"),
        ("care/due/a/es.md", b"x" * 65_537, "larger than 65536 bytes"),
        ("care/due/a/inner/en.md", b"x", None),
        ("care/en.md", b"x", "is in no track's folder"),
        ("glosary.yaml", b"x", "Did you mean 'glossary.yaml'?"),
        ("_partials/one.md", b"x", "such as emergency.en.md"),
        ("_partials/more/one.en.md", b"x", None),
    ],
)
def test_what_is_not_known_is_refused_with_a_hint(folder, name, data, words):
    write(folder, **{name: data})
    problems = messages(folder)
    if words is None:
        assert len(problems) == 1
    else:
        assert words in problems[name]


def test_what_is_not_utf_8_is_named_with_its_line(folder):
    write(folder, **{"care/due/a/es.md": b"uno\ndos \xff\n"})
    sources, _, problems = read_sources(folder)
    assert sources == []
    assert [(problem.line, problem.message) for problem in problems] == [
        (2, "The file is not UTF-8 text. Save it as UTF-8.")
    ]


def test_a_piece_needs_its_shared_file_and_a_key_of_its_own(folder):
    write(
        folder,
        **{
            "care/due/b/en.md": b"---\ntitle: x\n---\n",
            "care/due/c/en.md": b"x",
            "care/a/piece.yaml": b"x",
            "care/Bad Key/piece.yaml": b"x",
        },
    )
    problems = messages(folder)
    assert "has no 'piece:' in the file of the journey's first language, and no piece.yaml" in problems["care/due/b"]
    assert "must begin with front matter" in problems["care/due/c/en.md"]
    assert "already used by care/a" in problems["care/due/a"]
    assert "lower case" in problems["care/Bad Key"]


def test_links_are_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    write(outside, **{"secret.md": b"secret"})
    (folder / "care/due/a/es.md").symlink_to(outside / "secret.md")
    assert "not followed" in messages(folder)["care/due/a/es.md"]


def test_hidden_files_are_passed_over(folder):
    write(folder, **{".DS_Store": b"", "care/.gitkeep": b""})
    assert messages(folder) == {}


def test_a_journey_without_content_has_none(tmp_path):
    assert read_sources(tmp_path / "none") == ([], {}, [])
