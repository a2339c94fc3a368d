"""A journey drawn: everything is there, whatever titles hold, and always the same."""

import re
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest

from journeys.authoring import diagram
from journeys.authoring.diagram import DiagramView, DiagramWords
from journeys.authoring.diagram.dot import DotText
from journeys.definition.model import STAY
from journeys.definition.reading import read_journey
from tests.folders import ROOT
from tests.reference.generate import random_case

NSCLC = ROOT / "definitions" / "nsclc.yaml"
SVG = "{http://www.w3.org/2000/svg}"

SMALL = """\
journey: small
title: {en: Small, es: Pequeño}
locales: [en, es]
facts:
  scan_on: {type: date, title: {en: Day of the scan, es: Día de la exploración}}
  result: {type: choice, values: [clear, bad], title: {en: Result, es: Resultado},
           labels: {clear: {en: All clear, es: Todo bien}, bad: {en: Not good, es: Nada bueno}}}
triggers:
  visited: {title: {en: Visited, es: Visto}}
  scanned: {title: {en: Scanned, es: Explorado}, requires: [result]}
  told: {by: [staff], title: {en: Told, es: Comunicado}}
ends:
  died: {title: {en: Died, es: Murió}}
tracks:
  care:
    title: {en: Care, es: Atención}
    initial: home
    states:
      home:
        title: {en: At home, es: En casa}
        on: {visited: stay, scanned: ward}
      ward:
        title: {en: On the ward, es: En planta}
        initial: bed
        on:
          scanned:
            - {when: "result == 'clear'", to: home}
            - {when: "result == 'bad'", to: chair}
        states:
          bed:
            title: {en: In bed, es: En cama}
            hold_until: told
            after:
              - {delay: -P3D, from: scan_on, to: chair}
          chair:
            title: {en: Sitting up, es: Sentado}
            on: {visited: bed}
            after: [{delay: P1M, to: home}]
  mood:
    title: {en: Mood, es: Ánimo}
    initial: calm
    states:
      calm: {title: {en: Calm, es: En calma}, on: {entered.care.ward: low}}
      low: {title: {en: Low, es: Bajo}, on: {visited: calm}}
"""


def journey_of(text):
    journey, problems = read_journey(text.encode(), "sample.yaml")
    assert problems == []
    return journey


@pytest.fixture(scope="module")
def small():
    return journey_of(SMALL)


@pytest.fixture(scope="module")
def nsclc():
    return read_journey(NSCLC.read_bytes(), "nsclc.yaml")[0]


def parsed(svg):
    """Return the groups of a drawing by their id."""
    root = ET.fromstring(svg.encode())  # noqa: S314 - our own drawing
    return {group.get("id"): group for group in root.iter(f"{SVG}g")}


def text_of(group):
    return " ".join(text.text or "" for text in group.iter(f"{SVG}text"))


def drawn_ways(svg):
    """Return (source, target) of every way of a drawing that has both its lines."""
    names = parsed(svg).keys()
    ways = [re.match(r"way:([^>]+)>([^>:]+?)(:timer|:entered)?$", name or "") for name in names]
    return {(way[1], way[2]) for way in ways if way and {f"{way[0]}|out", f"{way[0]}|in"} <= names}


def declared_ways(journey):
    for track in journey.tracks.values():
        for state in track.states.values():
            moves = [move.to for move in state.on if move.to != STAY] + [move.to for move in state.after if move.to]
            for to in moves:
                yield f"{track.name}.{state.path}", f"{track.name}.{track.resolve(to, state.path)}"


def noted_ways(svg):
    """Return (source, target) of the transitions that notes describe."""
    for name, group in parsed(svg).items():
        if name and name.startswith("ways:"):
            links = [link.get("{http://www.w3.org/1999/xlink}title") for link in group.iter(f"{SVG}a")]
            for source in re.findall(r"\(([a-z0-9_.]+)\)$", "\n".join(filter(None, links)), re.MULTILINE):
                yield source, name.removeprefix("ways:")


@pytest.mark.parametrize("name", ["small", "nsclc"])
def test_every_state_and_every_way_is_there(name, request):
    journey = request.getfixturevalue(name)
    svg = diagram.svg(journey)
    assert {f"state:{path}" for path in journey.state_paths} <= set(parsed(svg))
    assert set(declared_ways(journey)) <= drawn_ways(svg) | set(noted_ways(svg))


def test_many_ways_into_a_state_are_one_note(nsclc):
    """The note says from how many states, and names each to those who point at it."""
    groups = parsed(diagram.svg(nsclc))
    assert "from 11 states:" in text_of(groups["ways:disease.treatment.radiotherapy"])
    assert ("disease.work_up", "disease.treatment.radiotherapy") in set(noted_ways(diagram.svg(nsclc)))


def lines_of(journey):
    """Return the lines of the DOT graphs of a journey."""
    text = DotText(DiagramWords(journey, None), DiagramView())
    return [line.strip() for track in journey.tracks.values() for line in text.lines(track)]


def test_an_edge_into_a_composite_ends_at_its_initial_dot(small):
    assert any(line.startswith('"way:care.home>care.ward" -> "initial:care.ward"') for line in lines_of(small))
    assert not any("lhead" in line for line in lines_of(small) if "|in" in line)


def test_an_edge_out_of_a_composite_begins_at_its_border(small):
    line = next(line for line in lines_of(small) if 'id="way:care.ward>care.home|out"' in line)
    assert line.startswith('"way:care.ward>care.home" -> "initial:care.ward"')  # upwards, so it is written downwards
    assert 'lhead="cluster_care.ward"' in line and 'dir="none"' in line


