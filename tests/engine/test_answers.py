"""Answers bring facts and move nothing; questions are shown, answered or put off; nobody is asked a held fact."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from journeys.definition.reading import read_journey
from journeys.engine import Report, State, admit
from journeys.engine.machine import make_release
from journeys.primitives.errors import Refused
from tests.engine.conftest import Bench, day

HEAD = "journey: small\ntitle: {en: Small}\nlocales: [en]\n"
FACTS = """\
facts:
  years: {type: integer, min: 0, max: 99}
  paid: {type: boolean, by: [staff]}
  stage: {type: choice, values: [I, II]}
  edition: {type: choice, values: ["8", "9"]}
  finding: {type: choice, values: [clear, bad], hold_until: discussed}
  found_by: {type: text}
  relapse: {type: boolean, hold_until: discussed}
groups:
  staging: [stage, edition]
  report: [finding, found_by]
triggers:
  came: {by: [patient, staff], title: {en: Came}}
  discussed: {by: [staff], title: {en: Discussed}}
"""
TRACKS = """\
tracks:
  care:
    initial: ward
    states:
      ward:
        title: {en: Ward}
        task: {for: nurses, within: P1D, title: Ask, closed_by: [answered]}
        on:
          came:
            - {when: years > 3, to: home}
            - {otherwise: stay}
      home: {title: {en: Home}, on: {came: stay}}
