"""Nothing leaves without permission: random ledgers in any order of arrival, clocks, answers of providers, and crashes.

The oracle reads the tables after a run and shares no code with the gate.
"""

import os
from datetime import timedelta

import pytest
from sqlalchemy import delete

from journeys.outreach import gate
from journeys.outreach import occasions as core_occasions
from journeys.outreach.gate import SendNow
from service.enrollments.views import View
from service.outreach import listen, printing, queue, send, weigh
from tests.service.clinic import Clinic
from tests.service.outreach.daily_journey import write_content, write_journey
from tests.service.outreach.ledger_oracle import Oracle
from tests.service.outreach.random_clinic import play, write_next_release
from tests.tables import EMPTIED

RUNS = int(os.environ.get("JOURNEYS_TEST_AUDITS", "4"))
MOST_RUNS = 200
#: Runs that must notice a check that is taken out; most do in the first few.


@pytest.fixture
def files(tmp_path):
    write_journey(tmp_path / "definitions")
    write_content(tmp_path / "content")
    write_next_release(tmp_path)
    return tmp_path


@pytest.fixture
def faults_of(database, database_url, logs, files):
    """Plays the run of a seed with nobody else in the database; returns what should not have been."""

    def played(seed: int) -> list[str]:
        with database.writing() as connection:
            for table in EMPTIED:
                connection.execute(delete(table))
        return Oracle(play(Clinic(database, database_url), files, seed)).faults()

    return played


@pytest.mark.parametrize("seed", range(RUNS))
def test_every_attempt_was_allowed_when_it_was_made(faults_of, seed):
    assert faults_of(seed) == []


# --- each check taken out, or asked earlier --------------------------------------------------------------------------


def without(checks: str, name: str):
    def take_out(monkeypatch):
        assert weigh.decide is gate.decide
        remaining = tuple(check for check in getattr(gate, checks) if check.__name__ != name)
        assert len(remaining) == len(getattr(gate, checks)) - 1
        monkeypatch.setattr(gate, checks, remaining)

    take_out.__name__ = f"{checks} without {name}"
    return take_out


def asks_an_hour_earlier(monkeypatch):
    ask = send.weigh
    monkeypatch.setattr(
        send, "weigh", lambda outbox, connection, basis, now: ask(outbox, connection, basis, now - timedelta(hours=1))
    )


def sends_by_the_truth(monkeypatch):
    monkeypatch.setattr(View, "shown", property(lambda view: view.stored.enrollment.state))


def forgets_what_was_sent_during_a_stay(monkeypatch):
    monkeypatch.setattr(core_occasions, "_settled_during", lambda *_: None)


def prints_without_asking_again(monkeypatch):
    monkeypatch.setattr(printing, "weigh_again", lambda *_: SendNow("post"))


def prints_what_is_not_permitted_any_more(monkeypatch):
    without("LASTING", "permitted")(monkeypatch)
    monkeypatch.setattr(queue, "_clear_letters", lambda *_: [])


def confirms_every_opt_out(monkeypatch):
    monkeypatch.setattr(listen, "_is_reached", lambda *_: True)


def forgets_own_quiet_hours(monkeypatch):
    first_allowed = gate.first_allowed
    monkeypatch.setattr(gate, "first_allowed", lambda hours, now, zone: first_allowed(hours[:1], now, zone))


MUTATIONS = (
    *(
        without("CHECKS", name)
        for name in ("lapsed", "expired", "repeated", "permitted", "topic", "pause", "quiet_hours")
    ),
    *(without("ANSWER_CHECKS", name) for name in ("expired", "repeated")),
    *(without("LASTING", name) for name in ("lapsed", "expired")),
    forgets_own_quiet_hours,
    asks_an_hour_earlier,
    sends_by_the_truth,
    forgets_what_was_sent_during_a_stay,
    prints_without_asking_again,
    prints_what_is_not_permitted_any_more,
    confirms_every_opt_out,
)
#: Runs that notice what few do: they are tried first, and all others after them.
NOTICED_BY = {
    "CHECKS without lapsed": 3,
    "LASTING without lapsed": 59,
    "LASTING without expired": 9,
    "forgets_what_was_sent_during_a_stay": 27,
    "prints_without_asking_again": 4,
    "prints_what_is_not_permitted_any_more": 22,
    "confirms_every_opt_out": 17,
}


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("take_out", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_the_audit_finds_what_a_missing_check_lets_out(faults_of, take_out, monkeypatch):
    take_out(monkeypatch)
    seeds = dict.fromkeys((NOTICED_BY.get(take_out.__name__, 0), *range(MOST_RUNS)))
    if not any(faults_of(seed) for seed in seeds):
        pytest.fail(f"{MOST_RUNS} runs do not notice it")
