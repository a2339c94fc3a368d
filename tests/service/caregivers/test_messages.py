"""Messages to caregivers: by their own contacts and permission, of what is shared, and none after the end."""

import pytest

from service.outreach.store.messages import find_message
from service.platform.database.tables import tasks
from tests.service.caregiving import accepted_caregiver
from tests.service.outreach.people_reached import Reaching

DUE = "2026-07-29T10:00:00"  # two weeks after the scan was due


@pytest.fixture
def reaching(clinic) -> Reaching:
    return Reaching(clinic)


class Aunt:
    """A caregiver who can be reached by e-mail, and who allows messages unless the test says otherwise."""

    def __init__(self, reaching, enrollment, *, allows=True, address="aunt@example.org", **grants) -> None:
        self.reaching, self.clinic = reaching, reaching.clinic
        accepted = accepted_caregiver(self.clinic.service, enrollment, **grants)
        self.id, self.token, self.person = accepted.caregiver.id, accepted.minted.text, accepted.caregiver.person
        if address:
            contact = {"channel": "email", "address": address}
            assert self.clinic.post("/v1/me/contacts", self.token, contact).status == 200
        if allows:
            reaching.record_of(self.person, "grant", by="caregiver")

    def end(self):
        answer = self.clinic.call("DELETE", f"/v1/me/caregivers/{self.id}", self.clinic.token_of_patient("p1"))
        assert answer.status == 200
        return answer


def addresses(reaching) -> list[str]:
    return sorted(envelope.address for _, envelope in reaching.mail.got)


def fates(reaching, person) -> list[tuple]:
    return [(row.status, row.reason) for row in reaching.messages() if row.person == person]


def stored_messages(reaching) -> list:
    with reaching.clinic.service.database.reading() as connection:
        return [find_message(connection, row.id) for row in reaching.messages()]


def send(reaching) -> None:
    reaching.clinic.clock.set(DUE)
    reaching.work()


def test_a_caregiver_gets_what_the_patient_gets_by_their_own_contact(reaching):
    enrollment = reaching.reachable_patient()
    aunt = Aunt(reaching, enrollment)
    send(reaching)
    assert addresses(reaching) == ["aunt@example.org", "p1@example.org"]
    envelopes = [envelope for _, envelope in reaching.mail.got]
    assert len({(envelope.subject, envelope.text) for envelope in envelopes}) == 1
    assert len({envelope.unsubscribe.url for envelope in envelopes}) == 2
    path = f"/v1/enrollments/{enrollment}/messages"
    patient = reaching.clinic.token_of_patient("p1")
    assert sorted(str(item["caregiver"]) for item in reaching.clinic.get(path, patient)["items"]) == ["None", aunt.id]
    (own,) = reaching.clinic.get(path, aunt.token)["items"]
    assert (own["caregiver"], own["status"], own["piece"]) == (aunt.id, "sent", "scan-reminder")
    sent = [item for item in reaching.clinic.get("/v1/me/disclosures", patient)["items"] if item["kind"] == "sent"]
    assert {(item["recipient"], item["caregiver"]) for item in sent} == {
        ("a…@example.org", aunt.id),
        ("p…@example.org", None),
    }


def test_the_permission_of_each_is_asked_for_itself(reaching):
    enrollment = reaching.reachable_patient(grants=False)
    aunt, uncle = Aunt(reaching, enrollment), Aunt(reaching, enrollment, allows=False, address="uncle@example.org")
    send(reaching)
    assert addresses(reaching) == ["aunt@example.org"]
    assert fates(reaching, aunt.person) == [("sent", None)]
    assert fates(reaching, uncle.person) == [("suppressed", "no_permission")]


@pytest.mark.parametrize(
    "grants",
    [{"reminded": []}, {"reminded": ["education", "treatment"]}, {"sees": ["course"]}, {"sees": []}],
    ids=str,
)
def test_what_is_not_shared_or_no_purpose_of_theirs_makes_no_message(reaching, grants):
    aunt = Aunt(reaching, reaching.reachable_patient(), **grants)
    send(reaching)
    assert addresses(reaching) == ["p1@example.org"]
    assert fates(reaching, aunt.person) == []


