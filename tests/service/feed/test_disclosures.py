"""The accounting of disclosures: everything that left about a person, for those who may know, and nothing held."""

import json

import pytest

from service.access.caller import Caller
from service.feed.disclosures import account_disclosures
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from service.platform.database.tables import feed_entries
from tests.service.cli.test_commands import run
from tests.service.feed.feeding import Feeding
from tests.service.outreach.listening_clinic import Listening
from tests.service.outreach.test_send import DUE

ME = "/v1/me/disclosures"


@pytest.fixture
def listening(clinic) -> Listening:
    return Listening(clinic)


@pytest.fixture
def own(listening) -> str:
    """The token of a patient who has read the page and then got a reminder by mail."""
    enrollment = listening.reachable_patient()
    own = listening.clinic.token_of_patient("p1")
    listening.clinic.get(f"/v1/enrollments/{enrollment}/content", own)
    listening.clinic.clock.set(DUE)
    listening.work()
    return own


def items(listening, token, query="") -> list[dict]:
    return listening.clinic.pages(f"{ME}?limit=100{query}", token)


def test_pieces_and_messages_are_listed_oldest_first_with_date_recipient_what_and_why(listening, own):
    shown, *_, sent = items(listening, own)
    assert (shown["kind"], shown["channel"], shown["recipient"]) == ("shown", "web", "app")
    assert (shown["at"], shown["journey"], shown["version"]) == ("2026-07-01T09:00:00Z", "follow_up", 1)
    assert shown["purpose"] in ("education", "treatment", "adherence")
    assert sent == {
        "at": "2026-07-29T10:00:00Z",
        "kind": "sent",
        "channel": "email",
        "recipient": "p…@example.org",
        "journey": "follow_up",
        "piece": "scan-reminder",
        "version": 1,
        "locale": "en",
        "event": None,
        "purpose": sent["purpose"],
        "caregiver": None,
    }
    times = [item["at"] for item in items(listening, own)]
    assert times == sorted(times)


def test_pages_and_a_first_day_cut_the_list(listening, own):
    everything = items(listening, own)
    assert len(everything) > 2
    assert listening.clinic.pages(f"{ME}?limit=1", own) == everything
    assert items(listening, own, "&since=2026-07-02T00:00:00Z") == [everything[-1]]
    assert items(listening, own, "&since=2030-01-01T00:00:00Z") == []
    assert listening.clinic.get(f"{ME}?since=2026-07-02", own).status == 422
    assert listening.clinic.get(f"{ME}?cursor=x", own).status == 422


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (Accepted("a"), True),
        (AnswerLost(Reason.TIMEOUT), True),
        (Transient(Reason.BUSY), False),
        (Permanent(Reason.REFUSED), False),
    ],
    ids=["accepted", "lost", "busy", "refused"],
)
def test_only_what_may_have_arrived_counts_as_sent(listening, answer, counts):
    listening.send(answer=answer)
    own = listening.clinic.token_of_patient("p1")
    assert [item["kind"] for item in items(listening, own)].count("sent") == counts


def test_the_address_is_masked_and_one_that_was_removed_is_said_to_be(listening, own):
    answer = listening.clinic.get(ME, own)
    assert b"p1@example.org" not in answer.data
    (contact,) = listening.clinic.get("/v1/me/preferences", own)["contacts"]
    assert listening.clinic.call("DELETE", f"/v1/me/contacts/{contact['id']}", own).status == 200
    assert items(listening, own)[-1]["recipient"] == "removed"


def test_what_staff_read_is_not_shown_to_the_patient(listening):
    enrollment = listening.reachable_patient()
    before = items(listening, listening.clinic.token_of_patient("p1"))
    listening.clinic.clock.set(DUE)
    listening.clinic.get(f"/v1/enrollments/{enrollment}/content", listening.clinic.staff)
    assert items(listening, listening.clinic.token_of_patient("p1")) == before


def test_staff_read_it_by_person(listening, own):
    person = listening.clinic.get(ME, own)["person"]
    assert items(listening, listening.clinic.staff, f"&person={person}") == items(listening, own)
    assert listening.clinic.get(ME, listening.clinic.staff).status == 422
    assert listening.clinic.get(f"{ME}?person=nobody", listening.clinic.staff).status == 404


def test_nobody_reads_that_of_another(listening, own):
    person = listening.clinic.get(ME, own)["person"]
    other = listening.reachable_patient("p2")
    listening.clinic.get(f"/v1/enrollments/{other}/content", listening.clinic.token_of_patient("p2"))
    assert listening.clinic.get(f"{ME}?person={person}", listening.clinic.token_of_patient("p2")).status == 404
    assert {item["at"] for item in items(listening, listening.clinic.token_of_patient("p2"))} == {
        "2026-07-29T10:00:00Z"
    }
    assert listening.clinic.get(ME, listening.clinic.token_of_family(other)).status == 403
    assert listening.clinic.get(f"{ME}?person={person}", listening.clinic.phone).status == 403


@pytest.mark.parametrize("bound", [{"journey": "another"}, {"enrollments": frozenset({"another"})}])
def test_a_token_sees_nothing_of_what_it_is_not_bound_to(listening, own, bound):
    def account(**more):
        patient = Caller("", "p1", frozenset({"read"}), "patient", patient_ref="p1", **more)
        answer = account_disclosures(listening.clinic.service, patient, None, since=None, after=0, count=100)
        return answer.page.items

    assert account(**bound) == []
    assert len(account(journey="follow_up")) == len(items(listening, own))


