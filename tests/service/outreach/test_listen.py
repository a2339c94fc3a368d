"""What providers and persons tell is stored once, in any order, and does what it says; strangers change nothing."""

import json
from datetime import timedelta
from itertools import permutations

import pytest

from journeys.outreach.incoming import ProviderReceipt
from service.outreach.listen import IncomingReceipt, IncomingWords, take_receipt, take_words
from service.outreach.port import AnswerLost, Reason, Transient
from service.platform.database.tables import contacts, inbound, permission_entries, receipts, tasks
from service.platform.inbound_sources import InboundSource
from tests.service.outreach.listening_clinic import DUE, MAIL, TEXTS, Listening

NUMBER = "+34600777888"


@pytest.fixture
def listening(clinic) -> Listening:
    return Listening(clinic)


def test_a_receipt_settles_a_message_whose_answer_was_lost(listening):
    message = listening.send(answer=AnswerLost(Reason.TIMEOUT))
    assert [row.status for row in listening.messages()] == ["unknown"]
    listening.tell("delivered", message=message)
    (row,) = listening.messages()
    assert (row.status, row.reason, row.next_at) == ("sent", None, None)


def test_a_receipt_that_comes_before_the_answer_counts(listening):
    listening.reachable_patient()

    def told_first():
        (key, _) = listening.mail.got[-1]
        listening.tell("delivered", message=key, provider_id="late-id")
        return AnswerLost(Reason.CONNECTION_LOST)

    listening.mail.answers = [told_first]
    listening.clinic.clock.set(DUE)
    listening.work()
    assert [row.status for row in listening.messages()] == ["sent"]


@pytest.mark.parametrize("kind", ["delivered", "opened", "clicked", "bounced", "complained", "opted_out"])
def test_each_receipt_counts_once(listening, kind):
    listening.send()
    for _ in range(3):
        listening.tell(kind, status="5.2.2", provider_id="provider-p1")
    assert [row.code for row in listening.rows(receipts)] == ["5.2.2" if kind == "bounced" else ""]
    assert len(listening.revocations()) == (kind in ("complained", "opted_out"))
    assert listening.contact() == "good"


BOUNCES = (("bounced", "5.2.2", 0), ("bounced", "4.4.1", 1), ("bounced", "5.2.2", 2))
DELIVERIES = (("delivered", "", 3), ("opened", "", 4))


@pytest.mark.parametrize(
    ("told", "status", "revoked"),
    [
        (BOUNCES, "bad", 0),
        ((*BOUNCES, *DELIVERIES), "good", 0),
        ((("bounced", "5.1.1", 0), *DELIVERIES), "bad", 0),
        ((BOUNCES[0], BOUNCES[1], ("delivered", "", 1.5), BOUNCES[2]), "good", 0),
        ((("delivered", "", 0), ("complained", "", 1), ("opted_out", "", 2)), "good", 2),
    ],
)
def test_the_order_in_which_receipts_come_decides_nothing(listening, told, status, revoked):
    sent = listening.send()
    start = listening.clinic.clock()
    listening.clinic.clock.pass_by(days=10)
    for number, order in enumerate(list(permutations(told))[::5]):
        forget_what_was_told(listening)
        for kind, code, day in order:
            receipt = ProviderReceipt(f"{number} {kind} {day}", start + timedelta(days=day), kind, code)
            for named in ({"message": sent}, {"provider_id": "provider-p1"}):
                take_receipt(listening.clinic.service, MAIL, IncomingReceipt(receipt=receipt, **named))
        assert listening.contact() == status, order
        assert len(listening.revocations()) == revoked
        assert len(listening.rows(receipts)) == len(told)


def forget_what_was_told(listening) -> None:
    with listening.clinic.service.database.writing() as connection:
        connection.execute(receipts.delete())
        connection.execute(permission_entries.delete().where(permission_entries.c.kind == "revoke"))
        connection.execute(contacts.update().values(status="good"))


def test_an_address_that_does_not_exist_is_bad_at_once_and_for_good(listening):
    listening.send()
    listening.tell("bounced", "r1", status="5.1.1", provider_id="provider-p1")
    assert listening.contact() == "bad"
    listening.clinic.clock.pass_by(hours=1)
    listening.tell("delivered", "r2", provider_id="provider-p1")
    assert listening.contact() == "bad"


def test_a_full_mailbox_is_bad_after_three_days_and_good_again(listening):
    listening.send()
    seen = []
    for day in range(3):
        listening.tell("bounced", f"r{day}", status="5.2.2", provider_id="provider-p1")
        listening.tell("bounced", f"again{day}", status="5.2.2", provider_id="provider-p1")
        seen.append(listening.contact())
        listening.clinic.clock.pass_by(days=1)
    assert seen == ["good", "good", "bad"]
    listening.tell("delivered", "back", provider_id="provider-p1")
    assert listening.contact() == "good"


