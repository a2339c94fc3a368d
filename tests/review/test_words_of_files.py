"""Every word of every file of the shipped journeys is on an annotated page; this test reads the files itself."""

import html
import re
from functools import lru_cache

import pytest
from ruamel.yaml import YAML

from journeys.review.documents import annotated_document, structure_document
from journeys.review.structure import annotate_structure
from tests.folders import ROOT
from tests.review.journeys_shipped import JOURNEYS, page, shipped

TAG = re.compile(r"^ *[0-9]+\. |\{%.*?%\}|\{\{.*?\}\}|\]\([^)]*\)|\[\^[^\]]*\]", re.DOTALL | re.MULTILINE)
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> str:
    return f" {' '.join(WORD.findall(text))} "


def shown(document: str) -> str:
    """The words of a document as a browser shows them; inside a sentence notes and tags are nothing."""
    text = re.sub(r"<sup>.*?</sup>", " ", document.partition("</head>")[2])
    text = re.sub(r' alt="([^"]*)"', r">\1<", text)
    return words(html.unescape(re.sub(r"<[^>]*>", " ", text)))


def stretches(text: str) -> list[str]:
    """The stretches of words in a file, between its markup."""
    return [
        stretch_words
        for stretch in TAG.split(text)
        for line in stretch.split("\n")
        if (stretch_words := words(line)).strip()
    ]


@lru_cache
def of_piece(journey: str, key: str, locale: str) -> str:
    return shown(annotated_document(page(key, locale, journey)))


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_word_of_every_text_is_on_its_page(journey, locale):
    for file in sorted((ROOT / "content" / journey).rglob(f"{locale}.md")):
        _, front, body = file.read_text().split("---\n", 2)
        lines = YAML(typ="safe").load(front)
        lines.pop("piece", None)
        page_text = of_piece(journey, file.parent.name, locale)
        missing = [
            stretch
            for text in (*map(str, lines.values()), body)
            for stretch in stretches(text)
            if stretch not in page_text
        ]
        assert missing == [], file


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_word_of_every_partial_is_on_the_pages_that_include_it(journey, locale):
    for file in sorted((ROOT / "content" / journey / "_partials").glob(f"*.{locale}.md")):
        name = file.name.removesuffix(f".{locale}.md")
        users = [
            path.parent.name
            for path in (ROOT / "content" / journey).rglob(f"{locale}.md")
            if re.search(rf"include\s+['\"]{name}['\"]", path.read_text())
        ]
        assert users
        for key in users:
            page_text = of_piece(journey, key, locale)
            assert [stretch for stretch in stretches(file.read_text()) if stretch not in page_text] == [], (file, key)


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_text_of_definition_and_programmes_is_on_the_page_of_the_structure(journey, locale):
    lint = shipped(journey)
    page_text = shown(structure_document(annotate_structure(lint.plan, locale, lint.programmes)))
    for file in (f"{journey}.yaml", f"{journey}.programmes.yaml"):
        written = YAML(typ="safe").load((ROOT / "definitions" / file).read_text())
        written.pop("properties", None)  # what must hold is read by authors and reviewers, never by a patient
        texts = list(texts_of(written, locale))
        assert texts
        assert [text for text in texts if words(text) not in page_text] == []


def texts_of(tree, locale):
    """Every text that the tree gives for a locale, and every title of a task."""
    if isinstance(tree, dict):
        if tree and set(tree) <= {"en", "es"}:
            yield tree[locale]
            return
        if "within" in tree and isinstance(tree.get("title"), str):
            yield tree["title"]
        for value in tree.values():
            yield from texts_of(value, locale)
    elif isinstance(tree, list):
        for value in tree:
            yield from texts_of(value, locale)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_every_source_and_picture_is_on_a_page_of_each_language(journey):
    for source in shipped(journey).sources:
        shared = YAML(typ="safe").load(source.files["piece.yaml"])
        for locale in shipped(journey).journey.locales:
            made = html.unescape(annotated_document(page(source.key, locale, journey)))
            for note in shared.get("references", {}).values():
                assert note["title"] in made, source.key
            assert ("image" in shared) == ("<img" in made)
