from dataclasses import replace

import pytest

from journeys.review.impact import impact_of
from tests.review.journeys_shipped import shipped


def impact(path):
    lint = shipped()
    return impact_of(path, path, lint.plan, lint.catalogue.pieces, lint.sources)


def touched_texts(path):
    return {(piece.key, piece.locale) for piece in impact(path).pieces}


def test_a_text_touches_its_piece_in_its_language_alone():
    (piece,) = impact("disease/surveillance/scan-plan/es.md").pieces
    assert (piece.key, piece.locale, piece.because, piece.renderings) == ("scan-plan", "es", "words", 6)
    assert "scans.next_in_6_months" in piece.leaves


@pytest.mark.parametrize(
    ("path", "because"),
    [
        ("disease/treatment/surgery/lobectomy/en.md", {"en": "words", "es": "shared"}),
        ("disease/treatment/surgery/lobectomy/lobe.svg", {"en": "picture", "es": "picture"}),
    ],
)
def test_what_languages_share_touches_all_of_them(path, because):
    assert touched_texts(path) == {("lobectomy", "en"), ("lobectomy", "es")}
    assert {piece.locale: piece.because for piece in impact(path).pieces} == because


def test_a_file_of_settings_touches_all_languages_and_a_text_beside_it_its_own():
    lint = shipped()
    in_two_files = [replace(source, block=None) for source in lint.sources]
    folder = "disease/treatment/surgery/lobectomy"
    touched = {
        name: [
            (piece.locale, piece.because)
            for piece in impact_of(name, f"{folder}/{name}", lint.plan, lint.catalogue.pieces, in_two_files).pieces
        ]
        for name in ("piece.yaml", "en.md")
    }
    assert touched == {"piece.yaml": [("en", "shared"), ("es", "shared")], "en.md": [("en", "words")]}


def test_a_partial_touches_every_piece_that_includes_it_in_its_language():
    keys = {source.key for source in shipped().sources if b"include 'emergency'" in source.files["en.md"]}
    assert keys
    assert touched_texts("_partials/emergency.en.md") == {(key, "en") for key in keys}


def test_programmes_touch_the_structure_and_every_piece_that_shows_their_values():
    touched = impact("programmes")
    assert touched.structure == ("en", "es")
    sources = {source.key: source for source in shipped().sources}
    for key, locale in {(piece.key, piece.locale) for piece in touched.pieces}:
        source = sources[key]
        text = source.files[f"{locale}.md"] + b"".join(source.partials_of(locale).values()) + source.files["piece.yaml"]
        assert b"programme." in text or b"call" in text


def test_the_definition_touches_the_structure_and_what_reads_it():
    touched = impact("definition")
    assert (None, "en") in touched.signatures
    assert ("scan-plan", "en") in touched.signatures
    plain = [
        source.key
        for source in shipped().sources
        if not any(sign in data for data in source.files.values() for sign in (b"{", b"when:", b"action:"))
        and all(b"\nwhy: " in data for name, data in source.files.items() if name.endswith(".md"))
    ]
    assert not {key for key, _ in touched_texts("definition")} & set(plain)


def test_the_glossary_touches_the_reading_grade_of_all():
    assert {piece.because for piece in impact("glossary.yaml").pieces} == {"glossary"}


@pytest.mark.parametrize("path", ["disease/nowhere/en.md", "disease/surveillance/scan-plan/notes.txt", "x.yaml"])
def test_a_file_that_no_piece_is_made_of_touches_nothing(path):
    assert impact(path).pieces == ()
