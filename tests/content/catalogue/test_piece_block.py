"""The settings of a piece in the file of its first language are the same bytes as in a `piece.yaml`."""

import re
from dataclasses import replace

import pytest

from journeys.authoring.lint import lint_files
from journeys.authoring.one_file import in_one_file
from journeys.content.catalogue import PieceSource, UnfitForBlock, read_piece, read_sources, split_block, with_block
from journeys.review.digests import digest_of
from tests.folders import ROOT
from tests.samples.sample import plan, sources

PLACE = "care/due/a"
SHARED = "# Why: it is due.\npurpose: support\n\norder: 10\n"
BLOCK = "piece:\n  # Why: it is due.\n  purpose: support\n\n  order: 10\n"
SETTINGS = "piece:\n  purpose: support\n"
LINES = "title: A scan\nsummary: Soon.\n"
BODY = "---\nThe body.\n"
SPANISH = "---\ntitle: Una prueba\nsummary: Pronto.\n---\nEl texto.\n"


def write(folder, **files):
    path = folder / PLACE
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / name).write_bytes(text if isinstance(text, bytes) else text.encode())


def read_one(folder):
    (source,), _, problems = read_sources(folder)
    assert problems == []
    return source


def problems_at(folder):
    """The problems as `file:line:column message`."""
    return [
        f"{problem.file.removeprefix(f'{folder}/{PLACE}/')}:{problem.line}:{problem.column} {problem.message}"
        for problem in read_sources(folder)[2]
    ]


@pytest.fixture
def two_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    write(folder, **{"piece.yaml": SHARED, "en.md": f"---\n{LINES}{BODY}", "es.md": SPANISH})
    return read_one(folder)


@pytest.mark.parametrize("front", [LINES + BLOCK, BLOCK + LINES, "title: A scan\n" + BLOCK + "summary: Soon.\n"])
def test_a_block_is_the_same_piece_as_a_file_wherever_it_stands(tmp_path, two_files, front):
    write(tmp_path, **{"en.md": f"---\n{front}{BODY}", "es.md": SPANISH})
    source = read_one(tmp_path)
    assert source == two_files
    assert (source.version, source.to_stored()) == (two_files.version, two_files.to_stored())
    assert PieceSource.from_stored(source.to_stored()).block is None
    assert source.written == {"en.md": f"---\n{front}{BODY}".encode(), "es.md": SPANISH.encode()}


def test_windows_line_ends_stay_in_both_parts(tmp_path):
    text = f"---\n{LINES}{BLOCK}{BODY}".replace("\n", "\r\n")
    write(tmp_path, **{"en.md": text})
    files = read_one(tmp_path).files
    assert files["piece.yaml"] == SHARED.replace("\n", "\r\n").encode()
    assert files["en.md"] == f"---\n{LINES}{BODY}".replace("\n", "\r\n").encode()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("piece:\n", "4:1 'piece' is empty; it needs at least 'purpose'"),
        ("piece:  # later\n  # nothing yet\n", "4:1 'piece' is empty"),
        ("piece:\n- purpose: support\n", "4:1 'piece' is empty"),
        ("piece: {purpose: support}\n", "4:8 Write the keys of 'piece' on lines of their own"),
        ("piece: education\n", "4:8 Write the keys of 'piece' on lines of their own"),
        ("piece:\n\tpurpose: support\n", "5:1 A tab cannot indent the keys of 'piece'"),
        ("piece:\n purpose: support\n", "5:1 The lines of 'piece' are together, each indented by two spaces"),
        ("piece:\n  order: 1\n# why\n  purpose: support\n", "6:1 The lines of 'piece' are together"),
        ("piece:\n  order: 1\nwhy: So.\npiece:\n  purpose: support\n", "7:1 The key 'piece' is listed twice; first in"),
    ],
)
def test_a_block_that_cannot_be_read_is_named_with_its_line(tmp_path, block, expected, line_end):
    write(tmp_path, **{"en.md": f"---\n{LINES}{block}{BODY}".replace("\n", line_end)})
    (problem,) = problems_at(tmp_path)
    assert problem.startswith(f"en.md:{expected}")


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("piece:\n  - education\n", (5, 3, "A piece must be keys and values, not a list.")),
        ("piece:\n  education\n", (5, 3, "A piece must be keys and values, not a text.")),
        ("piece:\n  order: 10\n", (5, 3, "A piece needs 'purpose'.")),
        ("piece:\n  purpose: suport\n", (5, 12, "'purpose' is 'suport'. Did you mean 'support'?")),
        (f"{SETTINGS}  order: 1\n  order: 2\n", (7, 3, "The key 'order' is listed twice; first in line 6.")),
        (f"{SETTINGS}  \torder: 1\n", (6, 3, "This is not YAML: found character '\\t'")),
        (f"{SETTINGS}  title: A\n", (6, 3, "'title' is not a key of a piece. Write it in the front")),
        (f"order: 3\n{SETTINGS}", (4, 1, "'order' is not a key of the front matter. It belongs under")),
        (f"{SETTINGS}order: 3\n", (6, 1, "'order' is not a key of the front matter. It belongs under")),
        (f"'a: b':\n{SETTINGS}", (4, 1, "'a: b' is not a key of the front matter.")),
    ],
)
def test_a_mistake_in_a_block_is_at_its_line_and_column(tmp_path, block, expected):
    write(tmp_path, **{"en.md": f"---\n{LINES}{block}{BODY}"})
    source = replace(read_one(tmp_path), place="care/follow_up/waiting/a")
    problems = [problem for problem in read_piece(source, plan())[1] if problem.file.endswith("/a/en.md")]
    found = [(problem.line, problem.column, problem.message) for problem in problems]
    assert any(at[:2] == expected[:2] and at[2].startswith(expected[2]) for at in found), found


