"""What a diagram shows: folded states, the way between two states; and words that keep to their boxes."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from journeys.authoring import diagram
from journeys.authoring.diagram import DiagramView, composites, way_between
from journeys.authoring.diagram.labels import wrap
from journeys.authoring.diagram.text_size import text_width
from tests.authoring.test_diagram import SMALL, SVG, declared_ways, drawn_ways, journey_of, parsed, text_of
from tests.folders import ROOT
from tests.read_once import compile_shipped

DRAW = """\
import sys
from pathlib import Path
from journeys.authoring import diagram
from journeys.definition.reading import read_journey
sys.stdout.write(diagram.svg(read_journey(Path(sys.argv[1]).read_bytes(), "sample.yaml")[0], locale="es"))
"""


@pytest.fixture(scope="module")
def small():
    return journey_of(SMALL)


def test_a_folded_state_hides_what_is_inside_and_keeps_the_ways_out_and_in(small):
    view = DiagramView(folded=frozenset({"care.ward"}))
    groups = parsed(diagram.svg(small, view))
    assert "folded" in groups["state:care.ward"].get("class").split()
    assert "state:care.ward.bed" not in groups and "state:care.ward.chair" not in groups
    assert text_of(groups["way:care.ward>care.home:timer"]) == "after 1 month"
    assert drawn_ways(diagram.svg(small, view)) == {
        ("care.home", "care.ward"),
        ("care.ward", "care.home"),
        ("mood.calm", "mood.low"),
        ("mood.low", "mood.calm"),
    }


@pytest.mark.parametrize("key", ["nsclc", "diabetes"])
def test_every_way_between_what_is_shown_stays_with_all_states_folded(key):
    journey = compile_shipped(key).journey
    view = DiagramView(folded=frozenset(composites(journey)))
    drawn = {
        (source, target)
        for track in journey.tracks.values()
        for edge in diagram.DiagramWords(journey, "en").edges(track, view)
        for source, target in [(f"{track.name}.{edge.source}", f"{track.name}.{edge.target}")]
    }
    tops = {full: ".".join(full.split(".")[:2]) for full in journey.state_paths}
    declared = {(tops[source], tops[target]) for source, target in declared_ways(journey)}
    assert {pair for pair in declared if pair[0] != pair[1]} <= drawn
    assert {path for pair in drawn for path in pair} <= set(tops.values())


def test_the_way_between_two_states_has_the_fewest_transitions(small):
    way = way_between(small, "care.home", "care.ward.chair")
    assert [(leaf, edge.leads_to) for leaf, edge in way] == [
        ("care.home", "care.ward.bed"),
        ("care.ward.bed", "care.ward.chair"),
    ]
    assert way_between(small, "care.ward", "care.ward.chair") == ()
    assert way_between(small, "care.home", "mood.low") is None


def test_the_way_is_marked_on_states_and_transitions(small):
    steps = way_between(small, "care.home", "care.ward.bed")
    groups = parsed(diagram.svg(small, DiagramView(way=steps)))
    marked = {name for name, group in groups.items() if "chosen" in (group.get("class") or "").split()}
    way = "way:care.home>care.ward"
    assert marked == {"state:care.home", way, f"{way}|out", f"{way}|in", "state:care.ward.bed"}
    folded = parsed(diagram.svg(small, DiagramView(folded=frozenset({"care.ward"}), way=steps)))
    assert "chosen" in folded["state:care.ward"].get("class").split()


def test_a_way_through_a_note_marks_the_note():
    journey = compile_shipped("nsclc").journey
    way = way_between(journey, "disease.work_up", "disease.treatment.radiotherapy")
    groups = parsed(diagram.svg(journey, DiagramView(way=way)))
    assert len(way) == 1
    assert "chosen" in groups["ways:disease.treatment.radiotherapy"].get("class").split()


def test_widths_are_those_of_helvetica():
    assert (
        text_width("Hello, World!", 1000) == 722 + 556 + 222 + 222 + 556 + 278 + 278 + 944 + 556 + 333 + 222 + 556 + 278
    )
    assert text_width("Á í ñ", 10) == text_width("A i n", 10)
    assert text_width("日本", 10) == 20


def test_wrapped_words_stay_whole():
    assert wrap("Chemoradiotherapy-before-surgery is long", 10) == ("Chemoradiotherapy-before-surgery", "is long")


def test_each_line_is_locked_to_the_width_that_was_reserved_for_it(small):
    root = ET.fromstring(diagram.svg(small).encode())  # noqa: S314 - our own drawing
    texts = list(root.iter(f"{SVG}text"))
    assert texts
    for text in texts:
        size = float(text.get("font-size"))
        assert float(text.get("textLength")) == pytest.approx(text_width(text.text, size), abs=0.01)


@pytest.mark.long
def test_a_machine_without_fonts_draws_the_same(small, tmp_path):
    """Graphviz asks fontconfig for the fonts of the machine as soon as it sees a text; it sees none."""
    (tmp_path / "sample.yaml").write_text(SMALL)
    (tmp_path / "fonts.conf").write_text("<fontconfig></fontconfig>")
    command = [sys.executable, "-P", "-c", DRAW, str(tmp_path / "sample.yaml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == diagram.svg(small, locale="es")
    assert not re.search(r"#010203", done.stdout)


@pytest.mark.parametrize("key", ["nsclc", "diabetes"])
@pytest.mark.parametrize("locale", ["en", "es"])
def test_every_condition_of_the_shipped_journeys_is_in_words(key, locale):
    """Whole and by track: a condition can ask for a state of a track that is not drawn."""
    journey = compile_shipped(key).journey
    drawings = [diagram.svg(journey, locale=locale)]
    drawings += [
        diagram.svg(journey, DiagramView(tracks=frozenset([track])), locale=locale) for track in journey.tracks
    ]
    written = " ".join(text_of(parsed(svg)[f"journey:{key}"]) for svg in drawings)
    assert re.findall(r"\w+\(|==|!=|>=|<=|\b[a-z]+_[a-z_]+\b", written) == []


def test_only_the_chosen_tracks_are_drawn(small):
    names = parsed(diagram.svg(small, DiagramView(tracks=frozenset({"mood"})))).keys()
    assert "state:mood.calm" in names and "state:care.home" not in names
