"""No file of an author holds a character that a reader does not see."""

import pytest

from tests.authoring.lint.texts import FRONT, MESSAGE, check_file, lint_folder

TEXT = "content/sample/care/here/walk/en.md"
RLO = "\u202e"


def test_each_character_is_reported_at_its_place():
    check_file("en.md", f"A scan\nToday {RLO}nacs", (2, 7, "hidden-character", "U+202E RIGHT-TO-LEFT OVERRIDE"))


@pytest.mark.parametrize(
    "character",
    [
        *(
            "\u200b",
            "\u200e",
            "\u200f",
            "\u061c",
            "\u2060",
            "\u2066",
            "\u2069",
            "\u202a",
            "\ufeff",
            "\u180e",
            "\U000e0041",
        ),
        *(
            "\x00",
            "\x07",
            "\x7f",
            "\x0b",
            "\x0c",
            "\u2028",
            "\u2029",
            "\ue000",
            "\U000f0000",
            "\ufdd0",
            "\uffff",
        ),
        *("\u0378", "\u034f", "\u115f", "\u3164", "\u2800", "\ufe0f", "\ufe00", "\U000e0100", "\u200c", "\u200d"),
    ],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_a_character_without_a_shape_is_refused(character):
    check_file("en.md", f"Your sc{character}an", (1, 8, "hidden-character", f"U+{ord(character):04X}"))


@pytest.mark.parametrize(
    "words",
    [
        "Ya pasó un año: «¿Cómo está?» — 5\u00a0mg, 10\u202fkg, ≥ 3, “sí”, l’été…",
        "Donau\u00addampf",
        "نامه\u200cای",
        "क्\u200dष",
        "র\u200d্য",
        "👩\u200d⚕️ 🧑🏽\u200d🤝\u200d🧑🏻 ❤️ ☎️ 1️⃣ ⁉️",
        "葛\U000e0100城",
        "line\twith a tab\r\nand another",
    ],
)
def test_letters_of_every_script_and_pictures_are_fine(words):
    check_file("en.md", words)


@pytest.mark.parametrize("written", ["&#x202e;", "&#8238;", "&rlm;", "&ZeroWidthSpace;", "&#xE0041;"])
def test_a_character_reference_is_read(written):
    check_file("en.md", f"Your sc{written}an", (1, 8, "hidden-character", "U+"))


@pytest.mark.parametrize("written", [r"\u202e", r"\U000E0041", r"\x07", r"\L", r"\0", r"\ud800"])
def test_an_escape_of_yaml_is_read(written):
    check_file("sample.yaml", f'title: "A{written}"', (1, 10, "hidden-character", "U+"))


def test_other_references_and_escapes_are_fine():
    check_file("en.md", 'Salt &amp; sugar, &copy; 2026, &shy;&nbsp;"C:\\new" \\u00f1')


def test_a_run_of_tags_is_one_problem():
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")
    check_file("en.md", f"A scan{tags} today", (1, 7, "hidden-character", "(and 5 more behind it)"))


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        (TEXT, FRONT.format("") + f"{MESSAGE}\nTo{RLO}day.\n", (7, 3)),
        (TEXT, f"---\ntitle: A walk\nsummary: A walk{RLO}.\n---\n{MESSAGE}", (3, 16)),
        ("content/sample/care/here/walk/piece.yaml", f"# by{RLO} us\npurpose: education\n", (1, 5)),
        ("content/sample/glossary.yaml", f"terms: []  # {RLO}\n", (1, 14)),
        ("content/sample/_partials/extra.en.md", f"Extra{RLO}\n", (1, 6)),
        ("definitions/sample.programmes.yaml", f"programmes:\n  riverside: {{title: {{en: Ri{RLO}ver}}}}\n", (2, 29)),
    ],
)
def test_every_file_of_a_journey_is_read(tmp_path, file, text, place):
    assert (file, *place, "hidden-character") in lint_folder(tmp_path, {file: text})


def test_a_file_in_another_encoding_is_one_problem(tmp_path):
    problems = lint_folder(tmp_path, {"definitions/sample.yaml": "journey: sample\ntitle: x\0y\0z\0\n"})
    assert [problem for problem in problems if problem[3] == "hidden-character"] == [
        ("definitions/sample.yaml", 2, 9, "hidden-character")
    ]


def test_a_definition_that_cannot_be_read_is_checked_too(tmp_path):
    problems = lint_folder(tmp_path, {"definitions/sample.yaml": f"journey: [\n# {RLO}\n"})
    assert ("definitions/sample.yaml", 2, 3, "hidden-character") in problems