"""
LATER = "This must be a day after that of the event, at most 366 days after it."


class Person:
    """One enrollment whose own reports are checked against what the patient knows."""

    def __init__(self):
        journey, problems = read_journey((HEAD + FACTS + TRACKS).encode(), "small.yaml")
        assert problems == []
        self.bench = Bench(make_release(journey))
        self.bench.enroll("2026-01-01", entry=None)

    def send(self, type_="answered", at="2026-02-01T10:00:00", by="patient", zone=None, **more):
        values = {"id": f"{type_}-{len(self.bench.log)}", "type": type_, "reporter": by, "by": by, "at": day(at)} | more
        known = self.bench.enrollment.heard_of
        event = admit(
            self.bench.release.plan,
            "e",
            Report(**values),
            day(at),
            {"a-piece"},
            known=known,
            zone=zone or day(at).tzinfo,
        )
        return self.bench.step([event], at)

    def refused(self, *args, **more):
        with pytest.raises(Refused) as refused:
            self.send(*args, **more)
        return refused.value.fields

    @property
    def asked(self):
        return {name: tuple(status) for name, status in self.bench.enrollment.state.asked.items()}


@pytest.fixture
def person():
    return Person()


def result_of(step):
    (result,) = step.results.values()
    return result


def test_an_answer_moves_nothing_by_itself_closes_tasks_and_frees_what_waits(person):
    assert person.send("came", at="2026-01-10T10:00:00").results.popitem()[1].outcome == "waiting"
    step = person.send(facts={"years": 9})
    result = result_of(step)
    assert (result.outcome, result.why) == ("advanced", ())
    assert [(move.trigger, move.end) for move in result.transitions] == [("came", "home")]
    assert "task" in step.cleared
    again = result_of(person.send(at="2026-02-02T10:00:00", facts={"years": {"declined": True}}))
    assert (again.outcome, again.why) == ("stayed", (("care", "it only brings answers"),))


@pytest.mark.parametrize("by", ["patient", "family", "staff"])
def test_everybody_may_answer_what_they_may_tell(person, by):
    assert result_of(person.send(by=by, facts={"years": 2})).outcome == "stayed"
    assert person.bench.enrollment.state.facts["years"].by == by


def test_an_answer_has_at_least_one_fact_and_no_half_group(person):
    assert person.refused() == {"facts": ["This field is required: report at least one fact, which may be declined."]}
    assert person.refused(facts={"stage": "I"})["facts.edition"][0].startswith(
        "The facts of 'staging' must be reported"
    )
    assert person.refused(facts={"paid": True}) == {
        "facts.paid": ["This fact may be reported by staff, not by patient."]
    }


@pytest.mark.parametrize("by", ["patient", "family"])
def test_a_held_fact_that_the_patient_does_not_know_is_refused_like_an_unknown_fact(person, by):
    """Also those of its group; no suggestion names them, although `relaps` is near to one."""
    for name in ("relapse", "finding", "found_by", "relaps"):
        known = "Accepted: edition, paid, stage, years."
        assert person.refused(by=by, facts={name: "x"}) == {f"facts.{name}": [f"Unknown fact. {known}"]}
    assert result_of(person.send("came", facts={"relapse": True})).outcome == "waiting"  # their own word, as ever
    person.send(by=by, facts={"relapse": False})
    assert "finding" not in person.bench.enrollment.heard_of


def test_a_held_fact_may_be_answered_once_it_was_told(person):
    """Staff may answer it at any time; it is news until the telling, and withheld with what else they answer."""
    step = person.send(by="staff", facts={"relapse": True, "paid": True})
    assert step.view_results == {}
    assert person.bench.held == ["relapse"]
    assert dict(person.bench.enrollment.view.facts) == {}
    assert person.refused(facts={"relapse": False})["facts.relapse"][0].startswith("Unknown fact.")
    own = person.send(at="2026-02-02T10:00:00", facts={"years": 1})
    assert next(iter(own.view_results.values())).outcome == "stayed"
    assert set(person.bench.enrollment.view.facts) == {"years"}
    person.send("discussed", at="2026-02-03T10:00:00", by="staff")
    assert set(person.bench.enrollment.view.facts) == {"years", "relapse", "paid"}
    assert result_of(person.send(at="2026-02-04T10:00:00", facts={"relapse": False})).outcome == "stayed"


# --- marks of questions ----------------------------------------------------------------------------------------


def test_showings_count_once_a_day_and_an_answer_begins_anew(person):
    for at in ("2026-02-01T10:00:00", "2026-02-01T22:00:00", "2026-02-03T00:00:00"):
        result = result_of(person.send("seen", at=at, question="staging"))
        assert (result.outcome, result.why) == ("stayed", (("care", "it only says something of a question"),))
    person.send("later", at="2026-02-04T10:00:00", by="family", question="staging", until=date(2026, 3, 1))
    assert person.asked == {"staging": (2, "2026-02-03T00:00:00Z", "2026-03-01")}
    person.send(at="2026-02-05T10:00:00", facts={"stage": {"declined": True}, "edition": {"declined": True}})
    assert person.asked == {"staging": (0, "2026-02-03T00:00:00Z", None)}


def test_a_late_mark_counts_where_it_belongs_and_a_retracted_one_not_at_all(person):
    person.send("seen", at="2026-02-03T10:00:00", question="years")
    person.send("seen", at="2026-02-01T10:00:00", question="years")
    assert person.asked == {"years": (2, "2026-02-03T10:00:00Z", None)}
    person.bench.retract(1, "2026-02-04")
    assert person.asked == {"years": (1, "2026-02-01T10:00:00Z", None)}


def test_a_question_that_was_only_put_off_leaves_nothing_once_it_is_answered(person):
    before = person.bench.enrollment.state
    assert "asked" not in before.to_stored()
    person.send("later", question="years", until=date(2026, 2, 2))
    assert person.bench.enrollment.state.to_stored()["asked"] == {
        "years": {"shown": 0, "last_shown": None, "until": "2026-02-02"}
    }
    person.send("came", at="2026-02-01T11:00:00", facts={"years": 2})
    after = person.bench.enrollment.state
    assert "asked" not in after.to_stored()
    assert State.from_stored(after.to_stored()) == replace(after, asked={})


def test_marks_of_questions_show_while_news_is_open(person):
    person.send(by="staff", facts={"relapse": True})
    person.send("seen", at="2026-02-02T10:00:00", question="years")
    person.send("later", at="2026-02-03T10:00:00", by="family", question="staging", until=date(2026, 2, 9))
    assert {name: tuple(status) for name, status in person.bench.enrollment.view.asked.items()} == {
        "years": (1, "2026-02-02T10:00:00Z", None),
        "staging": (0, None, "2026-02-09"),
    }


def test_a_question_is_a_group_or_a_fact_outside_groups_that_the_patient_may_hear_of(person):
    for name in ("report", "relapse", "nothing"):
        accepted = f"Unknown question '{name}'. Accepted: paid, staging, years."
        assert person.refused("seen", question=name) == {"question": [accepted]}
    assert person.refused("seen", question="stage") == {
        "question": ["Unknown question 'stage'. Did you mean 'staging'?"]
    }
    person.send("discussed", by="staff", told=True, facts={"relapse": True})
    assert result_of(person.send("seen", at="2026-02-02T10:00:00", question="relapse")).outcome == "stayed"


@pytest.mark.parametrize(
    ("type_", "more", "fields"),
    [
        ("later", {}, {"question": "required with 'later'", "until": "required with 'later'"}),
        ("later", {"question": "years", "until": date(2026, 2, 1)}, {"until": LATER}),
        ("later", {"question": "years", "until": date(2027, 2, 3)}, {"until": LATER}),
        ("later", {"by": "staff", "question": "years", "until": date(2026, 2, 2)}, {"type": "by family or patient"}),
        ("later", {"question": "years", "until": date(2026, 2, 2), "facts": {"years": 1}}, {"facts": "accepts no"}),
        ("later", {"question": "years", "until": date(2026, 2, 2), "piece": "a-piece"}, {"piece": "only with seen,"}),
        ("seen", {"by": "family", "question": "years"}, {"type": "may be reported by patient, not by family"}),
        ("seen", {"question": "years", "piece": "a-piece"}, {"question": "either 'piece' or 'question'"}),
        ("seen", {"question": "years", "until": date(2026, 2, 2)}, {"until": "only with later"}),
        ("seen", {}, {"piece": "or send 'question' in its place"}),
        ("helpful", {"question": "years"}, {"piece": "required with", "question": "only with seen and later"}),
        ("came", {"question": "years", "until": date(2026, 2, 2)}, {"question": "only with", "until": "only with"}),
        ("answred", {"facts": {"years": 1}}, {"type": "Did you mean 'answered'?"}),
    ],
)
def test_what_is_no_mark_of_a_question_is_refused_by_its_fields(person, type_, more, fields):
    refused = person.refused(type_, **more)
    assert refused.keys() == fields.keys()
    assert all(words in refused[name][0] for name, words in fields.items()), refused


def test_the_day_on_which_to_ask_again_is_later_where_the_patient_lives(person):
    zone, tomorrow = ZoneInfo("America/Los_Angeles"), date(2026, 2, 2)
    assert "until" in person.refused("later", at="2026-02-02T04:00:00", question="years", until=tomorrow)
    person.send("later", at="2026-02-02T04:00:00", zone=zone, question="years", until=tomorrow)
    assert person.asked == {"years": (0, None, "2026-02-02")}
