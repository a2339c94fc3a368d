"""Small journeys to compare, and random ones that lint has nothing against."""

from journeys.authoring.lint import lint_journey
from journeys.definition.compiler import compile_journey
from journeys.definition.reading import read_journey
from journeys.primitives.problems import only_errors

BEFORE = """\
journey: sample
title: {en: A sample}
locales: [en]
facts:
  grade: {type: choice, by: [staff], values: [low, middle, high], title: {en: Grade}}
  weight: {type: integer, min: 0, max: 300, title: {en: Weight}}
conditions:
  is_high: grade == 'high'
triggers:
  go: {by: [patient, staff], title: {en: Go}}
  graded: {by: [staff], requires: [grade], title: {en: Graded}}
  called: {by: [staff], title: {en: Called}}
ends:
  died: {title: {en: Died}}
entry:
  in_care: {title: {en: In care}, state: care.seen.first}
tracks:
  care:
    initial: seen
    states:
      seen:
        title: {en: Seen}
        initial: first
        on: {called: seen}
        states:
          first:
            title: {en: First}
            on: {go: second}
          second:
            title: {en: Second}
            on:
              graded:
                - {when: is_high, to: done}
                - {otherwise: overdue}
            after:
              - {delay: P30D, to: overdue}
              - {delay: P14D, remind: come-back}
          overdue:
            title: {en: Overdue}
            on: {go: second}
      done:
        title: {en: Done}
        on: {go: stay}
  support:
    initial: managing
    states:
      managing:
        title: {en: Managing}
        on: {go: stay}
"""


def plan_of(text):
    """Return the release of a definition that lints clean."""
    journey, problems = read_journey(text.encode(), "sample.yaml")
    assert not only_errors(problems), problems
    problems = only_errors(lint_journey(journey))
    assert not problems, "\n".join(map(str, problems))
    return compile_journey(journey)


def changed(*changes, text=BEFORE):
    """Return the release after some texts were replaced; each must occur in the file."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return plan_of(text)


RENAMED = (("overdue", "late"), ("tracks:", "renamed: {care.seen.overdue: care.seen.late}\ntracks:"))
WITHOUT_OVERDUE = (
    ("                - {otherwise: overdue}\n", "                - {otherwise: stay}\n"),
    ("              - {delay: P30D, to: overdue}\n", ""),
    ("          overdue:\n            title: {en: Overdue}\n            on: {go: second}\n", ""),
)
SOONER = (("delay: P30D", "delay: P10D"),)