@pytest.mark.parametrize("change", [{"reminded": []}, {"sees": ["course"]}], ids=str)
def test_a_message_that_waits_ends_where_it_is_not_shared_any_more(reaching, change):
    enrollment = reaching.reachable_patient()
    aunt = Aunt(reaching, enrollment)
    pause = {"paused_until": "2026-07-30T10:00:00Z"}
    assert reaching.clinic.call("PUT", "/v1/me/preferences", aunt.token, json=pause).status == 200
    send(reaching)
    assert fates(reaching, aunt.person) == [("scheduled", "paused")]
    patient = reaching.clinic.token_of_patient("p1")
    assert reaching.clinic.call("PATCH", f"/v1/me/caregivers/{aunt.id}", patient, json=change).status == 200
    reaching.clinic.clock.set("2026-07-30T10:00:00")
    reaching.work()
    assert fates(reaching, aunt.person) == [("cleared", "not_shared")]
    assert addresses(reaching) == ["p1@example.org"]
    if "sees" in change:
        assert reaching.clinic.get(f"/v1/enrollments/{enrollment}/messages", aunt.token)["items"] == []


def test_the_end_of_a_caregiver_ends_the_messages_and_forgets_the_contacts(reaching):
    enrollment = reaching.reachable_patient()
    aunt = Aunt(reaching, enrollment)
    pause = {"paused_until": "2026-07-30T10:00:00Z"}
    reaching.clinic.call("PUT", "/v1/me/preferences", aunt.token, json=pause)
    send(reaching)
    aunt.end()
    assert fates(reaching, aunt.person) == [("cleared", "not_shared")]
    reaching.clinic.clock.set("2026-08-20T10:00:00")
    reaching.work()
    assert addresses(reaching) == ["p1@example.org"]
    staff = reaching.clinic.get(f"/v1/me/preferences?person={aunt.person}", reaching.clinic.staff)
    assert (staff["contacts"], staff["paused_until"], staff["time_zone"]) == ([], None, None)


def test_after_the_end_what_was_sent_is_still_accounted_for(reaching):
    enrollment = reaching.reachable_patient()
    aunt = Aunt(reaching, enrollment)
    send(reaching)
    aunt.end()
    patient = reaching.clinic.token_of_patient("p1")
    listed = reaching.clinic.get("/v1/me/disclosures", patient)["items"]
    assert ("removed", aunt.id) in {(item["recipient"], item["caregiver"]) for item in listed}


def test_nothing_is_sent_of_held_news(reaching):
    """A withheld event changes no message to a caregiver."""
    enrollment = reaching.reachable_patient()
    Aunt(reaching, enrollment)
    reaching.clinic.report(enrollment, reaching.clinic.staff, "recurrence_confirmed")
    send(reaching)
    assert addresses(reaching) == ["aunt@example.org", "p1@example.org"]
    assert {message.kind for message in stored_messages(reaching)} == {"reminder"}
    assert {message.piece for message in stored_messages(reaching)} == {"scan-reminder"}


def test_a_caregiver_without_an_address_opens_no_task(reaching):
    aunt = Aunt(reaching, reaching.reachable_patient(), address="")
    send(reaching)
    assert fates(reaching, aunt.person) == [("suppressed", "no_contact")]
    with reaching.clinic.service.database.reading() as connection:
        kinds = [row.kind for row in connection.execute(tasks.select()).all()]
    assert kinds == []


def test_a_caregiver_stops_their_own_messages_alone(reaching):
    aunt = Aunt(reaching, reaching.reachable_patient())
    revoked = reaching.clinic.post("/v1/me/permissions", aunt.token, {"kind": "revoke", "method": "app"})
    assert (revoked.status, revoked["by"]) == (201, "caregiver")
    send(reaching)
    assert addresses(reaching) == ["p1@example.org"]
