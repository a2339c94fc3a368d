"""Print texts in Portuguese as JSON: run by test_languages.py against a package that has a folder for it."""

import json
import sys
from pathlib import Path

import journeys
from journeys.authoring.diagram import mermaid
from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.content.rendering import render
from journeys.content.screen import draw, trigger_title
from journeys.definition.conditions import in_words
from journeys.definition.conditions.nodes import DaysInState
from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.review.naming import Naming
from tests.content.screen.scene import START, state
from tests.samples.sample import world

DEFINITION = """\
journey: sample
title: {pt: Exemplo}
locales: [pt]
facts:
  smokes: {type: boolean, title: {pt: fuma}}
triggers:
  booked: {by: [patient], title: {pt: Consulta marcada}}
tracks:
  care:
    initial: ward
    states:
      ward:
        title: {pt: Na enfermaria}
        after: [{delay: P7D, to: home}]
        initial: bed
        states: {bed: {}}
      home: {title: {pt: Em casa}, on: {booked: stay}}
"""
SHARED = 'purpose: education\nreferences: {source: {title: "Um livro"}}\n'
TEXT = "---\ntitle: Um texto\nsummary: Um resumo.\n---\nLeia.[^source]\n"


def main() -> None:
    journey, problems = read_journey(DEFINITION.encode(), "sample.yaml")
    assert problems == []
    plan = make_release(journey).plan
    source = PieceSource("text", "care/ward/text", {"piece.yaml": SHARED.encode(), "pt.md": TEXT.encode()})
    piece, problems = read_piece(source, plan)
    assert problems == []
    email = render(piece, plan, world(), locale="pt-BR", channel="email")
    view = state()
    screen = draw(Catalogue(plan, {"text": piece}), view, START, "pt", marks={}, can_report=(), values={})
    naming = Naming(plan, "pt")
    json.dump(
        {
            "package": str(Path(journeys.__file__).parent),
            "subject": email.subject,
            "sources": email.text.split("\n\n")[2].partition("\n")[0],
            "why": screen.cards[0].why,
            "trigger": trigger_title(plan, "placed", "pt"),
            "label": naming.label("sent_after", time="1", state=naming.state("care.home")),
            "condition": in_words(DaysInState(">", 3), "pt"),
            "note": mermaid(journey).splitlines()[-2].partition(": ")[2],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
