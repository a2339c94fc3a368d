"""Claims: each message once, one after the other, none by an old answer of the gate, none that holds others back."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from service.demo.reviewers import PUBLISHER
from service.outreach import schedule, send
from service.outreach.port import Accepted, Reason, Transient
from service.outreach.schedule import schedule_reminders
from service.outreach.send import Claim, Finished, claim_next, hand_over, send_next, store_finished
from service.outreach.store import messages as message_store
from service.persons.store import lock_person
from service.platform.database.tables import contacts, messages, shown
from service.publishing import approvals
from service.publishing.approvals import RecallScope
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import DUE, results, states


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


def make_due(reaching) -> None:
    """Makes the messages of all reminders that are due, and sends none."""
    reaching.clinic.clock.set(DUE)
    reaching.clinic.worker().fire_all()
    while schedule_reminders(reaching.clinic.service):
        pass


@pytest.mark.postgres
def test_a_message_that_was_taken_while_its_person_was_being_locked_is_not_sent_twice(reaching, monkeypatch):
    """PostgreSQL finds a row by the state at the beginning of the statement, and locks it as it is afterwards."""
    if reaching.clinic.service.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    reaching.reachable_patient()
    make_due(reaching)
    found = message_store._NEXT_DUE
    values = {"status": "sending", "next_at": reaching.clinic.clock() + timedelta(minutes=1)}

    class Slow:
        def all(self, connection, asked):
            rows = found.all(connection, asked)
            if rows:
                with reaching.clinic.service.database.writing() as other:
                    other.execute(messages.update().values(**values))
            return rows

    monkeypatch.setattr(message_store, "_NEXT_DUE", Slow())
    assert send_next(reaching.outbox) is False
    assert reaching.mail.got == []


def test_a_person_gets_one_message_after_the_other(reaching):
    for patient, key in (("p1", "k1"), ("p2", "k1"), ("p1", "k2")):
        reaching.clinic.enroll(patient, key)
    for patient in ("p1", "p2"):
        reaching.reachable_patient(patient)
    make_due(reaching)
    claims = [claim for _ in range(4) if isinstance(claim := claim_next(reaching.outbox), Claim)]
    assert sorted(status for status, _ in states(reaching)) == ["scheduled", "sending", "sending"]
    for claim in claims:
        store_finished(reaching.outbox, [hand_over(reaching.outbox, claim)])
    reaching.work()
    assert sorted(status for status, _ in states(reaching)) == ["sent", "sent", "suppressed"], "the same piece again"


def test_a_call_that_would_begin_late_is_not_made(reaching, monkeypatch):
    reaching.reachable_patient()
    make_due(reaching)
    claim = claim_next(reaching.outbox)
    monkeypatch.setattr(send, "monotonic", lambda: claim.begun + 2.1)
    store_finished(reaching.outbox, [hand_over(reaching.outbox, claim)])
    assert reaching.mail.got == []
    assert (states(reaching), results(reaching)) == ([("scheduled", None)], ["withdrawn"])
    monkeypatch.undo()
    reaching.work()
    assert results(reaching) == ["withdrawn", "accepted"]


def test_what_was_sent_counts_as_shown(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY), Accepted()]
    make_due(reaching)
    send_next(reaching.outbox)
    assert given_by_mail(reaching) == []
    reaching.clinic.clock.pass_by(minutes=1)
    send_next(reaching.outbox)
    assert given_by_mail(reaching) == ["scan-reminder"]


def given_by_mail(reaching) -> list[str]:
    with reaching.clinic.service.database.reading() as connection:
        return [row.piece for row in connection.execute(shown.select()) if row.channel == "email"]


def test_a_poisoned_message_ends_when_it_is_of_no_use(reaching, monkeypatch):
    reaching.reachable_patient()
    make_due(reaching)
    monkeypatch.setattr(send, "weigh", lambda *_: 1 / 0)
    reaching.work()
    assert states(reaching) == [("scheduled", None)]
    reaching.clinic.clock.pass_by(days=30)
    reaching.work()
    assert states(reaching) == [("expired", "too_late")]


def test_a_reminder_whose_piece_cannot_be_read_becomes_a_message_that_waits(reaching, monkeypatch, logs):
    reaching.reachable_patient()
    monkeypatch.setattr(type(reaching.clinic.service.library), "newest_piece", lambda *_: 1 / 0)
    make_due(reaching)
    assert len(reaching.messages()) == 1
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["reminder-not-read"]
    monkeypatch.undo()
    reaching.work()
    assert states(reaching) == [("sent", None)]


def test_reminders_are_worked_out_outside_of_any_lock(reaching, monkeypatch):
    reaching.reachable_patient()
    made = schedule._messages_of

    def look(service, *rest):
        for message in made(service, *rest):
            with service.database.writing() as connection:  # blocks, and fails, where the lock is taken already
                connection.execute(contacts.select())
            yield message

    monkeypatch.setattr(schedule, "_messages_of", look)
    make_due(reaching)
    assert len(reaching.messages()) == 1


def test_a_message_that_waits_is_asked_about_again_soon(reaching):
    """What a person prefers, or an approval, may change meanwhile."""
    reaching.reachable_patient()
    own = reaching.clinic.token_of_patient("p1")
    make_due(reaching)
    until = reaching.clinic.clock() + timedelta(days=1)
    wish = {"paused_until": until.isoformat()}
    assert reaching.clinic.call("PUT", "/v1/me/preferences", own, json=wish).status == 200
    reaching.work()
    assert states(reaching) == [("scheduled", "paused")]
    assert reaching.clinic.call("PUT", "/v1/me/preferences", own, json={"paused_until": None}).status == 200
    reaching.clinic.clock.pass_by(minutes=15)
    reaching.work()
    assert states(reaching) == [("sent", None)]


def test_a_recalled_reminder_is_cleared(reaching):
    reaching.reachable_patient()
    make_due(reaching)
    scope = RecallScope("follow_up", "scan-reminder")
    approvals.recall(reaching.clinic.service, PUBLISHER, scope, comment="Wrong.", now=reaching.clinic.clock())
    reaching.work()
    assert reaching.mail.got == []
    assert states(reaching) == [("cleared", "recalled")]


@pytest.mark.postgres
def test_a_locked_person_lets_rows_be_added_that_point_to_them(reaching):
    """A report about a person waits for no sender: two of them that wait for each other would be a deadlock."""
    if reaching.clinic.service.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    person = reaching.person_of(reaching.reachable_patient())
    done = []

    def add() -> None:
        done.append(reaching.clinic.enroll("p1", key="k9"))

    with locked(reaching, person):
        thread = threading.Thread(target=add)
        thread.start()
        thread.join(10)
        assert len(done) == 1


@contextmanager
def locked(reaching, person):
    with reaching.clinic.service.database.writing() as connection:
        lock_person(connection, person)
        yield


@pytest.mark.postgres
@pytest.mark.parametrize("change", ["end", "report", "recall"])
def test_nothing_is_claimed_by_a_view_that_changed_while_the_gate_was_asked(reaching, monkeypatch, change):
    """On PostgreSQL others write meanwhile: what was answered before the attempt is recorded counts."""
    if reaching.clinic.service.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    enrollment = reaching.reachable_patient()
    make_due(reaching)
    weigh, changed = send.weigh, []

    def weigh_slowly(*arguments):
        weighed = weigh(*arguments)
        if not changed:
            changed.append(change)
            if change == "end":
                answer = reaching.clinic.report(enrollment, reaching.clinic.staff, "deceased")
                assert answer.status == 200
            elif change == "report":
                facts = {"facts": {"last_scan_on": "2026-07-29"}}
                assert reaching.clinic.report(enrollment, reaching.clinic.phone, "scan_done", **facts).status == 200
            else:
                scope, now = RecallScope("follow_up", "scan-reminder"), reaching.clinic.clock()
                approvals.recall(reaching.clinic.service, PUBLISHER, scope, comment="Wrong.", now=now)
        return weighed

    monkeypatch.setattr(send, "weigh", weigh_slowly)
    for _ in range(3):
        reaching.work()
        reaching.clinic.clock.pass_by(minutes=1)
    assert changed and reaching.mail.got == []
    assert reaching.attempts() == []
    assert [status for status, _ in states(reaching)] == ["cleared"]


def test_an_answer_that_comes_after_the_lease_is_not_forgotten(reaching):
    """Another sender took the message for lost; the provider has it all the same."""
    reaching.reachable_patient()
    make_due(reaching)
    claim = claim_next(reaching.outbox)
    finished = hand_over(reaching.outbox, claim)
    reaching.clinic.clock.pass_by(minutes=2)
    assert send_next(reaching.outbox)
    assert (states(reaching), results(reaching)) == ([("unknown", None)], ["lost"])
    store_finished(reaching.outbox, [finished])
    assert (states(reaching), results(reaching)) == ([("sent", None)], ["accepted"])


def test_an_address_that_cannot_be_read_holds_back_no_message_of_others(reaching):
    """Several persons are read with one statement; one of them by itself where that fails."""
    for number in range(4):
        reaching.reachable_patient(f"p{number}")
    make_due(reaching)
    spoilt = reaching.messages()[1].person
    with reaching.clinic.service.database.writing() as connection:
        connection.execute(contacts.update().where(contacts.c.person == spoilt).values(address=b"spoilt"))
    reaching.work()
    assert len(reaching.mail.got) == 3
    assert [row.status for row in reaching.messages() if row.person == spoilt] == ["scheduled"]
    assert [row.status for row in reaching.messages() if row.person != spoilt] == ["sent"] * 3


def test_persons_are_locked_in_one_order(reaching, monkeypatch):
    from service.outreach import outcomes

    for number in range(6):
        reaching.reachable_patient(f"p{number}")
    make_due(reaching)
    finished = []
    for _ in range(4):
        claim = claim_next(reaching.outbox)
        finished.append(Finished(claim.call, Transient(Reason.BUSY)))
        reaching.outbox.providers.end("email", Accepted(), reaching.clinic.clock(), claim.begun)
    lock, locked_persons = outcomes.lock_persons, []

    def lock_each(connection, ids):
        locked = lock(connection, ids)()
        locked_persons.extend(person.id for person in locked)
        return lambda: locked

    monkeypatch.setattr(outcomes, "lock_persons", lock_each)
    store_finished(reaching.outbox, finished[::-1])
    assert len(locked_persons) == 4 and locked_persons == sorted(locked_persons)
