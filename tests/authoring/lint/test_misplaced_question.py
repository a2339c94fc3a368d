"""Questions are about whole groups, or facts outside groups, that patients may tell."""

import pytest

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

ASK = "ask: {question: {en: How are you?}, why: {en: We then show help.}}"
AFTER = SEEN.replace("came: {", "came: {requires: [well, calm], ") + ONE_STATE


def test_a_fact_and_a_group_that_patients_may_tell_are_fine():
    check(
        f"""\
        facts:
          happy: {{type: boolean, title: {{en: Happy}}, {ASK}}}
          well: {{type: boolean, by: [patient, staff], title: {{en: Well}}}}
          calm: {{type: boolean, by: [staff, patient], title: {{en: Calm}}}}
        groups:
          mood: {{facts: [well, calm], {ASK}}}
        """,
        after=AFTER,
    )


def test_a_fact_of_a_group_has_no_question_of_its_own():
    check(
        f"""\
        facts:
          well: {{type: boolean, title: {{en: Well}}, {ASK}}}
          calm:
            type: boolean
            title: {{en: Calm}}
            {ASK}
        groups:
          mood: [well, calm]
        """,
        (
            2,
            "misplaced-question",
            "'well' is told with the group 'mood', so it has no 'ask' of its own; write 'mood",
        ),
        (6, "misplaced-question", "'calm' is told with the group 'mood'"),
        after=AFTER,
    )


def test_nor_where_the_group_has_a_question():
    check(
        f"""\
        facts:
          well: {{type: boolean, title: {{en: Well}}, {ASK}}}
          calm: {{type: boolean, title: {{en: Calm}}}}
        groups:
          mood: {{facts: [well, calm], {ASK}}}
        """,
        (2, "misplaced-question", "'well' is told with the group 'mood'"),
        after=AFTER,
    )


@pytest.mark.parametrize("by", ["[staff]", "[family]", "[family, staff]"])
def test_patients_may_tell_what_they_are_asked(by):
    check(
        f"""\
        facts:
          happy: {{type: boolean, by: {by}, title: {{en: Happy}}, {ASK}}}
          well: {{type: boolean, by: {by}, title: {{en: Well}}}}
          calm: {{type: boolean, by: {by}, title: {{en: Calm}}}}
        groups:
          mood: {{facts: [well, calm], {ASK}}}
        """,
        (2, "misplaced-question", "Patients may not tell 'happy'; remove 'ask', or add 'patient' to 'by'."),
        (6, "misplaced-question", "Patients may not tell 'well', 'calm'; remove 'ask', or add 'patient' to 'by'."),
        after=AFTER.replace("[staff]", by),
    )


def test_a_group_and_a_fact_of_one_name_do_not_both_ask():
    check(
        f"""\
        facts:
          mood: {{type: boolean, title: {{en: Mood}}, {ASK}}}
          well: {{type: boolean, title: {{en: Well}}}}
          calm: {{type: boolean, title: {{en: Calm}}}}
        groups:
          mood: {{facts: [well, calm], {ASK}}}
        """,
        (6, "misplaced-question", "The fact 'mood' has a question of the same name; rename the group or the fact."),
        after=AFTER,
    )
