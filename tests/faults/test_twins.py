"""S13: a patient with held news and a twin without it get the same answers, byte for byte, until a telling."""

import random
import shutil
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from journeys.engine.advance import _Advance as Advancing
from journeys.engine.configuration import Configuration
from journeys.engine.told import Told
from service.demo.reviewers import sign_everything
from service.enrollments.views import View
from service.platform.database import open_database
from service.platform.database.tables import tokens
from service.publishing.library import Library
from service.publishing.publish import publish_from_files
from tests.faults.counting import AMOUNT, amount, tally
from tests.faults.lives import Life
from tests.faults.made_up import journey_of, write_journey
from tests.faults.twins import Script
from tests.service.clinic import COMPILED, FOR_LONG, Clinic
from tests.service.conftest import PUBLISHED

JOURNEYS = amount(4, 60)
STEPS = 16
#: Of the pairs that must notice a rule that is taken out.
MOST_PAIRS = 40


@pytest.fixture(scope="session")
def made_up(empty_sqlite, tmp_path_factory):
    """Random journeys, what publishing them stores, and the tokens of staff and of an app."""
    folder = tmp_path_factory.mktemp("made-up")
    definitions, content, file = folder / "definitions", folder / "content", folder / "journeys.db"
    definitions.mkdir()
    shutil.copy(empty_sqlite, file)
    opened = open_database(f"sqlite:///{file}")
    clinic = Clinic(opened, f"sqlite:///{file}", FOR_LONG)
    journeys, seed = [], 0
    while len(journeys) < JOURNEYS:
        if (journey := journey_of(seed)) is not None:
            write_journey(seed, definitions, content)
            done = publish_from_files(clinic.service, definitions, content, only=[journey.key])
            if done.is_done:
                sign_everything(clinic.service, done)
                journeys.append(journey)
            else:
                assert {problem.rule for problem in done.problems if problem.level == "error"} == {"lost-timer"}
                (definitions / f"{journey.key}.yaml").unlink()
        seed += 1
    senders = {"staff": clinic.staff, "app": clinic.phone}
    with opened.reading() as connection:
        rows = [
            (table, [dict(row) for row in connection.execute(select(table)).mappings()])
            for table in (*PUBLISHED, tokens)
        ]
    opened.close()
    return journeys, rows, senders


class Nursery:
    """Where twins live: a database with the journeys, and the library of them."""

    def __init__(self, database, url: str, made_up) -> None:
        self.database, self.url = database, url
        self.journeys, rows, self.senders = made_up
        self.library = Library(None, COMPILED)
        with database.writing() as connection:
            for table, rows_of_table in rows:
                if rows_of_table:
                    connection.execute(insert(table), rows_of_table)

    def life(self) -> Life:
        return Life(self.database, self.url, self.library, **self.senders)

    def check(self, journey, chance) -> int:
        """Play a pair until a telling, then tell everything; return how many steps of staff were withheld.

        Raises:
            AssertionError: an answer to the patient, the family or the app differs.
        """
        informed = self.life()
        script = Script(journey, chance, informed)
        shared, withheld = script.play(STEPS)
        script.tell_everything()
        twin = self.life()
        for number, step, answer in shared:
            twin_answer = twin.play(number, step)
            assert answer is None or seen(twin_answer) == seen(answer), f"{journey}, step {number}: {step}"
        return withheld


def seen(answer):
    """Everything of an answer that its receiver sees."""
    return answer.status, answer.headers, answer.data


@pytest.fixture
def nursery(database, database_url, made_up, logs):
    return Nursery(database, database_url, made_up)


def test_s13_what_is_withheld_changes_no_answer(nursery):
    with tally("S13", "pairs of patients, with held news and without", nursery.url) as counts:

        def check(journey, chance):
            withheld = nursery.check(journey, chance)
            counts.rounds += 1
            counts.notes["withheld"] += withheld
            counts.notes["pairs with something withheld"] += withheld > 0

        run = given(journey=st.sampled_from(nursery.journeys), chance=st.randoms(use_true_random=False))(check)
        settings(
            max_examples=amount(24, 5000 if nursery.database.is_sqlite else 500),
            deadline=None,
            database=None,
            derandomize=AMOUNT in ("quick", "half"),
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # a smaller example takes minutes; the blob repeats this one
            print_blob=True,
        )(run)()


# --- each rule taken out -------------------------------------------------------------------------------------


def shows_what_begins_a_hold(monkeypatch):
    waits_for = Advancing._waits_for

    def waits(self, arrival, truth, trial):
        begins = trial is None and (truth.begun or truth.told_names)
        return frozenset() if begins else waits_for(self, arrival, truth, trial)

    monkeypatch.setattr(Advancing, "_waits_for", waits)


def shows_what_staff_report_during_a_hold(monkeypatch):
    waits_for = Advancing._waits_for

    def waits(self, arrival, truth, trial):
        begins = trial is not None or truth.begun or truth.told_names
        return waits_for(self, arrival, truth, trial) if begins else frozenset()

    monkeypatch.setattr(Advancing, "_waits_for", waits)


def enters_held_states(monkeypatch):
    monkeypatch.setattr(Configuration, "blocks", lambda *_: False)


def decides_by_the_truth(monkeypatch):
    step = Advancing.step
    monkeypatch.setattr(Advancing, "step", lambda self: step_of_truth(step(self)))


def step_of_truth(step):
    return replace(step, view_results=step.results, view_stays_undone=step.stays_undone)


def counts_in_the_tag(monkeypatch):
    monkeypatch.setattr(View, "_seen", lambda self: self.stored.enrollment.revision)


def tells_news_of_other_tracks(monkeypatch):
    telling = Told.telling

    def tell_all(self, event, *names, **but):
        told = telling(self, event, *names, **but)
        more = dict.fromkeys((news.id for news in self.open), event.uid) if told.told != self.told else {}
        return replace(told, told={**told.told, **more})

    monkeypatch.setattr(Told, "telling", tell_all)


RULES = (
    shows_what_begins_a_hold,
    shows_what_staff_report_during_a_hold,
    enters_held_states,
    decides_by_the_truth,
    counts_in_the_tag,
    tells_news_of_other_tracks,
)


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("take_out", RULES)
def test_s13_a_rule_that_is_taken_out_is_noticed(nursery, monkeypatch, take_out):
    take_out(monkeypatch)
    for seed in range(MOST_PAIRS):
        chance = random.Random(seed)
        try:
            nursery.check(chance.choice(nursery.journeys[:4]), chance)
        except AssertionError:
            return
    pytest.fail(f"{MOST_PAIRS} pairs do not notice it")