def test_an_edge_from_a_composite_to_its_child_says_from_where(small):
    assert any(line.startswith('"anywhere:care.ward" -> "way:care.ward>care.ward.chair"') for line in lines_of(small))
    assert text_of(parsed(diagram.svg(small))["anywhere:care.ward"]) == "from any of these"


def test_a_timer_is_dashed_and_shows_its_delay(small):
    for part in ("out", "in"):
        assert 'style="dashed"' in next(line for line in lines_of(small) if f"care.home:timer|{part}" in line)
    groups = parsed(diagram.svg(small))
    assert text_of(groups["way:care.ward.chair>care.home:timer"]) == "after 1 month"
    assert text_of(groups["way:care.ward.bed>care.ward.chair:timer"]) == "3 days before: Day of the scan"


def test_conditions_are_in_words_as_on_the_reviewers_pages(small):
    groups = parsed(diagram.svg(small))
    assert text_of(groups["way:care.ward>care.home"]) == "Scanned, if “Result” is “All clear”"
    spanish = parsed(diagram.svg(small, locale="es"))
    assert text_of(spanish["way:care.ward>care.home"]) == "Explorado, si «Resultado» es «Todo bien»"


def test_a_held_state_is_marked(small):
    groups = parsed(diagram.svg(small))
    assert "(held until told)" in text_of(groups["state:care.ward.bed"])
    assert groups["state:care.ward.bed"].get("class") == "node state held"
    assert groups["state:care.home"].get("class") == "node state"


def test_an_entry_of_another_track_is_named(small):
    groups = parsed(diagram.svg(small))
    assert text_of(groups["way:mood.calm>mood.low:entered"]) == "enters: On the ward"


def test_states_are_lit(small):
    groups = parsed(diagram.svg(small, DiagramView(lit=frozenset({"care.ward", "care.ward.bed"}))))
    lit = {name for name, group in groups.items() if "lit" in (group.get("class") or "").split()}
    assert lit == {"state:care.ward", "state:care.ward.bed"}


def test_titles_are_in_the_chosen_language(small):
    texts = text_of(parsed(diagram.svg(small, locale="es"))["journey:small"])
    assert "En cama" in texts
    assert "después de 1 mes" in texts
    assert "In bed" not in texts
    assert "In bed" in text_of(parsed(diagram.svg(small, locale="de"))["journey:small"])
    for spanish in ("es", "es-419", "es_MX", "spa"):
        assert "En cama" in diagram.mermaid(small, locale=spanish)


NASTY = [
    'a "quoted" word',
    "5 < 6 & 7 > 3",
    "<b>bold</b>",
    "one; two; }",
    "back\\slash \\n \\N \\",
    "&amp; &eacute; &#65;",
    "two\nlines\tand a tab",
    "100 % {braces} [brackets] |pipes|",
    "// no comment # nor this",
    "Ünïcödé 日本語 🩺",
    "-->",
    "'); DROP TABLE",
]


@pytest.mark.parametrize("title", NASTY)
def test_a_title_is_shown_as_it_is(title):
    """Quotes, brackets, entities, escapes and line breaks are text, never syntax."""
    escaped = title.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    text = SMALL.replace("en: At home", f'en: "{escaped}"').replace("en: Visited", f'en: "{escaped}"')
    text = text.replace("en: On the ward", f'en: "{escaped}"').replace("en: Small", f'en: "{escaped}"')
    journey = journey_of(text)
    groups = parsed(diagram.svg(journey, DiagramView(lit=frozenset({"care.home"}))))
    shown = " ".join(title.split())
    plain = journey_of(SMALL)
    assert " ".join(text_of(groups["state:care.home"]).split()) == shown
    assert shown in " ".join(text_of(groups["journey:small"]).split())
    assert groups.keys() == parsed(diagram.svg(plain)).keys()
    assert mermaid_lines(journey) == mermaid_lines(plain)


def mermaid_lines(journey):
    """Return a Mermaid text without what is written on states and ways."""
    text = diagram.mermaid(journey)
    return re.sub(r'".*"', '""', re.sub(r": [^:]*$", "", text, flags=re.MULTILINE))


def test_mermaid_has_every_state_and_way(nsclc):
    text = diagram.mermaid(nsclc)
    assert text.splitlines()[3] == "stateDiagram-v2"
    for full in nsclc.state_paths:
        assert f" as {full.replace('.', '__', 1).replace('.', '-')}" in text
    for source, target in declared_ways(nsclc):
        ends = [full.replace(".", "__", 1).replace(".", "-") for full in (source, target)]
        assert f"{ends[0]} --> {ends[1]}: " in text
    assert text.count("{") == text.count("}")
    names = re.findall(r" as (\S+)", text)
    assert len(names) == len(set(names))


def test_a_drawing_is_always_the_same(nsclc):
    again = read_journey(NSCLC.read_bytes(), "other.yaml")[0]
    assert diagram.svg(nsclc) == diagram.svg(again)
    assert diagram.mermaid(nsclc) == diagram.mermaid(again)


def test_threads_may_draw_at_once(small):
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: diagram.svg(small), range(40)))) == 1


@pytest.mark.parametrize("seed", range(12))
def test_random_journeys_are_drawn_without_complaint(seed, capfd):
    """Graphviz says what it cannot lay out on standard error, and goes on."""
    case = random_case(seed)
    for name in case.releases:
        journey, _ = read_journey(case.definition_yaml(name).encode(), "random.yaml")
        svg = diagram.svg(journey)
        assert {f"state:{path}" for path in journey.state_paths} <= set(parsed(svg))
        assert set(declared_ways(journey)) <= drawn_ways(svg) | set(noted_ways(svg))
    assert capfd.readouterr().err == ""


def test_nsclc_is_drawn_without_complaint(nsclc, capfd):
    diagram.svg(nsclc)
    assert capfd.readouterr().err == ""
