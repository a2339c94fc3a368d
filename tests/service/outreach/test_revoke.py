"""A revocation, however it comes, ends what waits in the same transaction and names what is under way."""

import pytest

from service.outreach.port import Reason, Transient
from service.outreach.states import SENDING
from service.platform.database.tables import messages
from tests.service.outreach.people_reached import Reaching

ME = "/v1/me/permissions"
DUE = "2026-07-29T10:00:00"


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


@pytest.fixture
def own(reaching) -> str:
    """The token of a patient for whom a message waits for its next try."""
    reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert [row.status for row in reaching.messages()] == ["scheduled"]
    return reaching.clinic.token_of_patient("p1")


def revocation(reaching, token, **more):
    return reaching.clinic.post(ME, token, {"kind": "revoke", "method": "app"} | more)


def test_a_revocation_in_the_app_clears_the_queue(reaching, own):
    receipt = revocation(reaching, own)
    assert (receipt.status, receipt["under_way"]) == (201, [])
    ((status, reason),) = [(row.status, row.reason) for row in reaching.messages()]
    assert (status, reason) == ("suppressed", "no_permission")


def test_a_revocation_of_another_channel_leaves_the_message_waiting(reaching, own):
    revocation(reaching, own, channel="sms")
    assert [row.status for row in reaching.messages()] == ["scheduled"]


def test_a_message_under_way_is_named_in_the_receipt(reaching, own):
    (message,) = reaching.messages()
    with reaching.clinic.service.database.writing() as connection:
        connection.execute(messages.update().values(status=SENDING))
    assert revocation(reaching, own)["under_way"] == [message.id]
