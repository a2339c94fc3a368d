"""The table of questions on small journeys: questions by rank, and facts that are never asked for."""

from datetime import UTC, datetime
from random import Random

from journeys.content.catalogue import Catalogue, PieceSource, read_piece
from journeys.definition.facts import DECLINED
from journeys.definition.reading import read_journey
from journeys.engine.machine import make_release
from journeys.questions.compiling import compile_questions
from journeys.questions.table import worth_asking
from tests.questions.futures import Futures

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
ASK = "ask: {question: {en: A question?}, why: {en: A reason.}}"
JOURNEY = f"""
journey: small
title: {{en: Small}}
locales: [en]
facts:
  smoking: {{type: boolean, title: {{en: Smoking}}, {ASK}}}
  staff_only: {{type: boolean, by: [staff], title: {{en: For staff}}, {ASK}}}
  held: {{type: boolean, hold_until: discussed, title: {{en: Held}}, {ASK}}}
  never_read: {{type: boolean, title: {{en: Never read}}, {ASK}}}
  day: {{type: date, title: {{en: A day}}, {ASK}}}
  kind: {{type: boolean, title: {{en: A kind}}, {ASK}}}
  behind: {{type: boolean, title: {{en: Behind a held state}}, {ASK}}}
  far: {{type: boolean, title: {{en: Far}}, {ASK}}}
triggers:
  decided: {{requires: [kind], title: {{en: Decided}}}}
  found: {{title: {{en: Found}}}}
  went: {{title: {{en: Went}}}}
  reset: {{resets: [held], title: {{en: Reset}}}}
  discussed: {{by: [staff], title: {{en: Discussed}}}}
tracks:
  disease:
    title: {{en: Disease}}
    initial: first
    states:
      first:
        title: {{en: First}}
        on:
          decided: [{{when: "kind", to: quiet}}, {{when: "not kind", to: second}}]
          found: hidden
          went: second
        after: [{{name: visit, delay: P7D, from: day, to: second}}]
      second: {{title: {{en: Second}}, on: {{went: third}}}}
      third: {{title: {{en: Third}}, on: {{went: fourth}}}}
      fourth: {{title: {{en: Fourth}}}}
      hidden: {{title: {{en: Hidden}}, hold_until: discussed, on: {{went: fourth}}}}
      quiet: {{title: {{en: Quiet}}, ask: none}}
"""
PIECES = {
    "help-to-stop": ("disease/first", "smoking"),
    "for-staff": ("disease/first", "staff_only"),
    "about-held": ("disease/first", "held"),
    "behind-held": ("disease/hidden", "behind"),
    "for-quiet": ("disease/quiet", "smoking"),
    "far-off": ("disease/third", "far"),
}


def small(horizon=2, more="", when=(), **changed):
    """The release, with more tracks, other texts in the place of some, and other conditions of some pieces."""
    text = JOURNEY
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    journey, problems = read_journey(f"{text}{more}asking: {{horizon: {horizon}}}\n".encode(), "small.yaml")
    assert journey is not None, problems
    release = make_release(journey)
    pieces = {}
    for key, (place, condition) in PIECES.items():
        page = b"---\ntitle: A title\nsummary: A summary.\n---\nSome text.\n"
        shown_when = dict(when).get(key, condition)
        files = {"piece.yaml": f'purpose: education\nwhen: "{shown_when}"\n'.encode(), "en.md": page}
        pieces[key], problems = read_piece(PieceSource(key, f"{place}/{key}", files, {}), release.plan)
        assert pieces[key] is not None, problems
    catalogue = Catalogue(release.plan, pieces)
    return Futures(release, catalogue, Random(0)), compile_questions(release.plan, catalogue)


def asked(table, view):
    return [(entry.question, entry.rank) for entry in worth_asking(table, view, NOW)]


def test_questions_come_by_rank():
    futures, table = small()
    assert asked(table, futures.begin(NOW)) == [("smoking", "now"), ("day", "dates"), ("far", "horizon")]


def test_what_lies_behind_the_horizon_is_not_asked_yet():
    futures, table = small(horizon=1)
    assert asked(table, futures.begin(NOW)) == [("smoking", "now"), ("day", "dates")]


def test_a_fact_that_the_event_brings_is_asked_only_where_the_event_waits():
    futures, table = small()
    waiting = futures.fold(futures.begin(NOW), [futures.event("decided", NOW)], NOW)
    assert asked(table, waiting)[0] == ("kind", "waiting")


def test_what_an_event_reports_is_known_where_its_transition_asks_for_it():
    """Before the event the condition is false; the patient may be led there all the same."""
    trigger = ("found: {title", "found: {requires: [kind], title")
    here = "in_state('disease.first') and kind is known"
    leads = ("found: hidden", f'found: [{{when: "{here}", to: third}}, {{otherwise: stay}}]')
    futures, table = small(horizon=1, trigger=trigger, leads=leads)
    assert ("far", "horizon") in asked(table, futures.begin(NOW))


def test_what_an_event_resets_may_be_known_or_not():
    trigger = ("found: {title", "found: {resets: [kind], title")
    for condition in ("kind is known", "kind is not known"):
        here = f"in_state('disease.first') and {condition}"
        leads = ("found: hidden", f'found: [{{when: "{here}", to: third}}, {{otherwise: stay}}]')
        futures, table = small(horizon=1, trigger=trigger, leads=leads)
        for view in (futures.begin(NOW), futures.answered(futures.begin(NOW), {"kind": True}, NOW)):
            assert ("far", "horizon") in asked(table, view), condition


SUPPORT = """\
  support:
    title: {en: Support}
    initial: idle
    states:
      idle: {title: {en: Idle}, on: {entered.disease.third: %s}}
      busy: {title: {en: Busy}}
"""


def test_a_track_that_hears_of_a_step_and_surely_stays_changes_nothing():
    when = {"far-off": "far and in_state('support.idle')"}
    for reaction, is_asked in (("stay", True), ("busy", False)):
        futures, table = small(horizon=1, more=SUPPORT % reaction, when=when)
        view = futures.begin(NOW, {"disease": "second", "support": "idle"})
        assert (("far", "horizon") in asked(table, view)) is is_asked


def test_a_declined_fact_is_not_asked_again():
    futures, table = small()
    view = futures.answered(futures.begin(NOW), {"smoking": DECLINED}, NOW)
    assert "smoking" not in dict(asked(table, view))


def test_nothing_is_asked_in_a_state_that_asks_nothing():
    futures, table = small()
    assert asked(table, futures.begin(NOW, {"disease": "quiet"})) == []


def test_nothing_behind_a_held_state_is_asked_before_its_telling():
    futures, table = small()
    assert "behind" not in dict(asked(table, futures.begin(NOW)))
    assert ("behind", "now") in asked(table, futures.begin(NOW, {"disease": "hidden"}))


def test_a_held_fact_is_asked_from_its_telling_until_it_is_unknown_again():
    futures, table = small()
    view = futures.begin(NOW)
    assert "held" not in dict(asked(table, view))
    told = futures.fold(view, [futures.event("discussed", NOW, by="staff")], NOW)
    assert ("held", "now") in asked(table, told)
    assert "held" not in dict(asked(table, futures.answered(told, {"held": True}, NOW)))
    again = futures.fold(told, [futures.event("reset", NOW)], NOW)
    assert "held" not in dict(asked(table, again))


def test_the_decisions_that_an_answer_settles_are_named():
    futures, table = small()
    first = worth_asking(table, futures.begin(NOW), NOW)[0]
    assert [(subject.kind, subject.name) for subject in first.settles] == [("piece", "help-to-stop")]
    assert first.share == 1.0