def test_what_the_sender_learned_is_not_undone_by_a_late_delivery(listening):
    """An address that was refused in the session itself stays bad: no receipt made it so."""
    message = listening.send()
    with listening.clinic.service.database.writing() as connection:
        connection.execute(contacts.update().values(status="bad"))
    listening.tell("delivered", message=message)
    assert listening.contact() == "bad"


def test_a_bounce_that_is_our_fault_is_for_the_operator(listening, logs):
    message = listening.send()
    listening.tell("bounced", status="5.7.1", provider_id="provider-p1")
    (line,) = [line for line in logs if line["event"] == "bounce-is-our-fault"]
    assert (line["message"], line["code"], line["log_level"]) == (message, "5.7.1", "error")
    assert listening.contact() == "good"


@pytest.mark.parametrize(("kind", "by"), [("complained", "complaint"), ("opted_out", "carrier")])
def test_a_complaint_and_a_carrier_revoke_and_clear_the_queue(listening, kind, by):
    listening.send()
    listening.clinic.enroll("p1", key="k2", facts={"last_scan_on": "2026-02-15"})
    listening.mail.answers = [Transient(Reason.BUSY)]
    while len(listening.messages()) == 1:
        listening.clinic.clock.pass_by(days=1)
        listening.work()
    assert sorted(row.status for row in listening.messages()) == ["scheduled", "sent"]
    listening.tell(kind, provider_id="provider-p1")
    (revocation,) = listening.revocations()
    assert (revocation["by"], revocation["channel"], revocation["purpose"]) == (by, "email", None)
    assert "scheduled" not in {row.status for row in listening.messages()}
    assert ("suppressed", "no_permission") in {(row.status, row.reason) for row in listening.messages()}


def test_a_complaint_is_never_older_than_its_message(listening):
    """A provider whose clock is at 1970 cannot make a complaint lie before the grant."""
    listening.send()
    listening.tell("complained", provider_id="provider-p1", after=-timedelta(days=9_000))
    entries = sorted(listening.rows(permission_entries), key=lambda row: row.occurred_at)
    assert [row.kind for row in entries] == ["grant", "revoke"]


@pytest.mark.parametrize("granted", [False, True])
def test_opens_are_kept_with_permission_to_measure(listening, granted):
    message = listening.send()
    if granted:
        listening.record(listening.messages()[0].enrollment, "grant", purpose="measurement")
    listening.tell("opened", message=message)
    assert [row.kind for row in listening.rows(receipts)] == ["opened" if granted else "delivered"]


@pytest.mark.parametrize(
    ("source", "named"),
    [
        (MAIL, {"provider_id": "provider-p9"}),
        (MAIL, {"message": "nobody"}),
        (MAIL, {"message": "{p1}", "provider_id": "provider-p2"}),
        (TEXTS, {"message": "{p1}"}),
        (TEXTS, {"provider_id": "provider-p1"}),
    ],
)
def test_a_receipt_of_another_message_changes_nothing(listening, source, named):
    ids = {patient: listening.send(patient) for patient in ("p1", "p2")}
    named = {name: value.format_map(ids) for name, value in named.items()}
    before = listening.everything()
    receipt = ProviderReceipt("r1", listening.clinic.clock(), "complained")
    take_receipt(listening.clinic.service, source, IncomingReceipt(receipt=receipt, **named))
    assert listening.everything() == before


@pytest.mark.parametrize(
    ("text", "reply", "contact"),
    [
        ("ALTO", "revokes", "good"),
        ("stop", "revokes", "good"),
        ("Stop. Gracias", "mentions", "paused"),
        ("Please do not stop my pills", "mentions", "paused"),
        ("no quiero que esto pare nunca", "free_text", "good"),
        ("AYUDA", "asks_for_help", "good"),
        ("I feel better today", "free_text", "good"),
        ("", "free_text", "good"),
    ],
)
def test_what_a_person_writes_does_what_it_says(listening, text, reply, contact):
    listening.send()
    for _ in range(3):
        listening.write(text)
    (row,) = listening.rows(inbound)
    assert (row.reply, listening.contact()) == (reply, contact)
    assert json.loads(row.payload) == {"text": text}
    opened = [task for task in listening.rows(tasks) if task.id == row.id]
    if reply == "revokes":
        (revocation,) = listening.revocations()
        assert (revocation["by"], revocation["method"], revocation["channel"]) == ("patient", "reply", "email")
        assert opened == []
    else:
        assert listening.revocations() == []
        assert [(task.due, task.status) for task in opened] == [(listening.clinic.clock() + timedelta(days=1), "open")]


def test_words_that_may_mean_an_opt_out_pause_every_address_of_the_channel(listening):
    listening.reachable_patient()
    own = listening.clinic.token_of_patient("p1")
    for channel, address in (("email", "second@example.org"), ("sms", NUMBER)):
        body = {"channel": channel, "address": address}
        assert listening.clinic.post("/v1/me/contacts", own, body).status == 200
    listening.write("Stop. Gracias")
    paused = {(row.channel, row.status) for row in listening.rows(contacts)}
    assert paused == {("email", "paused"), ("sms", "good")}


