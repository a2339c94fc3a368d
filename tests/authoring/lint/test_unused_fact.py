"""Every fact has a use, or a purpose that is named."""

import pytest

from journeys.authoring.lint import lint_files

TRACKS = """\
tracks:
  care:
    initial: well
    states:
      well: {title: {en: Well}, on: {called: %s}}
      ill: {title: {en: Ill}, on: {came: well}%s}
"""
TEXT = "---\ntitle: Rest\nsummary: How to rest.\n---\n\nRest.%s\n"


def check_facts(folder, facts, *expected, triggers="", on="ill", ill="", text="", more=""):
    """Compare the problems of a journey with some facts with the expected (rule, part of the message)."""
    (folder / "content/small/care/well/rest").mkdir(parents=True)
    (folder / "content/small/care/well/rest/piece.yaml").write_text("purpose: education\n")
    (folder / "content/small/care/well/rest/en.md").write_text(TEXT % text)
    definition = folder / "small.yaml"
    definition.write_text(
        f"journey: small\ntitle: {{en: Small}}\nlocales: [en]\nfacts:\n{facts}{more}triggers:\n"
        f"  called: {{title: {{en: Called}}{triggers}}}\n  came: {{title: {{en: Came}}}}\n" + TRACKS % (on, ill)
    )
    linted = lint_files(definition, folder / "content")
    problems = [(problem.rule, problem.message) for problem in linted.problems if problem.rule.startswith("unused-")]
    assert [rule for rule, _ in problems] == [rule for rule, _ in expected], problems
    for (_, message), (_, part) in zip(problems, expected, strict=True):
        assert part in message


SEEN_ON = "  seen_on: {type: date, title: {en: Seen on}}\n"
OLD = "  old: {type: boolean, title: {en: Old}}\n"
KEPT = "  old: {type: boolean, title: {en: Old}, kept: for the registry}\n"


@pytest.mark.parametrize(
    ("facts", "rest"),
    [
        (SEEN_ON, {"triggers": ", requires: [seen_on]"}),
        (SEEN_ON, {"ill": ", after: [{delay: P1M, from: seen_on, to: well}]"}),
        (OLD, {"on": "[{when: old, to: ill}, {otherwise: stay}]"}),
        (OLD, {"text": "\n\n{% if old %}\nTake your time.\n{% endif %}"}),
        (
            OLD.replace("}\n", ", kept: for the registry}\n", 1).replace(
                "Old, kept: for the registry}", "Old}, kept: for the registry"
            ),
            {},
        ),
        (OLD + SEEN_ON, {"more": "groups:\n  visit: [old, seen_on]\n", "triggers": ", requires: [seen_on, old]"}),
    ],
    ids=["required", "counted from", "in a condition", "in a text", "kept", "of a group"],
)
def test_a_fact_with_a_use_is_fine(tmp_path, facts, rest):
    check_facts(tmp_path, facts, **rest)


def test_a_fact_that_nothing_uses_is_named_with_what_to_do(tmp_path):
    check_facts(tmp_path, OLD, ("unused-fact", "Nothing uses the fact 'old': no condition, timer, trigger or text."))


def test_forgetting_and_resetting_are_no_use(tmp_path):
    check_facts(tmp_path, OLD, ("unused-fact", "'old'"), triggers=", resets: [old]", ill=", forget: [old]")


def test_a_purpose_of_a_fact_in_use_is_not_needed(tmp_path):
    facts = "  seen_on: {type: date, title: {en: Seen on}, kept: for the registry}\n"
    expected = ("unused-fact", "'kept' of 'seen_on' is not needed: the journey uses the fact.")
    check_facts(tmp_path, facts, expected, triggers=", requires: [seen_on]")
