"""Every mistake in a mapping is named at its place, with what would be accepted; the shipped mapping has none."""

import pytest

from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from journeys.interop.fhir import read_mapping
from tests.folders import ROOT
from tests.interop.fhir.sample import MAPPING, mapping, release


def problems_of(text: str) -> list[str]:
    sample_mapping, problems = read_mapping(text.encode(), "sample.fhir.yaml", release().plan)
    assert (sample_mapping is None) == bool(problems)
    return [f"{problem.line}:{problem.column} {problem.message}" for problem in problems]


def line_of(part: str, text: str) -> int:
    return text[: text.index(part)].count("\n") + 1


MISTAKES = [
    ("journey: sample", "journey: nsclc", "journey: nsclc", "'journey' is 'nsclc'"),
    ("told_after: P90D", "told_after: 90 days", "told_after", "'90 days' is not"),
    ("told_after: P90D", "told_after: -P1D", "told_after", "must not be negative"),
    ("death: deceased", "death: diagnosed", "death:", "'death' is 'diagnosed'. Accepted: deceased."),
    ("death: deceased", "dead: deceased", "dead:", "'dead' is not a key of a mapping. Did you mean 'death'?"),
    ("suspicion: {entry: checking}", "suspicious: {entry: checking}", "suspicious", "Did you mean 'suspicion'?"),
    ("{entry: checking}", "{entry: cheking}", "{entry: cheking}", "Did you mean 'checking'?"),
    ("{entry: checking}", "checking", "suspicion: checking", "must be keys and values"),
    ("resource: Observation", "resource: Observatory", "Observatory", "Did you mean 'Observation'?"),
    ('codes: ["100"]', "codes: []", "codes: []", "'codes' of the rule 'suspicion' is empty"),
    ('codes: ["100"]', 'code: ["100"]', 'code: ["100"]', "Did you mean 'codes'?"),
    ('snomed\n    codes: ["200"]', 'sonmed\n    codes: ["200"]', "sonmed", "Did you mean 'snomed'?"),
    ("trigger: suspected", "trigger: suspect", "trigger: suspect", "Did you mean 'suspected'?"),
    ("trigger: suspected", "trigger: patient_only", "trigger: patient_only", "cannot be reported by staff"),
    ("    status: [final]\n", "", "  smoking:", "needs 'status': which ones of Observation count"),
    ("status: [final]", "status: []", "status: []", "nothing would count"),
    ("status: [final]", "status: [final, entered-in-error]", "status: [final", "always takes back"),
    ("[final]", "[final]\n    verification: [x]", "verification: [x]", "has no meaning for Observation; use 'status'"),
    ("at: end", "at: finish", "at: finish", "is not a date of Procedure"),
    ("at: end", "at: recorded", "at: recorded", "is not a date of Procedure. Accepted: end, start."),
    ("operated_on: {date: start}", "operated_on: {date: recorded}", "operated_on:", "'date' of the fact 'operated_on'"),
    ("operated_on: {date: start}", "sites: {date: start}\n      operated_on: 2020-01-01", "sites: {date", "a date but"),
    ("operated_on: {date: start}", "operated_on: soon", "operated_on: soon", "must be a date such as 2026-01-15"),
    ("operated_on: {date: start}", "operated_at: {date: start}", "operated_at", "Did you mean 'operated_on'?"),
    ("operated_on: {date: start}", "own_words: hello", "own_words", "cannot be told by staff"),
    ("sites: [bone, brain]", "sites: [bone, brian]", "sites: [bone, brian]", "a list of any of brain, bone"),
    ("      edition: declined\n", "", "stage: {of_code", "told together; the rule 'stage' lacks edition"),
    ('"301": I, ', "", "stage: {of_code", "lacks the codes 301"),
    ('"301": I, ', '"301": I, "303": I, ', "stage: {of_code", "more codes than the rule: 303"),
    ('"301": I, ', '"301": V, ', "stage: {of_code", "must be one of I, IA, IB, II"),
    ("{of_value:", "{of_code: {}, of_value:", "smoking: {of_code", "one of 'date', 'of_code' and 'of_value'"),
    ("    facts:\n      operated_on", "    facts:\n      smoking: {of_value: {}, system: snomed}\n      operated_on",
     "smoking: {of_value: {}", "no meaning for Procedure"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "quoted", "message"), MISTAKES, ids=[f"{m[1][:40]}" for m in MISTAKES])
def test_a_mistake_is_named_at_its_line(right: str, wrong: str, quoted: str, message: str):
    assert right in MAPPING
    text = MAPPING.replace(right, wrong, 1)
    matching_problems = [problem for problem in problems_of(text) if message in problem]
    assert matching_problems, problems_of(text)
    line = int(matching_problems[0].partition(":")[0])
    assert abs(line - line_of(quoted, text)) <= 1, matching_problems


def test_all_mistakes_are_named_at_once():
    text = MAPPING
    for right, wrong, *_ in (MISTAKES[1], MISTAKES[3], MISTAKES[8], MISTAKES[12], MISTAKES[18]):
        text = text.replace(right, wrong, 1)
    assert len(problems_of(text)) >= 5


@pytest.mark.parametrize(
    "text", ["", "- a list", "text", "journey: sample", "a: [", "rules: {}", "rules: 5", "\0", "x: &a 1"]
)
def test_whatever_a_file_holds_gives_problems_never_an_exception(text: str):
    assert problems_of(text)


def test_every_line_left_out_or_doubled_is_read_or_named():
    lines = MAPPING.splitlines()
    for number in range(len(lines)):
        for changed in ([*lines[:number], *lines[number + 1 :]], [*lines[: number + 1], *lines[number:]]):
            problem_lines = [int(problem.partition(":")[0]) for problem in problems_of("\n".join(changed))]
            assert all(1 <= line <= len(changed) for line in problem_lines), changed


def test_the_sample_says_what_it_says():
    sample_mapping = mapping()
    assert [rule.name for rule in sample_mapping.rules][:3] == ["suspicion", "diagnosis", "stage"]
    assert dict(sample_mapping.enroll) == {"suspicion": "checking", "diagnosis": "diagnosed"}
    assert sample_mapping.rules[0].codes.system == "http://snomed.info/sct"


def test_the_shipped_mapping_is_clean_and_ships_no_display_texts():
    journey, _ = read_journey((ROOT / "definitions/nsclc.yaml").read_bytes(), "nsclc.yaml")
    assert journey is not None
    data = (ROOT / "definitions/nsclc.fhir.yaml").read_bytes()
    read, problems = read_mapping(data, "nsclc.fhir.yaml", compile_journey(journey))
    assert problems == []
    assert read is not None
    assert not {"(disorder)", "(procedure)", "(situation)"} & set(data.decode().split())
