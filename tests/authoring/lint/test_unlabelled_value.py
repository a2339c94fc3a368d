"""A value that a patient may choose has a label."""

from tests.authoring.lint.checking import check

HEARD = """\
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here}, on: {came: stay}}
"""
TRAVEL = """\
        facts:
          travel: {type: choice, values: [car, train], title: {en: Travel}%s}
        triggers:
          came: {by: [%s], title: {en: Came}%s}
        """


def test_labels_of_all_values_are_fine():
    labels = ", labels: {car: {en: By car}, train: {en: By train}}"
    check(TRAVEL % (labels, "patient", ", requires: [travel]"), after=HEARD)


def test_a_value_that_a_patient_chooses_needs_one():
    check(
        TRAVEL % (", labels: {car: {en: By car}}", "patient", ", requires: [travel]"),
        (
            2,
            "unlabelled-value",
            "'travel' with 'came'. Values without a label: train; write labels: {train: {en: …}, …}.",
        ),
        after=HEARD,
    )


def test_what_only_staff_report_needs_none():
    check(TRAVEL % ("", "staff", ", requires: [travel]"), after=HEARD)
    check(TRAVEL % (", by: [staff]", "patient", ""), after=HEARD)


def test_what_is_read_may_be_answered_by_the_patient():
    ways = "{came: [{when: \"travel == 'car'\", to: stay}, {when: \"travel != 'car'\", to: stay}]}"
    after = HEARD.replace("{came: stay}", ways)
    expected = (2, "unlabelled-value", "'travel' with 'answered'. Values without a label: car, train; write")
    check(TRAVEL % (", lasting: true", "staff", ""), expected, after=after)
    check(TRAVEL % (", lasting: true, by: [staff]", "staff", ""), after=after)


def test_what_decides_where_an_event_leads_is_asked_too():
    ways = "{came: [{when: \"travel == 'car'\", to: stay}, {when: \"travel != 'car'\", to: stay}]}"
    check(
        TRAVEL % (", lasting: true", "patient", ""),
        (2, "unlabelled-value", "'travel' with 'came'"),
        after=HEARD.replace("{came: stay}", ways),
    )


def test_a_value_that_answers_a_question_needs_one():
    ask = ", ask: {question: {en: How do you come?}, why: {en: We show the way.}}"
    check(
        TRAVEL % (ask, "staff", ", requires: [travel]"),
        (
            2,
            "unlabelled-value",
            "A patient chooses 'travel' when the question 'travel' is asked. Values without a label: car, train; write",
        ),
        after=HEARD,
    )
    check(TRAVEL % (f"{ask}, labels: {{car: {{en: By car}}, train: {{en: By train}}}}", "staff", ""), after=HEARD)
