"""The schemas for editors take every shipped file, and refuse each key that lint does not know."""

import json
from functools import cache

import pytest
from jsonschema import Draft202012Validator

from journeys.authoring.schema import SCHEMAS
from journeys.authoring.stories import read_persona, read_story
from journeys.definition.reading import MappingNode, Sequence, read_journey, read_programmes, read_tree
from journeys.interop.fhir import read_mapping
from journeys.interop.rows import read_row_sources
from tests.folders import ROOT
from tests.interop.fhir.sample import MAPPING, release
from tests.interop.rows.lab import plan
from tests.service.cli.test_commands import run

DEFINITIONS = [
    *(path for path in ROOT.glob("definitions/*.yaml") if path.name.count(".") == 1),
    *ROOT.glob("tests/samples/definitions/*.yaml"),
    *ROOT.glob("tests/stories/*/releases/*.yaml"),
]
FILES = {
    "journey": DEFINITIONS,
    "piece": [*ROOT.glob("content/**/piece.yaml"), *ROOT.glob("tests/samples/content/**/piece.yaml")],
    "text": [*ROOT.glob("content/*/**/en.md"), *ROOT.glob("tests/samples/content/*/**/en.md")],
    "programmes": [*ROOT.glob("definitions/*.programmes.yaml")],
    "story": list(ROOT.glob("tests/stories/*/*.yaml")),
    "persona": [*ROOT.glob("definitions/personas/*.yaml")],
    "fhir": [*ROOT.glob("definitions/*.fhir.yaml")],
    "sources": [*ROOT.glob("definitions/*.sources.yaml")],
}
#: A small file of each kind, with many of its keys.
SMALL = {
    "journey": ROOT / "tests/samples/definitions/follow_up.yaml",
    "programmes": ROOT / "definitions/diabetes.programmes.yaml",
    "story": ROOT / "tests/stories/nsclc/24-scan-overdue.yaml",
    "persona": ROOT / "definitions/personas/nsclc-walter.yaml",
    "fhir": ROOT / "definitions/nsclc.fhir.yaml",
    "sources": ROOT / "definitions/nsclc.sources.yaml",
}
MORE = """
contacts:
  care_team: {title: {en: Team}, phone: phone, hours: hours}
  sender: {email: mail}
properties:
  - never: {content_tag: hospice, unless: "in_state('disease.recurrence')"}
    title: {en: Never}
  - eventually_reachable: {state: disease.recurrence, from: disease.surveillance}
groups:
  dates: {facts: [a, b], ask: {question: {en: When}, why: {en: Why}, help: {en: How}, sensitive: true, rest: P60D}}
asking: {at_once: 2, a_week: 4, horizon: 2, showings: 3, rest: P30D}
"""
#: Journeys' own reading of each kind; pieces are read with their journey, so by their keys alone.
READ = {
    "journey": read_journey,
    "programmes": read_programmes,
    "story": read_story,
    "persona": read_persona,
    "fhir": lambda data, file: read_mapping(data, file, release().plan),
    "sources": lambda data, file: read_row_sources(data, file, plan()),
}


def plain(node, typed):
    """What an editor reads: texts, or numbers and truth values too."""
    if isinstance(node, MappingNode):
        return {key.text: plain(value, typed) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item, typed) for item in node.items]
    if node.plain and node.text == "":
        return None
    if typed and node.plain and node.text in ("true", "false"):
        return node.text == "true"
    return int(node.text) if typed and node.plain and node.text.isdecimal() else node.text


@cache
def tree_of(path):
    data = path.read_bytes()
    return read_tree(data.split(b"---\n", 2)[1] if path.suffix == ".md" else data, "")[0]


def keys_of(node):
    if isinstance(node, MappingNode):
        for key, value in node.entries:
            yield key
            yield from keys_of(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from keys_of(item)


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("typed", [False, True])
def test_every_shipped_file_is_valid(kind, typed):
    Draft202012Validator.check_schema(SCHEMAS[kind]())
    validator = Draft202012Validator(SCHEMAS[kind]())
    assert FILES[kind]
    wrong = {
        str(path.relative_to(ROOT)): error.message[:200]
        for path in FILES[kind]
        for error in validator.iter_errors(plain(tree_of(path), typed))
    }
    assert wrong == {}


@pytest.mark.parametrize("kind", READ)
@pytest.mark.long
def test_each_key_that_lint_does_not_know_is_refused_too(kind):
    """Every key of a file in turn is misspelt; where lint calls it unknown, the schema does not take it either."""
    validator = Draft202012Validator(SCHEMAS[kind]())
    planted = 0
    text = SMALL[kind].read_text() + (MORE if kind == "journey" else "")
    lines = text.split("\n")
    seen = set()
    for key in keys_of(read_tree(text.encode(), "")[0]):
        line, column = key.mark.line - 1, key.mark.column - 1
        if key.text in seen or not lines[line][column:].startswith(key.text):
            continue
        seen.add(key.text)
        changed = [*lines]
        changed[line] = f"{lines[line][:column]}{key.text}x{lines[line][column + len(key.text) :]}"
        data = "\n".join(changed).encode()
        _, problems = READ[kind](data, "")
        if any("is not a key of" in problem.message for problem in problems):
            planted += 1
            assert not validator.is_valid(plain(read_tree(data, "")[0], False)), f"{key.text}x"
    assert planted >= 3


def test_a_misspelt_key_of_a_piece_is_refused():
    validator = Draft202012Validator(SCHEMAS["piece"]())
    assert list(validator.iter_errors({"purpos": "education"}))
    assert list(validator.iter_errors({"purpose": "education", "chanels": ["web"]}))
    assert list(validator.iter_errors({"purpose": "education", "image": {"fle": "figure.svg"}}))


def test_the_sample_of_a_fhir_mapping_is_valid():
    validator = Draft202012Validator(SCHEMAS["fhir"]())
    sample = plain(read_tree(MAPPING.encode(), "")[0], False)
    assert validator.is_valid(sample)
    assert not validator.is_valid({**sample, "rules": {"scan": {"resource": "Scan"}}})


def test_the_command_prints_it():
    assert json.loads(run("schema", "persona").output) == SCHEMAS["persona"]()
    assert "journey" in run("schema", "nothing", code=2).output
