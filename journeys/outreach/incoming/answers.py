"""Which reply text answers what a person wrote, for how long it is of use, and how soon it may go again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from journeys.outreach.incoming.replies import Reply


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is sent by itself.

    Attributes:
        question: what the reply text `answers`: `opt_out`, `help` or `unknown`.
        useful_for: how long after the words arrived it may go.
        not_again: how long after another answer with the same text it does not go.
    """

    question: str
    useful_for: timedelta
    not_again: timedelta


#: Words that may mean an opt-out are answered by a person alone. An opt-out is confirmed within five minutes or not at
#: all (47 CFR 64.1200(a)(12)). Two programs that answer each other are stopped by the times between answers.
ANSWERS: Mapping[Reply, Answer] = {
    "revokes": Answer("opt_out", timedelta(minutes=5), timedelta()),
    "asks_for_help": Answer("help", timedelta(days=1), timedelta(minutes=10)),
    "free_text": Answer("unknown", timedelta(days=1), timedelta(days=1)),
}
