"""A small journey with three surveys, and what a test does with one patient of it."""

from datetime import UTC, datetime, timedelta

from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.definition.reading import read_journey
from journeys.engine import Event, Joining, Report, Retraction, admit, admit_entry
from journeys.engine.machine import make_release
from journeys.primitives.errors import Refused
from journeys.questions.questionnaire import compile_questionnaire
from journeys.surveys.answers import read_answers
from tests.engine.conftest import Bench

BEGIN = datetime(2026, 1, 1, 9, tzinfo=UTC)
SURVEYS = """\
surveys:
  page_help:
    question: {en: How do our pages help?}
    why: {en: We change what does not help.}
    purpose: {en: We count the answers.}
    show_in: care.ward
    when: days_in_state >= 10
    again: P90D
    facts: [paid]
    measures:
      clear:
        type: choice
        values: [yes_all, in_part]
        title: {en: Are they clear?}
        labels: {yes_all: {en: All}, in_part: {en: In part}}
      rating: {type: integer, min: 1, max: 5, title: {en: How many points?}}
    thanks:
      text: {en: A page for you.}
      piece: for-you
  after_the_stay:
    question: {en: How was the stay?}
    why: {en: We change the stay.}
    purpose: {en: We count the answers.}
    show_in: [care.home, care.silent]
    measures:
      food: {type: boolean, title: {en: Was the food good?}}
    thanks:
      text: {en: A nurse calls you.}
      task: {for: nurses, within: P2D, title: Call and say thanks}
  after_news:
    question: {en: How was it to talk?}
    why: {en: We learn to talk.}
    purpose: {en: We count the answers.}
    show_in: care.hidden
    facts: [paid]
    thanks: {text: {en: Your number.}, value: phone}
"""
JOURNEY = """\
journey: small
title: {en: Small}
locales: [en]
asking: {at_once: 2, a_week: 2}
programme:
  phone: {type: phone, title: {en: Phone}}
facts:
  paid: {type: boolean, title: {en: Is it paid}}
  asked_first: {type: boolean, title: {en: Asked first}, ask: {question: {en: A question?}, why: {en: A reason.}}}
triggers:
  went: {by: [patient, staff], title: {en: Went}}
  found: {by: [staff], title: {en: Found}}
  discussed: {by: [staff], title: {en: Discussed}}
tracks:
  care:
    initial: ward
    states:
      ward: {title: {en: Ward}, on: {went: home, found: hidden}}
      home: {title: {en: Home}, on: {went: silent}}
      silent: {title: {en: Silent}, ask: none}
      hidden: {title: {en: Hidden}, hold_until: discussed, on: {went: home}}
"""
PAGE = b"---\ntitle: A title\nsummary: A summary.\n---\nSome text.\n"


def day(number):
    return BEGIN + timedelta(days=number)


class Patient:
    """A patient who joins on day 0 and answers as an app lets them."""

    def __init__(self, text=JOURNEY + SURVEYS, pieces=("for-you",)):
        journey, problems = read_journey(text.encode(), "small.yaml")
        assert problems == []
        self.bench = Bench(make_release(journey))
        self.plan = self.bench.release.plan
        read = {key: self.piece(key) for key in pieces}
        self.catalogue = Catalogue(self.plan, read)
        self.questionnaire = compile_questionnaire(self.plan, self.catalogue)
        joining = Joining(None, {}, "app", "patient", BEGIN)
        self.step([admit_entry(self.plan, "e", joining, BEGIN)], 0)

    def piece(self, key):
        files = {"piece.yaml": b"purpose: education\n", "en.md": PAGE}
        piece, problems = read_piece(PieceSource(key, f"care/ward/{key}", files), self.plan)
        assert piece is not None, problems
        return piece

    def step(self, arrivals, on):
        return self.bench.step(arrivals, day(on).isoformat())

    def report(self, type_, on, by="patient", **more):
        report = Report(more.pop("id", f"{type_}-{len(self.bench.log)}"), type_, by, by, day(on), **more)
        return self.step([admit(self.plan, "e", report, day(on), known=self.bench.enrollment.heard_of)], on)

    def read(self, survey, facts, on, by="patient", **more):
        id_ = more.pop("id", f"survey-{len(self.bench.log)}")
        report = Report(id_, "answered", by, by, day(on), facts=facts, question=survey, **more)
        return read_answers(self.plan, self.view, report, day(on))

    def answer(self, survey, facts, on, **more):
        answers = self.read(survey, facts, on, **more)
        event = admit(self.plan, "e", answers.report, day(on))
        return self.step([event], on), answers.measured

    def refused(self, *args, **more):
        try:
            self.read(*args, **more)
        except Refused as refused:
            return refused.fields
        raise AssertionError("it was accepted")

    def retract(self, id_, on):
        uid = next(entry.uid for entry in self.bench.log if isinstance(entry, Event) and entry.id == id_)
        return self.step([Retraction(uid, "entered_in_error", "patient", day(on), "patient")], on)

    @property
    def view(self):
        return self.bench.enrollment.view

    def asked(self, on, **more):
        self.step([], on)
        return self.questionnaire.in_view(self.view, day(on), **more).asked

    def declined(self, on):
        return self.questionnaire.in_view(self.view, day(on)).declined
