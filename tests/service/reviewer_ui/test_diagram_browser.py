"""Diagrams in Chromium: every word in its box; and what a reader does with them by mouse and keyboard."""

import re

import pytest

from journeys.authoring import diagram
from journeys.authoring.diagram import DiagramView, composites
from service.reviewer_ui.blueprint import ROOM
from service.staff_pages.room import FOLDER
from tests.read_once import compile_shipped
from tests.service.browsing import LAPTOP, window
from tests.service.diagram_boxes import measure

pytestmark = [pytest.mark.browser, pytest.mark.long]
STYLES = "".join(
    (folder / "static" / name).read_text()
    for folder, name in ((FOLDER, "staff.css"), (ROOM.folder, "room.css"), (ROOM.folder, "diagram.css"))
)


@pytest.fixture(scope="module")
def page(browser):
    with window(browser, LAPTOP) as opened:
        yield opened


def show(page, svg: str, style: str = "") -> None:
    page.set_content(f"<style>{STYLES}{style}</style><div class='diagram whole'>{svg}</div>")


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("key", ["nsclc", "diabetes"])
@pytest.mark.parametrize("font", ["", "DejaVu Sans", "Liberation Sans Narrow", "monospace"])
def test_no_word_leaves_its_box_and_no_label_lies_on_another(page, key, locale, font):
    """Also in a wider, a narrower font than the drawing was laid out for."""
    show(
        page,
        diagram.svg(compile_shipped(key).journey, locale=locale),
        f".diagram text {{ font-family: {font} }}" if font else "",
    )
    texts, problems = measure(page)
    assert texts > 100
    assert problems == []


@pytest.mark.parametrize("key", ["nsclc", "diabetes"])
def test_a_folded_diagram_keeps_its_words_in_their_boxes(page, key):
    journey = compile_shipped(key).journey
    show(page, diagram.svg(journey, DiagramView(folded=frozenset(composites(journey)))))
    texts, problems = measure(page)
    assert texts > 20
    assert problems == []


def test_the_measure_sees_a_word_outside_its_box_and_a_label_on_another(page):
    """Planted: a title of twice the width, and a label moved onto another."""
    svg = diagram.svg(compile_shipped("diabetes").journey)
    first = re.search(r'<g id="state:[^"]+" class="node state.*?textLength="([^"]+)"', svg, re.DOTALL)
    wider = svg[: first.start(1)] + str(float(first[1]) * 2) + svg[first.end(1) :]
    show(page, wider)
    assert any("is outside" in problem for problem in measure(page)[1])
    labels = list(re.finditer(r'<g id="way:[^"]+" class="edge.*?(<text x="[^"]+" y="[^"]+")', svg, re.DOTALL))
    moved = svg[: labels[1].start(1)] + labels[0][1] + svg[labels[1].end(1) :]
    show(page, moved)
    assert any("lies on" in problem for problem in measure(page)[1])