def test_a_piece_that_was_read_in_two_languages_left_twice(listening, own):
    (enrollment,) = listening.clinic.enrolled
    for locale in ("en", "es", "en"):
        listening.clinic.get(f"/v1/enrollments/{enrollment}/content?locale={locale}", own)
    shown = [
        (item["piece"], item["locale"]) for item in items(listening, own, f"&since={DUE}Z") if item["kind"] == "shown"
    ]
    assert len(shown) == len(set(shown))
    assert {locale for _, locale in shown} == {"en", "es"}


def test_news_that_is_held_is_not_in_it_until_it_is_told(listening, own):
    clinic = listening.clinic
    (enrollment,) = clinic.enrolled
    clinic.report(enrollment, own, "scan_done", "2026-07-20", facts={"last_scan_on": "2026-07-20"})
    clinic.get(f"/v1/enrollments/{enrollment}/content", own)
    before = clinic.get(ME, own)
    clinic.report(enrollment, clinic.staff, "scan_result_reported", facts={"scan_result": "suspicious"})
    clinic.get(f"/v1/enrollments/{enrollment}/content", clinic.staff)
    clinic.get(f"/v1/enrollments/{enrollment}/content", own)
    after = clinic.get(ME, own)
    assert (after.headers, after.data) == (before.headers, before.data)
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    clinic.get(f"/v1/enrollments/{enrollment}/content", own)
    assert len(items(listening, own)) > len(before["items"])


def test_the_command_prints_it(listening, own, database_url):
    person = listening.clinic.get(ME, own)["person"]
    options = ("disclosures", "--person", person, "--database", database_url)
    assert json.loads(run(*options, "--format", "json").stdout) == items(listening, own)
    lines = run(*options, "--since", "2026-07-02").stdout.splitlines()
    assert lines[0].split()[:4] == ["when", "how", "channel", "recipient"]
    assert lines[1].split()[:4] == ["2026-07-29T10:00:00Z", "sent", "email", "p…@example.org"]
    assert lines[2] == "1 disclosure."
    assert "2026-01-15" in run(*options, "--since", "yesterday", code=2).output
    run("disclosures", "--person", "nobody", "--database", database_url, code=2)


# --- deliveries to other systems -----------------------------------------------------------------------------


def delivered(listening, token, query="") -> list[dict]:
    return [item for item in items(listening, token, query) if item["kind"] == "delivered"]


@pytest.fixture
def feeding(clinic) -> Feeding:
    """A feed that is delivered to a system, to which a patient allows it."""
    feeding = Feeding(clinic)
    feeding.endpoint()
    feeding.record(clinic.enroll())
    feeding.work()
    return feeding


def test_what_was_delivered_is_listed_with_the_system_the_kind_of_event_and_the_permission(feeding, listening):
    own = listening.clinic.token_of_patient("p1")
    first, *others = delivered(listening, own)
    assert first == {
        "at": "2026-07-01T09:00:00Z",
        "kind": "delivered",
        "channel": "webhook",
        "recipient": "acme",
        "journey": "follow_up",
        "piece": None,
        "version": None,
        "locale": None,
        "event": "state.entered",
        "purpose": "share:acme",
        "caregiver": None,
    }
    assert len(feeding.receiver.got) == 1 + len(others)
    person = listening.clinic.get(ME, own)["person"]
    assert delivered(listening, listening.clinic.staff, f"&person={person}") == [first, *others]


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (Accepted(), True),
        (AnswerLost(Reason.TIMEOUT), True),
        (Transient(Reason.BUSY, "429"), True),  # it was received, and answered
        (Permanent(Reason.BAD_ADDRESS), False),
    ],
    ids=["accepted", "lost", "refused", "not-sent"],
)
def test_only_what_may_have_been_received_counts_as_delivered(clinic, listening, answer, counts):
    feeding = Feeding(clinic, answer)
    feeding.endpoint()
    feeding.record(clinic.enroll())
    feeding.work()
    assert bool(delivered(listening, clinic.token_of_patient("p1"))) is counts


@pytest.mark.parametrize(
    ("bound", "sees_stored", "sees_unknown"),
    [
        ({}, True, True),
        ({"journey": "follow_up"}, True, False),
        ({"journey": "another"}, False, False),
        ({"enrollments": frozenset({"another"})}, False, False),
    ],
)
def test_deliveries_outlive_their_events(feeding, clinic, bound, sees_stored, sees_unknown):
    """Of an event that is not stored any more nobody knows the enrollment."""
    patient = Caller("", "p1", frozenset({"read"}), "patient", patient_ref="p1", **bound)

    def journeys() -> list[str | None]:
        page = account_disclosures(clinic.service, patient, None, since=None, after=0, count=100).page
        return [item.journey for item in page.items if item.kind == "delivered"]

    number = len(feeding.receiver.got)
    assert journeys() == ["follow_up"] * number * sees_stored
    with clinic.service.database.writing() as connection:
        connection.execute(feed_entries.delete())
    assert journeys() == [None] * number * sees_unknown


def test_nothing_is_delivered_of_news_that_is_held(feeding, listening):
    clinic = listening.clinic
    own, (enrollment,) = clinic.token_of_patient("p1"), clinic.enrolled
    clinic.clock.set(DUE)
    clinic.report(enrollment, own, "scan_done", "2026-07-20", facts={"last_scan_on": "2026-07-20"})
    feeding.work()
    before, number = clinic.get(ME, own), len(delivered(listening, own))
    clinic.report(enrollment, clinic.staff, "scan_result_reported", facts={"scan_result": "suspicious"})
    feeding.work()
    after = clinic.get(ME, own)
    assert (after.headers, after.data) == (before.headers, before.data)
    clinic.report(enrollment, clinic.staff, "recurrence_discussed")
    feeding.work()
    assert len(delivered(listening, own)) > number
