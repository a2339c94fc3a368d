"""A contact is verified by a code: asked for by the patient, sent there, accepted once."""

import json
import re
import shutil

import pytest

from service.demo.reviewers import PUBLISHER
from service.outreach.outbox import ChannelSetup
from service.outreach.port import Accepted, Reason, Transient
from service.outreach.verify import NO_TEXT
from service.platform.database.tables import contact_codes, contacts, tasks
from service.publishing import approvals
from service.publishing.approvals import RecallScope
from tests.folders import ROOT
from tests.service.outreach.people_reached import Reaching

ADDRESS, NUMBER = "p1@example.org", "+15055550178"
TEXT = ROOT / "content" / "nsclc" / "_texts" / "verification-code"


class Verifying:
    """A patient who has a mail address and a number, and what a sender does."""

    def __init__(self, clinic) -> None:
        self.clinic = clinic
        self.reaching = Reaching(clinic)
        self.reaching.outbox.channels["sms"] = ChannelSetup(self.reaching.mail)
        self.enrollment = clinic.enroll()
        self.own = clinic.token_of_patient("p1")
        self.email = self.add("email", ADDRESS)

    def add(self, channel: str, address, token: str | None = None) -> str:
        added = self.clinic.post("/v1/me/contacts", token or self.own, {"channel": channel, "address": address})
        return next(contact["id"] for contact in added["contacts"] if contact["channel"] == channel)

    def ask(self, contact: str | None = None, token: str | None = None):
        return self.clinic.post(f"/v1/me/contacts/{contact or self.email}/verification", token or self.own, None)

    @property
    def got(self) -> list:
        return [envelope for _, envelope in self.reaching.mail.got]

    def send(self) -> str:
        """Lets the sender work; returns the code in the last message."""
        self.reaching.work()
        return re.search(r"\b\d{6}\b", self.got[-1].text).group()

    def confirm(self, code: str, contact: str | None = None, token: str | None = None):
        path = f"/v1/me/contacts/{contact or self.email}/verification/confirmation"
        return self.clinic.post(path, token or self.own, {"code": code})

    def rows(self, table) -> list:
        return self.clinic.rows(table)

    def verified_by(self) -> list[str]:
        return [row.verified_by for row in self.rows(contacts)]


@pytest.fixture(scope="module")
def published_rows(publish_sample):
    """A journey with the shipped text of a code."""
    return publish_sample(lambda folder: shutil.copytree(TEXT, folder / "content" / "follow_up" / "_texts" / TEXT.name))


@pytest.fixture
def verifying(clinic) -> Verifying:
    return Verifying(clinic)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_verifies_a_contact_once(verifying):
    asked = verifying.ask()
    assert (asked.status, asked["contact"]) == (202, verifying.email)
    code = verifying.send()
    assert verifying.verified_by() == ["word"]
    (contact,) = verifying.confirm(code)["contacts"]
    assert contact["verified_by"] == "code"
    again = verifying.confirm(code)
    assert again.status == 422
    assert "No code is valid" in again["errors"]["code"][0]


def test_only_a_keyed_digest_of_the_code_is_stored(verifying):
    verifying.ask()
    code = verifying.send()
    (row,) = verifying.rows(contact_codes)
    assert code not in str(row)
    assert len(row.digest) == 64


def test_a_wrong_code_is_tried_five_times_at_most(verifying):
    verifying.ask()
    code = verifying.send()
    for _ in range(5):
        assert "not the code" in verifying.confirm(wrong(code))["errors"]["code"][0]
    assert "No code is valid" in verifying.confirm(code)["errors"]["code"][0]
    assert verifying.verified_by() == ["word"]


def test_a_code_is_valid_for_ten_minutes(verifying):
    verifying.ask()
    code = verifying.send()
    verifying.clinic.clock.pass_by(minutes=10)
    assert verifying.confirm(code).status == 422


def test_the_code_that_was_sent_last_counts(verifying):
    verifying.ask()
    first = verifying.send()
    verifying.clinic.clock.pass_by(seconds=30)
    verifying.ask()
    assert verifying.confirm(wrong(first)).status == 422
    second = verifying.send()
    assert verifying.confirm(first).status == 422
    assert verifying.confirm(second).status == 200


def test_an_address_is_sent_three_codes_an_hour_whoever_asks(verifying):
    assert [verifying.ask().status for _ in range(4)] == [202, 202, 202, 429]
    refused = verifying.ask()
    assert refused.headers["Retry-After"] == "3600"
    verifying.clinic.enroll("p2")
    other = verifying.clinic.token_of_patient("p2")
    assert verifying.ask(verifying.add("email", ADDRESS, other), other).status == 429
    assert verifying.ask(verifying.add("sms", NUMBER)).status == 202
    verifying.clinic.clock.pass_by(hours=1)
    assert verifying.ask().status == 202


