"""An entry of a journey with questions asks two at most; a group is one."""

from tests.authoring.lint.checking import SEEN, check

ASK = "ask: {question: {en: How are you?}, why: {en: We then show help.}}"
FACTS = """\
facts:
  happy: {type: boolean, title: {en: Happy}, ASK}
  warm: {type: boolean, title: {en: Warm}}
  well: {type: boolean, title: {en: Well}}
  calm: {type: boolean, title: {en: Calm}}
groups:
  mood: [well, calm]
"""
AFTER = SEEN.replace("came: {", "came: {requires: [happy, warm, well, calm], ") + (
    "tracks:\n  care:\n    initial: here\n    states:\n      here: {title: {en: Here}, on: {came: stay}}\n"
)


def entry(asks):
    return f"entry:\n  start: {{title: {{en: Start}}, state: care.here, asks: [{asks}]}}\n"


def test_two_questions_of_which_one_is_a_group_are_fine():
    check(entry("happy, well, calm"), before=FACTS.replace("ASK", ASK), after=AFTER)


def test_a_third_question_is_too_many():
    message = "The entry 'start' asks more than 2 questions; leave 'calm' and what follows to an 'ask'"
    check(
        entry("happy, warm, calm, well"),
        (2, "crowded-entry", message),
        before=FACTS.replace("ASK", ASK),
        after=AFTER,
    )


def test_a_journey_without_questions_asks_everything_on_joining():
    check(entry("happy, warm, calm, well"), before=FACTS.replace(", ASK", ""), after=AFTER)
