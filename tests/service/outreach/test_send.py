"""Sending: what leaves, when, to whom, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.outreach import settle, waiting
from service.outreach.mail import MailChannel, MailServer
from service.outreach.mail_message import MailSender
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, AnswerLost, OptedOut, Permanent, Reason, Transient
from service.platform.database.tables import contacts, permission_entries
from service.platform.errors import Conflict, NotFound
from tests.service.outreach.mail_servers import Inbox, mail_server
from tests.service.outreach.people_reached import Reaching

#: The reminder of the sample journey fires.
DUE = "2026-07-29T10:00:00"


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


def states(reaching) -> list[tuple[str, str | None]]:
    return [(row.status, row.reason) for row in reaching.messages()]


def results(reaching) -> list[str]:
    return [row.result for row in reaching.attempts()]


def test_a_reminder_leaves_once_by_a_permitted_channel(reaching):
    reaching.reachable_patient()
    reaching.work()
    assert reaching.messages() == []
    reaching.clinic.clock.set(DUE)
    for _ in range(3):
        reaching.work()
        reaching.clinic.clock.pass_by(hours=5)
    ((key, envelope),) = reaching.mail.got
    assert envelope.address == "p1@example.org"
    assert "follow-up scan" in envelope.text
    assert "scan" not in envelope.subject.lower()  # a subject is read on locked screens
    assert states(reaching) == [("sent", None)]
    (attempt,) = reaching.attempts()
    assert (attempt.message, attempt.result, attempt.sequence) == (key, "accepted", 2)
    assert attempt.provider_digest not in (None, "provider-1")


def test_nothing_leaves_without_a_grant_and_a_later_grant_revives_nothing(reaching):
    enrollment = reaching.reachable_patient(grants=False)
    reaching.clinic.clock.set(DUE)
    reaching.work()
    reaching.record(enrollment, "grant")
    reaching.work()
    assert reaching.mail.got == []
    assert states(reaching) == [("suppressed", "no_permission")]


def test_a_person_without_an_address_is_a_task_for_staff(reaching):
    enrollment = reaching.clinic.enroll()
    reaching.record(enrollment, "grant")
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert states(reaching) == [("suppressed", "no_contact")]
    (task,) = reaching.clinic.get(f"/v1/tasks?enrollment={enrollment}", reaching.clinic.staff)["items"]
    assert "reach them" in task["title"]


def test_after_an_outage_what_is_of_no_use_any_more_does_not_leave(reaching):
    reaching.reachable_patient()
    reaching.clinic.clock.set("2026-08-10T10:00:00")
    reaching.work()
    assert reaching.mail.got == []
    assert states(reaching) == [("expired", "too_late")]


def test_what_the_told_view_does_not_justify_any_more_is_cleared(reaching):
    enrollment = reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert states(reaching) == [("scheduled", "busy")]
    reaching.clinic.report(enrollment, reaching.clinic.phone, "scan_done", facts={"last_scan_on": "2026-07-29"})
    reaching.clinic.clock.pass_by(minutes=5)
    reaching.work()
    assert states(reaching) == [("cleared", "left")]
    assert len(reaching.mail.got) == 1


def test_an_ended_enrollment_is_sent_nothing(reaching):
    enrollment = reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    reaching.clinic.report(enrollment, reaching.clinic.staff, "deceased")
    reaching.clinic.clock.pass_by(minutes=5)
    reaching.work()
    assert states(reaching) == [("cleared", "ended")]
    assert len(reaching.mail.got) == 1


def test_a_late_report_that_renames_the_stay_sends_nothing_twice(reaching):
    enrollment = reaching.reachable_patient()
    reaching.clinic.clock.set(DUE)
    reaching.work()
    late = {"facts": {"last_scan_on": "2026-01-14"}, "on": "2026-06-15"}
    reaching.clinic.report(enrollment, reaching.clinic.staff, "scan_done", **late)
    reported = {"facts": {"scan_result": "clear"}, "on": "2026-06-20"}
    reaching.clinic.report(enrollment, reaching.clinic.staff, "scan_result_reported", **reported)
    for _ in range(4):
        reaching.clinic.clock.pass_by(days=1)
        reaching.work()
    assert len(reaching.mail.got) == 1
    assert {status for status, _ in states(reaching)} == {"sent", "suppressed"}


def test_a_provider_that_is_busy_is_asked_again_later_and_later_while_it_is_of_use(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [
        Transient(Reason.BUSY, "429", timedelta(minutes=10)),
        Transient(Reason.TIMEOUT),
        Accepted(),
    ]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = reaching.messages()
    assert message.next_at == reaching.clinic.clock() + timedelta(minutes=10)
    waited = []
    while states(reaching)[0][0] == "scheduled":
        (message,) = reaching.messages()
        waited.append(message.next_at - reaching.clinic.clock())
        reaching.clinic.clock.now = message.next_at
        reaching.work()
    assert len(reaching.mail.got) == 3
    assert len({key for key, _ in reaching.mail.got}) == 1, "each attempt has the key of the message"
    assert timedelta(minutes=1) <= waited[1] <= timedelta(minutes=1.25)
    assert results(reaching) == ["transient", "transient", "accepted"]


def test_after_twelve_tries_it_has_failed(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    while (message := reaching.messages()[0]).next_at is not None:
        reaching.clinic.clock.now = message.next_at
        reaching.work()
    assert states(reaching) == [("failed", "busy")]
    assert len(reaching.mail.got) == 12


def test_a_bad_address_is_not_used_again_and_is_a_task(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [Permanent(Reason.REFUSED, "5.1.1")]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert len(reaching.mail.got) == 1
    assert states(reaching) == [("suppressed", "no_contact")]
    with reaching.clinic.service.database.reading() as connection:
        assert connection.execute(contacts.select()).one().status == "bad"


def test_what_is_wrong_with_our_message_leaves_the_address_good(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [Permanent(Reason.REFUSED, "5.7.1")]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert states(reaching) == [("failed", "refused")]
    with reaching.clinic.service.database.reading() as connection:
        assert connection.execute(contacts.select()).one().status == "good"


def test_an_opt_out_at_the_carrier_is_a_revocation_of_the_channel(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [OptedOut("21610")]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert states(reaching) == [("suppressed", "no_permission")]
    with reaching.clinic.service.database.reading() as connection:
        kinds = [row.kind for row in connection.execute(permission_entries.select().order_by("sequence"))]
    assert kinds == ["grant", "revoke"]
    assert [row.sequence for row in reaching.attempts()] == [2], "one order for all of a person"


def test_a_lost_answer_waits_for_a_person(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [AnswerLost(Reason.CONNECTION_LOST)]
    reaching.clinic.clock.set(DUE)
    for _ in range(3):
        reaching.work()
        reaching.clinic.clock.pass_by(hours=1)
    assert len(reaching.mail.got) == 1
    assert states(reaching) == [("unknown", "connection-lost")]


class Killed(BaseException):
    """A process that ends in the middle of its work."""


@pytest.mark.parametrize(("tells_repeats", "state", "calls"), [(False, "unknown", 1), (True, "sent", 2)])
def test_a_sender_that_dies_during_the_call(reaching, tells_repeats, state, calls):
    def die():
        raise Killed

    reaching.reachable_patient()
    reaching.mail.answers = [die, Accepted()]
    setup = ChannelSetup(reaching.mail, tells_repeats=tells_repeats)
    reaching.outbox = replace(reaching.outbox, channels={"email": setup})
    reaching.clinic.clock.set(DUE)
    with pytest.raises(Killed):
        reaching.work()
    reaching.work()
    assert states(reaching) == [("sending", None)], "the lease has not ended"
    reaching.clinic.clock.pass_by(minutes=2)
    reaching.work()
    assert [status for status, _ in states(reaching)] == [state]
    assert len(reaching.mail.got) == calls
    assert len({key for key, _ in reaching.mail.got}) == 1


def test_a_message_that_cannot_be_weighed_holds_no_other_back(reaching, monkeypatch):
    from service.outreach import send

    for patient in ("p1", "p2", "p3"):
        reaching.reachable_patient(patient)
    poisoned = reaching.person_of(reaching.clinic.enroll("p2", key="k2"))
    write = send.write_envelope

    def fail(outbox, connection, weighed, contact, *rest):
        if contact.person == poisoned:
            raise ZeroDivisionError
        return write(outbox, connection, weighed, contact, *rest)

    monkeypatch.setattr(send, "write_envelope", fail)
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert sorted(envelope.address for _, envelope in reaching.mail.got) == ["p1@example.org", "p3@example.org"]
    waiting = [row for row in reaching.messages() if row.status == "scheduled"]
    assert waiting and {row.person for row in waiting} == {poisoned}
    assert all(row.next_at > reaching.clinic.clock() for row in waiting)


def test_a_mail_as_it_arrives(reaching):
    """A real mail server gets one mail with a link that ends mail, and the address of the sender."""
    reaching.reachable_patient()
    sender = MailSender(
        name="Care guide", address="care@clinic.example", bounce_mailbox="b@clinic.example", secret=b"s" * 32
    )
    inbox = Inbox()
    with mail_server(inbox) as port:
        channel = MailChannel(
            MailServer(host="127.0.0.1", port=port, security="none"), sender, reaching.clinic.service.clock
        )
        reaching.outbox = replace(reaching.outbox, channels={"email": ChannelSetup(channel)})
        reaching.clinic.clock.set(DUE)
        reaching.work()
        channel.close()
    ((_, recipients, content),) = inbox.mails
    assert recipients == ["p1@example.org"]
    assert b"List-Unsubscribe: <https://guide.example.org/u/" in content
    assert b"\r\nList-Id: <adherence.guide.example.org>\r\n" in content
    assert b"Santa Fe, NM" in content
    assert states(reaching) == [("sent", None)]


@pytest.mark.parametrize(
    ("public_url", "list_id"),
    [
        ("https://Guide.example.org:8443/care", "adherence.guide.example.org"),
        ("https://guide.example.org.", "adherence.guide.example.org"),
        ("https://192.0.2.1", ""),
        ("https://[2001:db8::1]", ""),
    ],
)
def test_mail_of_a_purpose_is_a_list_of_the_host(reaching, public_url, list_id):
    reaching.reachable_patient()
    reaching.outbox = replace(reaching.outbox, public_url=public_url)
    reaching.clinic.clock.set(DUE)
    reaching.work()
    ((_, envelope),) = reaching.mail.got
    assert envelope.list_id == list_id


def test_messages_are_read_by_whoever_may_see_the_enrollment(reaching):
    enrollment = reaching.reachable_patient()
    reaching.clinic.clock.set(DUE)
    reaching.work()
    path = f"/v1/enrollments/{enrollment}/messages"
    own = reaching.clinic.token_of_patient("p1")
    (message,) = reaching.clinic.get(path, own)["items"]
    assert (message["piece"], message["status"], message["reason"]) == ("scan-reminder", "sent", None)
    assert [(attempt["channel"], attempt["result"]) for attempt in message["attempts"]] == [("email", "accepted")]
    assert reaching.clinic.get(path, reaching.clinic.staff)["items"] == [message]
    assert reaching.clinic.get(path, reaching.clinic.token_of_patient("p2")).status == 404
    assert b"@example.org" not in reaching.clinic.get(path, own).data


def test_a_message_whose_answer_was_lost_is_sent_again_by_hand_alone(reaching):
    reaching.reachable_patient()
    reaching.mail.answers = [AnswerLost(Reason.TIMEOUT), Accepted()]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = waiting.list_by_state(reaching.clinic.service, "unknown")
    settle.send_again(reaching.clinic.service, message.id)
    reaching.work()
    assert states(reaching) == [("sent", None)]
    with pytest.raises(Conflict):
        settle.settle(reaching.clinic.service, message.id, "failed")
    with pytest.raises(Conflict):
        settle.send_again(reaching.clinic.service, message.id)
    with pytest.raises(NotFound):
        settle.send_again(reaching.clinic.service, "none")


@pytest.mark.parametrize("status", ["sent", "failed"])
def test_an_operator_records_what_the_provider_shows(reaching, status):
    reaching.reachable_patient()
    reaching.mail.answers = [AnswerLost(Reason.TIMEOUT)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = reaching.messages()
    settle.settle(reaching.clinic.service, message.id, status)
    reaching.work()
    assert states(reaching) == [(status, None)]
    assert len(reaching.mail.got) == 1


def test_a_provider_that_does_not_answer_is_asked_twice_and_holds_up_no_other(reaching):
    for number in range(12):
        reaching.reachable_patient(f"p{number}")
    reaching.mail.answers = [Transient(Reason.TIMEOUT)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert len(reaching.mail.got) == 2
    assert [status for status, _ in states(reaching)] == ["scheduled"] * 12
    reaching.clinic.clock.pass_by(seconds=61)
    reaching.work()
    assert len(reaching.mail.got) == 3, "one more after the rest"
    reaching.mail.answers = [Accepted()]
    reaching.clinic.clock.pass_by(seconds=61)
    reaching.work()
    reaching.clinic.clock.pass_by(minutes=10)
    reaching.work()
    assert [status for status, _ in states(reaching)] == ["sent"] * 12
    assert len(reaching.mail.got) == 15