def test_a_patient_asks_for_ten_codes_an_hour_whatever_the_addresses(verifying):
    """Also where each address is removed again, so that there is room for the next."""
    statuses = []
    for number in range(11):
        contact = verifying.add("sms", f"+150555501{number:02}")
        statuses.append(verifying.ask(contact).status)
        verifying.clinic.call("DELETE", f"/v1/me/contacts/{contact}", verifying.own)
    assert statuses == [202] * 10 + [429]
    assert verifying.ask().headers["Retry-After"] == "3600"
    verifying.clinic.enroll("p2")
    other = verifying.clinic.token_of_patient("p2")
    assert verifying.ask(verifying.add("sms", NUMBER, other), other).status == 202
    verifying.clinic.clock.pass_by(hours=1)
    assert verifying.ask().status == 202


def test_only_the_patient_asks_and_confirms(verifying):
    verifying.clinic.enroll("p2")
    for token, status in (
        (verifying.clinic.token_of_patient("p2"), 404),
        (verifying.clinic.token_of_family(verifying.enrollment), 404),
        (verifying.clinic.staff, 403),
        (verifying.clinic.phone, 403),
    ):
        assert verifying.ask(token=token).status == status
        assert verifying.confirm("012345", token=token).status == status


def test_a_code_of_another_contact_is_not_accepted(verifying):
    number = verifying.add("sms", NUMBER)
    verifying.ask()
    code = verifying.send()
    assert verifying.confirm(code, number).status == 422
    assert verifying.verified_by() == ["word", "word"]


@pytest.mark.parametrize("status", ["bad", "paused"])
def test_no_code_goes_to_an_address_that_is_not_used(verifying, status):
    with verifying.clinic.service.database.writing() as connection:
        connection.execute(contacts.update().values(status=status))
    assert verifying.ask().status == 409


def test_no_code_goes_by_post(verifying):
    assert verifying.ask(verifying.add("post", ["Rosa", "Calle Mayor 1"])).status == 422


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "１２３４５６", 123456, None])
def test_what_is_not_six_digits_is_not_a_try(verifying, code):
    verifying.ask()
    sent = verifying.send()
    for _ in range(6):
        assert verifying.confirm(code).status == 422
    assert verifying.confirm(sent).status == 200


# --- the message ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channel", "address"), [("email", ADDRESS), ("sms", NUMBER)])
def test_the_message_is_the_approved_text_with_the_code(verifying, channel, address):
    """At night and without any grant: the person asks for it at that moment."""
    verifying.clinic.clock.set("2026-07-02T01:00:00")
    verifying.ask(verifying.add(channel, address))
    code = verifying.send()
    envelope = verifying.got[-1]
    assert envelope.address == address
    assert code in envelope.text
    assert code in (envelope.html or code)
    assert code not in envelope.subject, "a subject is read on locked screens"
    assert (envelope.useful_until - verifying.clinic.clock()).total_seconds() == 600


def test_each_try_of_a_code_has_a_code_of_its_own(verifying):
    verifying.reaching.mail.answers = [Transient(Reason.BUSY), Accepted()]
    verifying.ask()
    first = verifying.send()
    verifying.clinic.clock.pass_by(minutes=1)
    second = verifying.send()
    assert first != second
    assert verifying.confirm(second).status == 200


def test_a_removed_contact_is_sent_no_code(verifying):
    verifying.ask()
    verifying.clinic.call("DELETE", f"/v1/me/contacts/{verifying.email}", verifying.own)
    verifying.reaching.work()
    assert verifying.got == []
    assert verifying.rows(tasks) == [], "staff cannot mend it"


def test_a_code_that_could_not_leave_in_time_never_does(verifying):
    verifying.ask()
    verifying.clinic.clock.pass_by(minutes=10)
    verifying.reaching.work()
    assert verifying.got == []


def test_where_the_text_was_recalled_no_code_can_be_asked_for(verifying):
    """A code that waits for an approval would never come, and the patient would wait for it."""
    clinic = verifying.clinic
    assert verifying.ask().status == 202
    scope = RecallScope("follow_up", TEXT.name)
    approvals.recall(clinic.service, PUBLISHER, scope, comment="Wrong.", now=clinic.clock())
    answer = verifying.ask()
    assert (answer.status, answer["detail"]) == (409, NO_TEXT)


def test_without_a_text_no_code_can_be_asked_for(verifying):
    verifying.clinic.publish()
    answer = verifying.ask()
    assert (answer.status, answer["detail"]) == (409, NO_TEXT)


def test_no_log_has_the_code_or_the_address(verifying, logs):
    verifying.ask()
    code = verifying.send()
    verifying.confirm(wrong(code))
    verifying.confirm(code)
    written = json.dumps(logs, default=str)
    assert logs
    assert code not in written
    assert "example.org" not in written


def test_a_caregiver_verifies_their_own_address(verifying):
    """Codes of a caregiver have the words of the patient's journey, and are the caregiver's alone."""
    caregiver = verifying.clinic.token_of_family(verifying.enrollment)
    contact = verifying.add("email", "aunt@example.org", caregiver)
    assert verifying.ask(contact, caregiver).status == 202
    code = verifying.send()
    assert verifying.got[-1].address == "aunt@example.org"
    assert verifying.confirm(code, contact).status == 404
    assert verifying.confirm(code, contact, caregiver)["contacts"][0]["verified_by"] == "code"