def test_an_opt_out_clears_the_queue(listening):
    listening.send(answer=Transient(Reason.BUSY))
    assert [row.status for row in listening.messages()] == ["scheduled"]
    for number in range(3):
        listening.write("STOP", f"w{number}")
    assert [(row.status, row.reason) for row in listening.messages()] == [("suppressed", "no_permission")]
    assert len(listening.rows(inbound)) == 3
    assert len(listening.revocations()) == 1, "a repeated opt-out, or a forged sender, adds nothing to the ledger"
    listening.clinic.clock.pass_by(hours=2)
    listening.write("STOP", "the next")
    assert len(listening.revocations()) == 2, "a grant that arrives later may have been said in between"
    listening.clinic.clock.pass_by(hours=1)
    listening.record(listening.messages()[0].enrollment, "grant")
    listening.clinic.clock.pass_by(hours=1)
    listening.write("STOP", "w3")
    assert len(listening.revocations()) == 3


def test_an_opt_out_of_a_channel_leaves_what_another_channel_may_carry(listening):
    """The process that listens may have no channel set up: it cannot be a reason to end a message."""
    listening.send(answer=Transient(Reason.BUSY))
    listening.outbox = type(listening.outbox)(service=listening.clinic.service)
    own = listening.clinic.token_of_patient("p1")
    assert listening.clinic.post("/v1/me/contacts", own, {"channel": "sms", "address": NUMBER}).status == 200
    listening.write("STOP", sender=NUMBER, source=TEXTS)
    assert [row.status for row in listening.messages()] == ["scheduled"]


def test_a_grant_that_came_after_the_opt_out_stands(listening):
    enrollment = listening.reachable_patient()
    spoken = listening.clinic.clock()
    listening.clinic.clock.pass_by(hours=1)
    listening.record(enrollment, "grant")
    words = IncomingWords.of_text(MAIL, id="w1", sender="p1@example.org", text="STOP", at=spoken)
    listening.clinic.clock.pass_by(hours=1)
    take_words(listening.clinic.service, MAIL, words)
    listening.clinic.clock.set(DUE)
    listening.work()
    assert [row.status for row in listening.messages()] == ["sent"]


def test_a_source_with_a_wrong_clock_cannot_make_an_opt_out_older_than_its_grant(listening):
    listening.reachable_patient()
    listening.clinic.clock.pass_by(days=4)
    long_ago = listening.clinic.clock() - timedelta(days=9_000)
    take_words(
        listening.clinic.service,
        MAIL,
        IncomingWords.of_text(MAIL, id="w1", sender="p1@example.org", text="STOP", at=long_ago),
    )
    listening.clinic.clock.set(DUE)
    listening.work()
    assert [row.reason for row in listening.messages()] == ["no_permission"]


@pytest.mark.parametrize("status", ["no such user rosa@patient.example", "5.1.1 rosa", "x" * 40])
def test_of_a_status_only_a_code_is_kept(listening, status):
    listening.send()
    listening.tell("bounced", status=status, provider_id="provider-p1")
    assert [row.code for row in listening.rows(receipts)] == [""]


def test_case_does_not_hide_a_person_from_an_opt_out(listening):
    listening.reachable_patient()
    listening.write("STOP", sender="P1@Example.ORG")
    assert len(listening.revocations()) == 1


@pytest.mark.parametrize("sender", ["stranger@example.org", "", "not an address", "p1@example.org\r\n", "x" * 10_000])
def test_an_unknown_sender_changes_nothing(listening, sender):
    listening.send()
    before = listening.everything()
    listening.write("STOP", sender=sender)
    assert listening.everything() == before


def test_an_address_of_two_persons_speaks_for_both(listening):
    listening.reachable_patient("p1")
    other = listening.reachable_patient("p2")
    own = listening.clinic.token_of_patient("p2")
    listening.clinic.post("/v1/me/contacts", own, {"channel": "email", "address": "p1@example.org"})
    listening.write("STOP")
    people = {row.person for row in listening.rows(permission_entries) if row.kind == "revoke"}
    assert len(people) == 2
    assert listening.person_of(other) in people


def test_a_caregiver_who_writes_stop_stops_their_own_messages_alone(listening):
    enrollment = listening.reachable_patient("p1")
    caregiver = listening.clinic.token_of_family(enrollment)
    listening.clinic.post("/v1/me/contacts", caregiver, {"channel": "email", "address": "aunt@example.org"})
    listening.write("STOP", sender="aunt@example.org")
    listening.write("Can she drive?", "w2", sender="aunt@example.org")
    (revoked,) = [row for row in listening.rows(permission_entries) if row.kind == "revoke"]
    assert revoked.person == listening.clinic.get("/v1/me/preferences", caregiver)["person"]
    assert [row.enrollment for row in listening.rows(tasks)] == [enrollment]


def test_the_same_id_of_two_sources_is_told_apart(listening):
    listening.reachable_patient()
    for source in (MAIL, InboundSource("email-other", "email")):
        listening.write("Hello", source=source)
    assert len(listening.rows(inbound)) == 2
