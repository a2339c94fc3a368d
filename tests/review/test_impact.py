import pytest

from journeys.review import impact_of
from tests.review.journeys_shipped import linted


def impact(place):
    found = linted()
    return impact_of(place, place, found.plan, found.catalogue.pieces, found.sources)


def those(place):
    return {(one.key, one.locale) for one in impact(place).pieces}


def test_a_text_touches_its_piece_in_its_language_alone():
    (one,) = impact("disease/surveillance/scan-plan/es.md").pieces
    assert (one.key, one.locale, one.because, one.renderings) == ("scan-plan", "es", "words", 6)
    assert "disease.surveillance.scan_due" in one.leaves


@pytest.mark.parametrize(
    ("place", "because"),
    [
        ("disease/treatment/surgery/lobectomy/piece.yaml", "shared"),
        ("disease/treatment/surgery/lobectomy/lobe.svg", "picture"),
    ],
)
def test_what_languages_share_touches_all_of_them(place, because):
    assert those(place) == {("lobectomy", "en"), ("lobectomy", "es")}
    assert {one.because for one in impact(place).pieces} == {because}


def test_a_partial_touches_every_piece_that_includes_it_in_its_language():
    found = {source.key for source in linted().sources if b"include 'emergency'" in source.files["en.md"]}
    assert found
    assert those("_partials/emergency.en.md") == {(key, "en") for key in found}


def test_programmes_touch_the_structure_and_every_piece_that_shows_their_values():
    found = impact("programmes")
    assert found.structure == ("en", "es")
    sources = {source.key: source for source in linted().sources}
    for key, locale in {(one.key, one.locale) for one in found.pieces}:
        source = sources[key]
        text = source.files[f"{locale}.md"] + b"".join(source.partials_of(locale).values()) + source.files["piece.yaml"]
        assert b"programme." in text or b"call" in text


def test_the_definition_touches_the_structure_and_what_reads_it():
    found = impact("definition")
    assert (None, "en") in found.signatures
    assert ("scan-plan", "en") in found.signatures
    plain = [
        source.key
        for source in linted().sources
        if not any(sign in data for data in source.files.values() for sign in (b"{", b"when:", b"action:"))
        and all(b"\nwhy: " in data for name, data in source.files.items() if name.endswith(".md"))
    ]
    assert not {key for key, _ in those("definition")} & set(plain)


def test_the_glossary_touches_the_reading_grade_of_all():
    assert {one.because for one in impact("glossary.yaml").pieces} == {"glossary"}


@pytest.mark.parametrize("place", ["disease/nowhere/en.md", "disease/surveillance/scan-plan/notes.txt", "x.yaml"])
def test_a_file_that_no_piece_is_made_of_touches_nothing(place):
    assert impact(place).pieces == ()
