"""How the tests of the rules are written: a piece of a definition, and the problems it must give."""

from textwrap import dedent

from journeys.authoring.lint import lint_journey
from journeys.content.catalogue import Piece, PieceSource
from journeys.definition.programmes import Programmes
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
    source = above + (dedent(text) if text.startswith("        ") else text) + after
    journey, reported = read_journey(source.encode(), "sample.yaml")
    if journey is not None:
        by_key = {piece.key: piece for piece in pieces} if pieces is not None else None
        sources = [*sources, *(PieceSource(piece.key, piece.place, {}) for piece in pieces or ())]
        beside, wrong = None, []
        if programmes is not None:
            beside = Programmes(PROGRAMMES, exists=False)
        if programmes:
            beside, wrong = read_programmes(dedent(programmes).encode(), PROGRAMMES)
        reported = [*reported, *wrong, *lint_journey(journey, by_key, sources, beside)]
    shifts = {PROGRAMMES: 0}
    return [
        (problem.line - shifts.get(problem.file, above.count("\n")), problem.rule, problem.message)
        for problem in sorted(reported)
    ]


def check(text, *expected, **options):
    """Compare all problems of a definition with the expected (line, rule, part of the message), in order."""
    reported = problems(text, **options)
    shown = "\n".join(map(str, reported)) or "no problem"
    assert [problem[:2] for problem in reported] == [problem[:2] for problem in expected], shown
    for (_, _, message), (_, _, part) in zip(reported, expected, strict=True):
        assert part in message, shown


def piece(key, *states, when=None, is_reminder=False):
    """Return a piece as rules see it, shown in some states."""
    folder = f"{'/'.join(states[0].split('.'))}/{key}"
    return Piece(key, "v1", folder, states, "education", when, ("web",), (), 100, is_reminder, {}, {})
