"""How the tests of the rules are written: a piece of a definition, and the problems it must give."""

from textwrap import dedent

from journeys.authoring.lint import lint_journey
from journeys.content.catalogue import Piece, PieceSource
from journeys.definition.model import Programmes
from journeys.definition.reading import read_journey, read_programmes

PROGRAMMES = "sample.programmes.yaml"

BEGINNING = """\
journey: sample
title: {en: A sample}
locales: [en]
ends:
  died: {title: {en: Died}}
"""

SEEN = """\
triggers:
  came: {by: [staff], title: {en: Seen}}
"""

ONE_STATE = """\
tracks:
  care:
    initial: here
    states:
      here: {title: {en: Here}, on: {came: stay}}
"""


def problems(text, *, beginning=BEGINNING, before="", after="", pieces=None, programmes=None, sources=()):
    """Return (line, rule, message) of every problem; lines count from the first of `text`.

    `programmes` is the text of that file (lines count from its first), or False where there is none.
    """
    above = beginning + before
    full = above + (dedent(text) if text.startswith("        ") else text) + after
    journey, result = read_journey(full.encode(), "sample.yaml")
    if journey is not None:
        by_key = {entry.key: entry for entry in pieces} if pieces is not None else None
        sources = [*sources, *(PieceSource(entry.key, entry.place, {}) for entry in pieces or ())]
        beside, wrong = None, []
        if programmes is not None:
            beside = Programmes(PROGRAMMES, is_there=False)
        if programmes:
            beside, wrong = read_programmes(dedent(programmes).encode(), PROGRAMMES)
        result = [*result, *wrong, *lint_journey(journey, by_key, sources, beside)]
    shifts = {PROGRAMMES: 0}
    return [
        (entry.line - shifts.get(entry.file, above.count("\n")), entry.rule, entry.message) for entry in sorted(result)
    ]


def check(text, *expected, **options):
    """Compare all problems of a definition with the expected (line, rule, part of the message), in order."""
    result = problems(text, **options)
    shown = "\n".join(map(str, result)) or "no problem"
    assert [entry[:2] for entry in result] == [entry[:2] for entry in expected], shown
    for (_, _, message), (_, _, part) in zip(result, expected, strict=True):
        assert part in message, shown


def piece(key, *states, when=None, is_reminder=False):
    """Return a piece as rules see it, shown in some states."""
    place = f"{'/'.join(states[0].split('.'))}/{key}"
    return Piece(key, "v1", place, states, "education", when, ("web",), (), 100, is_reminder, {}, {})
