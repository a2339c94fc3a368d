"""A year of a random clock: surveys and questions keep the budget, rest, wait and come again as they were promised."""

from datetime import timedelta
from random import Random

import pytest

from tests.surveys.small import BEGIN, JOURNEY, SURVEYS, Patient, day

WHOLE = {"paid": True, "clear": "in_part", "rating": 4}
MORE = """\
  other:
    question: {en: And the other?}
    why: {en: We learn.}
    purpose: {en: We count the answers.}
    show_in: care.ward
    again: P30D
    measures:
      good: {type: boolean, title: {en: Was it good?}}
    thanks: {text: {en: A call.}, task: {for: nurses, within: P2D, title: Call}}
"""
ANSWERS = {"page_help": WHOLE, "other": {"good": True}}
AGAIN = {"page_help": 90, "other": 30}


@pytest.mark.parametrize("seed", range(8))
def test_a_year_keeps_the_budget_and_every_promise(seed):
    chance = Random(seed)
    patient = Patient(JOURNEY + SURVEYS + MORE)
    shown: dict[str, list[int]] = {}
    not_before: dict[str, int] = {}
    declined: set[str] = set()
    was_shown = 0
    today = 0
    while (today := today + chance.choice([1, 1, 2, 5, 11])) < 365:
        asked = patient.asked(today)
        assert len(asked) <= 2
        assert declined.isdisjoint(asked)
        for name in asked:
            assert today >= not_before.get(name, 0), (name, today)
            shown.setdefault(name, []).append(today)
            patient.report("seen", today, question=name)
        this_week = {name for name, days in shown.items() if any(today - 7 < on <= today for on in days)}
        assert len(this_week) <= 2
        surveys = [name for name in asked if name in ANSWERS]
        was_shown += len(surveys)
        for name in surveys:
            act = chance.choice(["nothing", "nothing", "later", "answer", "decline"] if seed else ["answer"])
            if act == "later":
                until = today + chance.randrange(1, 60)
                patient.report("later", today, question=name, until=(BEGIN + timedelta(days=until)).date())
                not_before[name] = until
            elif act == "answer":
                patient.answer(name, ANSWERS[name], today)
                not_before[name] = today + AGAIN[name]
            elif act == "decline":
                patient.answer(name, {key: {"declined": True} for key in ANSWERS[name]}, today)
                declined.add(name)
    assert was_shown > 0
    assert patient.view.folded_to <= day(365)
