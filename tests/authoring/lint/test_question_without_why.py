"""People are told why they are asked."""

from tests.authoring.lint.checking import ONE_STATE, SEEN, check

AFTER = SEEN.replace("came: {", "came: {requires: [well, calm], ") + ONE_STATE


def test_a_question_with_its_reason_is_fine():
    check(
        """\
        facts:
          well:
            type: boolean
            title: {en: Well}
            ask: {question: {en: Are you well?}, why: {en: We then show help.}}
          calm: {type: boolean, title: {en: Calm}}
        """,
        after=AFTER,
    )


def test_a_question_without_a_reason_is_named():
    check(
        """\
        facts:
          happy: {type: boolean, title: {en: Happy}, ask: {question: {en: Are you happy?}}}
          sad:
            type: boolean
            title: {en: Sad}
            ask:
              question: {en: Are you sad?}
              help: {en: Any answer is fine.}
          well: {type: boolean, title: {en: Well}}
          calm: {type: boolean, title: {en: Calm}}
        groups:
          mood: {facts: [well, calm], ask: {question: {en: How are you?}}}
        """,
        (2, "question-without-why", "The question 'happy' does not say why it is asked; write why: {en: …}."),
        (7, "question-without-why", "The question 'sad' does not say why it is asked"),
        (12, "question-without-why", "The question 'mood' does not say why it is asked"),
        after=AFTER,
    )


def test_a_reason_without_words_is_a_missing_text():
    check(
        """\
        facts:
          well: {type: boolean, title: {en: Well}, ask: {question: {en: Are you well?}, why: {}}}
          calm: {type: boolean, title: {en: Calm}}
        """,
        (2, "titles", "'why' of the question 'well' has no title in en"),
        after=AFTER,
    )
