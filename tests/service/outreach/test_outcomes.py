"""What a refusal during the call means for the message, its contact and the permission: the same as a later bounce."""

from datetime import timedelta

import pytest

from service.outreach.port import Accepted, OptedOut, Permanent, Reason, Transient
from service.platform.database.tables import contacts, permission_entries, receipts
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import DUE, states


@pytest.fixture
def reaching(clinic) -> Reaching:
    reaching = Reaching(clinic)
    reaching.reachable_patient()
    return reaching


def send(reaching, *answers) -> None:
    reaching.mail.answers = list(answers)
    reaching.clinic.clock.set(DUE)
    reaching.work()


@pytest.mark.parametrize(
    ("answer", "state", "contact", "is_logged"),
    [
        (Permanent(Reason.REFUSED, "5.1.1"), ("suppressed", "no_contact"), "bad", False),
        (Permanent(Reason.REFUSED, "5.2.2"), ("scheduled", "refused"), "good", False),
        (Permanent(Reason.REFUSED, "5.0.0"), ("failed", "refused"), "good", False),
        (Permanent(Reason.REFUSED, "5.7.1"), ("failed", "refused"), "good", True),
        (Permanent(Reason.REFUSED, "5.5.2"), ("failed", "refused"), "good", True),
        (Permanent(Reason.BAD_CONTENT), ("failed", "bad-content"), "good", False),
        (Permanent(Reason.BAD_ADDRESS), ("suppressed", "no_contact"), "bad", False),
        (Transient(Reason.REFUSED, "4.2.2"), ("scheduled", "refused"), "good", False),
    ],
)
def test_a_refusal_during_the_call(reaching, logs, answer, state, contact, is_logged):
    send(reaching, answer)
    assert states(reaching) == [state]
    assert [row.status for row in reaching.clinic.rows(contacts)] == [contact]
    assert [line["code"] for line in logs if line["event"] == "bounce-is-our-fault"] == [answer.code] * is_logged
    assert len(reaching.clinic.rows(receipts)) == int("." in answer.code)


def test_a_mailbox_that_is_full_on_three_days_is_bad(reaching):
    send(reaching, Permanent(Reason.REFUSED, "5.2.2"))
    while states(reaching)[0][0] == "scheduled":
        reaching.clinic.clock.pass_by(hours=8)
        reaching.work()
    assert [row.status for row in reaching.clinic.rows(contacts)] == ["bad"]
    assert len({row.at.date() for row in reaching.clinic.rows(receipts)}) == 3


def test_an_opt_out_at_the_carrier_revokes_in_its_name(reaching):
    send(reaching, OptedOut("21610"))
    assert states(reaching) == [("suppressed", "no_permission")]
    assert [row.kind for row in reaching.clinic.rows(permission_entries)] == ["grant", "revoke"]
    assert [row.kind for row in reaching.clinic.rows(receipts)] == ["opted_out"]


def test_another_contact_of_the_channel_begins_anew(reaching):
    """Tries are counted for one contact: the next is not given up because of the first."""
    own = reaching.clinic.token_of_patient("p1")
    second = {"channel": "email", "address": "second@example.org"}
    assert reaching.clinic.post("/v1/me/contacts", own, second).status == 200
    send(reaching, *[Transient(Reason.BUSY)] * 10, Permanent(Reason.REFUSED, "5.1.1"), Accepted())
    for _ in range(12):
        if states(reaching)[0][0] != "scheduled":
            break
        reaching.clinic.clock.pass_by(seconds=4500)
        reaching.work()
    assert states(reaching) == [("sent", None)]
    (message,) = reaching.messages()
    assert message.tries == 0
    assert message.ended_at - message.opened_at < timedelta(days=1)
    assert {envelope.address for _, envelope in reaching.mail.got} == {"p1@example.org", "second@example.org"}
