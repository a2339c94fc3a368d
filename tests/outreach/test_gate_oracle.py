"""The gate against an oracle written apart: random situations agree, and each check taken out or moved is noticed."""

import random
from collections import Counter
from dataclasses import astuple
from datetime import timedelta
from functools import cache
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.outreach import gate
from journeys.outreach.gate import FinalReason, SendNow, Wait, WaitReason, decide
from tests.outreach.gate_oracle import expected, is_quiet
from tests.outreach.situations import draw

SEEDS = 5000


def answer(asked, at=None):
    return decide(asked.situation, asked.recipient, asked.others, at or asked.now)


def words(decision):
    return type(decision).__name__.lower().removesuffix("now"), *astuple(decision)


@cache
def cases():
    """Return what is asked and what the oracle says, for a fixed set of seeds."""
    questions = [draw(random.Random(seed)) for seed in range(SEEDS)]
    return [(asked, expected(asked.situation, asked.recipient, asked.others, asked.now)) for asked in questions]


def disagreements():
    return (asked for asked, oracle in cases() if words(answer(asked)) != oracle)


@settings(max_examples=500)
@given(st.randoms(use_true_random=False))
def test_the_gate_agrees_with_the_oracle(rng):
    asked = draw(rng)
    assert words(answer(asked)) == expected(asked.situation, asked.recipient, asked.others, asked.now)


def test_the_fixed_seeds_agree_and_reach_every_decision():
    assert list(disagreements()) == []
    reached = Counter(kind if kind == "send" else (kind, *rest[1:2]) for _, (kind, *rest) in cases())
    waits = {("wait", reason) for reason in words_of(WaitReason)}
    finals = {("final", reason) for reason in words_of(FinalReason)}
    assert set(reached) == {"send"} | waits | finals
    assert min(reached.values()) >= 10, reached


def words_of(alias):
    """Return the words of a Literal."""
    return set(get_args(alias))


# --- mutations -------------------------------------------------------------------------------------------------

CHECKS = gate.CHECKS
NAMES = [check.__name__ for check in CHECKS]


def without(place):
    return (*CHECKS[:place], *CHECKS[place + 1 :])


def earlier(place, by):
    others = without(place)
    return (*others[: place - by], CHECKS[place], *others[place - by :])


def unless_critical(place):
    """Return the checks, with one more that critical messages pass."""

    def check(question, channels):
        return channels if question.situation.message.is_critical else CHECKS[place](question, channels)

    return (*CHECKS[:place], check, *CHECKS[place + 1 :])


MUTATIONS = {
    **{f"without {name}": without(place) for place, name in enumerate(NAMES)},
    **{f"{name} before {NAMES[place - 1]}": earlier(place, 1) for place, name in enumerate(NAMES) if place},
    **{f"{name} first": earlier(place, place) for place, name in enumerate(NAMES) if place > 1},
    **{
        f"critical passes {NAMES[place]}": unless_critical(place)
        for place in range(NAMES.index("cadence"))
        if NAMES[place] != "repeated"
    },
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_check_taken_out_or_asked_earlier_is_noticed(mutation, monkeypatch):
    monkeypatch.setattr(gate, "CHECKS", MUTATIONS[mutation])
    assert next(disagreements(), None) is not None


@pytest.mark.parametrize("missing", gate.ANSWER_CHECKS)
def test_a_check_of_answers_taken_out_is_noticed(missing, monkeypatch):
    monkeypatch.setattr(gate, "ANSWER_CHECKS", tuple(check for check in gate.ANSWER_CHECKS if check is not missing))
    assert next(disagreements(), None) is not None


@pytest.mark.parametrize("added", [check for check in CHECKS if check not in gate.ANSWER_CHECKS])
def test_a_check_that_answers_pass_is_noticed(added, monkeypatch):
    checks = tuple(check for check in CHECKS if check is added or check in gate.ANSWER_CHECKS)
    monkeypatch.setattr(gate, "ANSWER_CHECKS", checks)
    assert next(disagreements(), None) is not None


# --- what a wait promises --------------------------------------------------------------------------------------


def test_a_wait_ends_later_and_while_the_message_is_useful():
    for asked, _ in cases():
        decision = answer(asked)
        if isinstance(decision, Wait):
            assert asked.now < decision.until <= asked.situation.message.useful_until


def test_after_quiet_hours_no_message_waits_for_quiet_hours_again():
    waits = [(asked, answer(asked)) for asked, oracle in cases() if oracle[-1] == "quiet_hours" and oracle[0] == "wait"]
    for asked, wait in waits:
        later = answer(asked, wait.until)
        assert not (isinstance(later, Wait) and later.reason == "quiet_hours"), asked
    assert len(waits) > 50


def test_nothing_interrupts_in_quiet_hours_or_without_a_zone():
    for asked in (asked for asked, _ in cases() if not asked.situation.message.is_answer):
        for minutes in range(0, 600, 60):
            at = asked.now + timedelta(minutes=minutes)
            decision = answer(asked, at)
            if isinstance(decision, SendNow) and decision.channel in ("sms", "push"):
                own = asked.recipient.preferences.quiet
                windows = [asked.situation.limits.quiet, *([own] if own else [])]
                assert not is_quiet(at, asked.recipient.zone, windows)
