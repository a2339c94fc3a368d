"""An entry asks what may settle something from its states; the journey and its pieces are read from files."""

import pytest

from journeys.authoring.lint import lint_files

JOURNEY = """\
journey: sample
title: {en: A sample}
locales: [en]
facts:
  warm: {type: boolean, title: {en: Warm}, ask: {question: {en: Is it warm?}, why: {en: We then show a page.}}}
  dry: {type: boolean, title: {en: Dry}, ask: {question: {en: Is it dry?}, why: {en: We then show a page.}}}
triggers:
  went: {title: {en: Went}}
ends:
  died: {title: {en: Died}}
entry:
  start: {title: {en: Start}, state: care.here, asks: [ASKS]}
tracks:
  care:
    title: {en: Care}
    initial: here
    states:
      here: {title: {en: Here}, on: {went: there}}
      there: {title: {en: There}, on: {went: elsewhere}}
      elsewhere: {title: {en: Elsewhere}, on: {went: far}}
      far: {title: {en: Far}, on: {went: stay}}
"""


@pytest.fixture
def check_entry(tmp_path):
    def check(asks, dry_in, *expected):
        """Compare the problems where an entry asks some facts, and the page about `dry` is in a state."""
        definition = tmp_path / "sample.yaml"
        definition.write_text(JOURNEY.replace("ASKS", asks))
        for state, fact in (("here", "warm"), (dry_in, "dry")):
            folder = tmp_path / "content" / "sample" / "care" / state / f"{fact}-page"
            folder.mkdir(parents=True)
            (folder / "piece.yaml").write_text(f"purpose: education\nwhen: {fact}\n")
            (folder / "en.md").write_text("---\ntitle: A page\nsummary: About it.\n---\n\nSome text.\n")
        problems = lint_files(definition, tmp_path / "content").problems
        found = [problem for problem in problems if problem.rule in ("needless-question", "piece", "template")]
        return [(problem.line, problem.rule, problem.message) for problem in found] == list(expected)

    return check


def test_a_question_that_changes_a_page_now_or_a_step_ahead_is_fine(check_entry):
    assert check_entry("warm, dry", "there")


def test_a_question_that_changes_nothing_ahead_is_needless(check_entry):
    message = (
        "The entry 'start' asks 'dry', but no answer changes what follows from its states, or they have 'ask: none'; "
        "ask it where it matters."
    )
    assert check_entry("dry", "far", (12, "needless-question", message))