def test_the_body_behind_a_block_keeps_its_lines(tmp_path):
    write(tmp_path, **{"en.md": f"---\n{LINES}{BLOCK}{BODY}\n# Too high\n", "es.md": SPANISH})
    source = replace(read_one(tmp_path), place="care/follow_up/waiting/a")
    (problem,) = read_piece(source, plan())[1]
    assert (problem.file.rpartition("/")[2], problem.line) == ("en.md", 12)
    assert "begin at '##'" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        '---\ntitle: "piece: of mind"\nsummary: Soon.\n---\npiece:\n  purpose: support\n',
        "---\ntitle: >\n  piece:\n  of cake\nsummary: Soon.\n---\nThe body.\n",
        "---\n# piece:\ntitle: A\npieces: b\n---\nThe body.\n",
        "piece:\n  purpose: support\n",
    ],
)
def test_the_word_alone_is_no_block(text):
    assert split_block("en.md", text.encode()) is None


def test_a_piece_has_one_place_for_its_settings(tmp_path):
    text = f"---\n{LINES}{BLOCK}{BODY}"
    write(tmp_path, **{"en.md": text, "piece.yaml": SHARED})
    assert problems_at(tmp_path) == [
        "en.md:4:1 The piece 'a' has piece.yaml and 'piece' of en.md; keep one of the two."
    ]
    (tmp_path / PLACE / "piece.yaml").unlink()
    write(tmp_path, **{"es.md": text})
    assert problems_at(tmp_path) == [
        "es.md:4:1 The piece 'a' has 'piece' of en.md and 'piece' of es.md; keep one of the two."
    ]


def test_a_block_belongs_in_the_journeys_first_language(tmp_path):
    write(tmp_path, **{"en.md": f"---\n{LINES}{BODY}", "es.md": f"---\n{LINES}{BLOCK}{BODY}"})
    source = replace(read_one(tmp_path), place="care/follow_up/waiting/a")
    (problem,) = read_piece(source, plan())[1]
    assert (problem.file.rpartition("/")[2], problem.line) == ("es.md", 4)
    assert problem.message == "'piece' belongs in en.md, the journey's first language; move it there."


def test_a_marker_of_a_merge_in_a_block_is_named_as_such(tmp_path):
    files = {
        "definitions/a.yaml": "journey: a\n",
        "content/follow_up/care/due/a/en.md": f"---\n{LINES}piece:\n<<<<<<< mine\n  order: 1\n>>>>>>> yours\n{BODY}",
    }
    definition = ROOT / "tests/samples/definitions/follow_up.yaml"
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    problems = [problem for problem in lint_files(definition, tmp_path / "content").problems if "en.md" in problem.file]
    assert [(problem.line, problem.rule) for problem in problems] == [(5, "merge-marker"), (7, "merge-marker")]


@pytest.mark.parametrize("key", sorted(sources()))
def test_every_sample_is_the_same_piece_in_one_file(key):
    source = replace(sources()[key], block=None)
    name, joined = in_one_file(source, "en")
    text, shared, block = split_block(name, joined)
    again = replace(source, files={**source.files, name: text, "piece.yaml": shared}, block=block)
    assert again.version == source.version
    piece, problems = read_piece(again, plan())
    assert problems == []
    before, _ = read_piece(source, plan())
    assert digest_of(piece, again, "en", plan()) == digest_of(before, source, "en", plan())
    for setting, position in piece.positions.items():
        line = joined.decode().splitlines()[position.line - 1]
        assert re.match(rf"[\"']?{setting.rpartition('.')[2]}\b", line[position.column - 1 :])


@pytest.mark.parametrize(
    ("shared", "reason"),
    [
        ("\ufeffpurpose: support\n", "it begins with a byte order mark"),
        ("purpose: support", "its last line has no line break"),
        ("# nothing\n", "'piece' is empty"),
        ("purpose: [\n", "it has mistakes"),
        ("---\npurpose: support\n", "the front matter would not be YAML"),
    ],
)
def test_settings_that_would_not_be_the_same_stay_in_their_file(two_files, shared, reason):
    source = replace(two_files, files={**two_files.files, "piece.yaml": shared.encode()})
    with pytest.raises(UnfitForBlock, match=reason):
        in_one_file(source, "en")


def test_a_text_without_front_matter_or_in_no_first_language_takes_no_block(two_files):
    with pytest.raises(UnfitForBlock, match="no front matter"):
        with_block(b"The body.\n", SHARED.encode())
    with pytest.raises(UnfitForBlock, match=r"no pt\.md"):
        in_one_file(two_files, "pt")


def test_the_line_of_text_parts_is_left_out_of_what_is_signed_in_both_layouts(tmp_path):
    settings = "piece:\n  purpose: support\n  channels: [web, sms]\n"
    digests = set()
    for block, parts in ((settings, "text_parts: 2\n"), ("", "text_parts: 3\n"), (settings, "")):
        lines = f"{LINES}{block}text: Soon.\n{parts}"
        files = {"en.md": f"---\n{lines}{BODY}", "es.md": SPANISH.replace("---\nEl", f"text: Pronto.\n{parts}---\nEl")}
        if not block:
            files["piece.yaml"] = settings.replace("piece:\n", "").replace("  ", "")
        folder = tmp_path / f"{len(digests)}{parts[-2:-1]}"
        write(folder, **files)
        source = replace(read_one(folder), place="care/follow_up/waiting/a")
        piece, problems = read_piece(source, plan())
        assert problems == []
        digests.add(digest_of(piece, source, "en", plan()))
    assert len(digests) == 1
