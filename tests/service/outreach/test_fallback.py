"""A piece with `fallback` goes by the next channel where no receipt says that it was delivered or seen."""

from datetime import timedelta
from functools import partial

import pytest

from journeys.outreach.incoming import ProviderReceipt
from service.outreach.listen import IncomingReceipt, take_receipt
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Permanent, Reason
from service.platform.inbound_sources import InboundSource
from tests.service.outreach.people_reached import Provider, Reaching
from tests.service.outreach.texted_reminder import text_reminder

NUMBER = "+34600777888"
DUE = "2026-07-29T10:00:00"  # noon in Madrid
TEXTS, MAIL = InboundSource("sms", "sms"), InboundSource("email", "email")


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey whose reminder goes by text message, and a day later by mail."""
    return publish_sample(partial(text_reminder, properties="fallback: P1D\n"))


@pytest.fixture
def reaching(clinic) -> Reaching:
    """A clinic with a patient who has a mobile number and mail."""
    reaching = Reaching(clinic)
    reaching.texts = Provider([Accepted("text-1")])
    reaching.outbox.channels["sms"] = ChannelSetup(reaching.texts)
    reaching.reachable_patient()
    own = clinic.token_of_patient("p1")
    assert clinic.post("/v1/me/contacts", own, {"channel": "sms", "address": NUMBER}).status == 200
    return reaching


def work_for(reaching, **time) -> None:
    end = reaching.clinic.clock() + timedelta(**time)
    while reaching.clinic.clock() < end:
        reaching.work()
        reaching.clinic.clock.pass_by(hours=3)
    reaching.work()


def tell(reaching, kind: str, source: InboundSource, provider_id: str) -> None:
    receipt = ProviderReceipt(f"{kind} {provider_id}", reaching.clinic.clock(), kind)
    take_receipt(reaching.clinic.service, source, IncomingReceipt(receipt=receipt, provider_id=provider_id))


def states(reaching) -> list:
    rows = sorted(reaching.messages(), key=lambda row: row.opened_at)
    return [(row.status, row.reason) for row in rows]


def test_without_a_receipt_the_next_channel_is_tried_after_that_time(reaching):
    reaching.clinic.clock.set(DUE)
    work_for(reaching, hours=21)
    assert (len(reaching.texts.got), len(reaching.mail.got)) == (1, 0)
    work_for(reaching, days=6)
    assert (len(reaching.texts.got), len(reaching.mail.got)) == (1, 1)
    assert states(reaching) == [("sent", None), ("sent", None)]
    first, second = reaching.attempts()
    assert second.at - first.at == timedelta(days=1)


@pytest.mark.parametrize("kind", ["delivered", "opened"])
def test_with_a_receipt_it_is_not(reaching, kind):
    reaching.clinic.clock.set(DUE)
    reaching.work()
    tell(reaching, kind, TEXTS, "text-1")
    work_for(reaching, days=6)
    assert reaching.mail.got == []
    assert states(reaching) == [("sent", None), ("cleared", "arrived")]


def test_a_bounce_is_no_receipt_of_delivery(reaching):
    reaching.clinic.clock.set(DUE)
    reaching.work()
    tell(reaching, "bounced", TEXTS, "text-1")
    work_for(reaching, days=2)
    assert len(reaching.mail.got) == 1


def test_a_patient_who_did_what_the_reminder_says_is_left_alone(reaching):
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = [row for row in reaching.messages() if row.status == "sent"]
    scanned = {"facts": {"last_scan_on": "2026-07-29"}}
    reaching.clinic.report(message.enrollment, reaching.clinic.phone, "scan_done", **scanned)
    work_for(reaching, days=3)
    assert reaching.mail.got == []
    assert states(reaching) == [("sent", None), ("cleared", "left")]


def test_a_revocation_of_the_other_channel_ends_the_fallback(reaching):
    reaching.clinic.clock.set(DUE)
    reaching.work()
    own = reaching.clinic.token_of_patient("p1")
    reaching.clinic.clock.pass_by(seconds=1)
    revoked = {"kind": "revoke", "channel": "email", "method": "app"}
    assert reaching.clinic.post("/v1/me/permissions", own, revoked).status == 201
    assert states(reaching) == [("sent", None), ("suppressed", "no_permission")]


def test_a_refused_text_message_goes_by_mail_at_once_and_has_no_fallback(reaching):
    """The next channel of the order is the gate's own answer to a bad address."""
    reaching.texts.answers = [Permanent(Reason.BAD_ADDRESS)]
    reaching.clinic.clock.set(DUE)
    work_for(reaching, days=6)
    assert (len(reaching.texts.got), len(reaching.mail.got)) == (1, 1)
    assert len(reaching.mail.got) == 1


def test_where_it_would_come_too_late_there_is_no_fallback(reaching):
    reaching.clinic.clock.set("2026-08-04T10:00:00")  # useful for another half a day
    work_for(reaching, days=3)
    assert (len(reaching.texts.got), len(reaching.mail.got)) == (1, 0)
    assert len(reaching.messages()) == 1
