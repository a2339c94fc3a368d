"""Topics: a person switches them off and on, or allows and revokes by topic, and gets no message of what is off."""

import pytest
from sqlalchemy import select

from service.outreach.outbox import ChannelSetup
from service.outreach.port import Reason, Transient
from service.outreach.post import PostChannel
from service.outreach.printing import print_letters
from service.platform.database.tables import letters
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.sample_topics import publish_with_topics

ME = "/v1/me/preferences"
DUE = "2026-07-29T10:00:00"
NAMES = {"en": {"scans": "Tests", "reading": "Things to read"}, "es": {"scans": "Pruebas", "reading": "Lecturas"}}


@pytest.fixture
def reaching(clinic, tmp_path) -> Reaching:
    publish_with_topics(clinic, tmp_path)
    return Reaching(clinic)


@pytest.fixture
def prefer(reaching):
    """Sets preferences of the patient p1, and returns the answer."""
    return lambda **chosen: reaching.clinic.call("PUT", ME, reaching.clinic.token_of_patient("p1"), json=chosen)


def are_on(answer) -> dict[str, bool]:
    return {topic["key"]: topic["on"] for topic in answer["topics"]}


def fate(reaching) -> list[tuple]:
    return [(row.status, row.reason) for row in reaching.messages()]


@pytest.mark.parametrize("language", ["en", "es"])
def test_topics_are_listed_by_name_in_the_language_of_the_person(reaching, prefer, language):
    reaching.reachable_patient()
    prefer(language=language)
    answer = reaching.clinic.get(ME, reaching.clinic.token_of_patient("p1"))
    assert {topic["key"]: topic["name"] for topic in answer["topics"]} == NAMES[language]
    assert are_on(answer) == {"scans": True, "reading": True}


def test_a_topic_is_switched_off_and_on_again(reaching, prefer):
    reaching.reachable_patient()
    off = prefer(topics_off=["scans"])
    assert are_on(off) == {"scans": False, "reading": True}
    assert reaching.clinic.get(ME, reaching.clinic.token_of_patient("p1")).json == off.json
    assert are_on(prefer(channels=["email"])) == {"scans": False, "reading": True}, "topics that are left out stay"
    assert are_on(prefer(topics_off=[])) == {"scans": True, "reading": True}


@pytest.mark.parametrize("topics", [["smoking"], ["scans", "smoking"], ["scans", "scans"], ["x" * 65], "scans", [1]])
def test_a_topic_of_no_journey_of_the_person_is_refused(reaching, prefer, topics):
    reaching.reachable_patient()
    answer = prefer(topics_off=topics)
    assert answer.status == 422
    assert next(iter(answer["errors"])).startswith("topics_off")
    assert are_on(reaching.clinic.get(ME, reaching.clinic.token_of_patient("p1"))) == {"scans": True, "reading": True}


def test_the_error_names_what_is_accepted(reaching, prefer):
    reaching.reachable_patient()
    assert prefer(topics_off=["smoking"])["errors"] == {"topics_off": ["Unknown topic. Accepted: reading, scans."]}


def test_topics_of_a_journey_that_the_token_may_not_see_are_not_listed(reaching):
    reaching.reachable_patient()
    for journey, keys in (("follow_up", ["scans", "reading"]), ("other", [])):
        own = reaching.clinic.token_of_patient("p1", journey)
        assert [topic["key"] for topic in reaching.clinic.get(ME, own)["topics"]] == keys


def test_a_token_switches_no_topic_that_it_cannot_see(reaching, prefer):
    """That of one journey neither reads nor changes what the patient chose for the others."""
    reaching.reachable_patient()
    prefer(topics_off=["scans"])
    clinic = reaching.clinic
    other = clinic.token_of_patient("p1", "other")
    answer = clinic.call("PUT", ME, other, json={"topics_off": []})
    assert (answer.status, answer["topics"]) == (200, [])
    refused = clinic.call("PUT", ME, other, json={"topics_off": ["reading"]})
    assert refused["errors"] == {"topics_off": ["Unknown topic. Accepted: none."]}
    assert are_on(clinic.get(ME, clinic.token_of_patient("p1"))) == {"scans": False, "reading": True}


def test_names_whose_signatures_ended_are_not_shown(reaching, prefer):
    reaching.reachable_patient()
    reaching.clinic.clock.pass_by(days=800)
    assert prefer(topics_off=[])["topics"] == []
    assert prefer(topics_off=["reading"]).status == 422


def test_topics_of_a_journey_that_ended_or_was_entered_in_error_are_not_listed(reaching):
    """Anybody who has a mail of the patient can open the page that lists them."""
    enrollment = reaching.reachable_patient()
    clinic = reaching.clinic
    clinic.report(enrollment, clinic.staff, "left")
    assert clinic.get(ME, clinic.token_of_patient("p1"))["topics"] == []


def test_a_person_whose_journeys_have_no_topics_can_switch_none_off(clinic):
    clinic.enroll()
    own = clinic.token_of_patient("p1")
    assert clinic.get(ME, own)["topics"] == []
    refused = clinic.call("PUT", ME, own, json={"topics_off": ["scans"]})
    assert refused["errors"] == {"topics_off": ["Unknown topic. Accepted: none."]}


@pytest.mark.parametrize(
    ("off", "end"), [([], ("sent", None)), (["reading"], ("sent", None)), (["scans"], ("suppressed", "topic_off"))]
)
def test_a_message_of_a_topic_that_is_off_is_never_sent(reaching, prefer, off, end):
    reaching.reachable_patient()
    prefer(topics_off=off)
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert fate(reaching) == [end]
    prefer(topics_off=[])
    reaching.clinic.clock.pass_by(hours=1)
    reaching.work()
    assert fate(reaching) == [end], "final for this occasion"


def test_a_topic_that_is_switched_off_ends_a_message_that_waits(reaching, prefer):
    reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert fate(reaching) == [("scheduled", "busy")]
    prefer(topics_off=["scans"])
    reaching.clinic.clock.pass_by(hours=1)
    reaching.work()
    assert fate(reaching) == [("suppressed", "topic_off")]
    assert len(reaching.mail.got) == 1


def test_explain_says_that_the_topic_was_switched_off(reaching, prefer):
    enrollment = reaching.reachable_patient()
    prefer(topics_off=["scans"])
    reaching.clinic.clock.set(DUE)
    reaching.work()
    (message,) = reaching.clinic.get(f"/v1/enrollments/{enrollment}/explain", reaching.clinic.staff)["messages"]
    assert message["why"] == "Not sent: the patient switched its topic off."


# --- permission by topic ------------------------------------------------------------------------------------------


def revoke(reaching, topic: str):
    body = {"kind": "revoke", "method": "app", "topic": topic}
    return reaching.clinic.post("/v1/me/permissions", reaching.clinic.token_of_patient("p1"), body)


@pytest.mark.parametrize(("topic", "end"), [("scans", ("suppressed", "no_permission")), ("reading", ("sent", None))])
def test_a_revocation_by_topic_holds_back_its_messages_alone(reaching, topic, end):
    reaching.reachable_patient()
    assert (revoke(reaching, topic).status, revoke(reaching, topic)["topic"]) == (201, topic)
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert fate(reaching) == [end]


@pytest.mark.parametrize(
    ("topic", "end"), [("scans", ("suppressed", "no_permission")), ("reading", ("scheduled", "busy"))]
)
def test_a_revocation_by_topic_clears_its_messages_from_the_queue_at_once(reaching, topic, end):
    reaching.reachable_patient()
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert revoke(reaching, topic).status == 201
    assert fate(reaching) == [end]


def test_a_revocation_of_something_else_leaves_what_a_topic_allows_in_the_queue(reaching):
    enrollment = reaching.reachable_patient(grants=False)
    reaching.record(enrollment, "grant", topic="scans")
    reaching.mail.answers = [Transient(Reason.BUSY)]
    reaching.clinic.clock.set(DUE)
    reaching.work()
    assert revoke(reaching, "reading").status == 201
    assert fate(reaching) == [("scheduled", "busy")]


def test_an_entry_of_an_unknown_topic_is_refused_and_records_nothing(reaching):
    reaching.reachable_patient(grants=False)
    answer = revoke(reaching, "scan")
    assert (answer.status, answer["errors"]) == (422, {"topic": ["Unknown topic. Accepted: reading, scans."]})
    own = reaching.clinic.token_of_patient("p1")
    assert reaching.clinic.get("/v1/me/permissions", own)["entries"] == []


# --- letters ------------------------------------------------------------------------------------------------------


@pytest.fixture
def posting(clinic, tmp_path) -> Reaching:
    """A clinic that reaches the patient p1 by post alone, and has queued a letter."""
    publish_with_topics(clinic, tmp_path, "web, post")
    posting = Reaching(clinic)
    post = PostChannel(clinic.service, ("Riverside Clinic", "1 Main St", "Santa Fe, NM"))
    posting.outbox.channels["post"] = ChannelSetup(post, tells_repeats=True)
    posting.reachable_patient()
    body = {"channel": "post", "address": ["Ana Ruiz", "Calle Mayor 1", "28001 Madrid"]}
    assert clinic.post("/v1/me/contacts", clinic.token_of_patient("p1"), body).status == 200
    clinic.clock.set(DUE)
    posting.work()
    assert statuses(posting) == ["queued"]
    return posting


def statuses(posting) -> list[str]:
    with posting.clinic.service.database.reading() as connection:
        return list(connection.execute(select(letters.c.status)).scalars())


@pytest.mark.parametrize(("topic", "status"), [("scans", "withdrawn"), ("reading", "queued")])
def test_a_revocation_by_topic_withdraws_its_letters(posting, topic, status):
    assert revoke(posting, topic).status == 201
    assert statuses(posting) == [status]


@pytest.mark.parametrize(("topic", "end"), [("scans", "withdrawn"), ("reading", "printed")])
def test_a_letter_of_a_topic_that_was_switched_off_is_not_printed(posting, topic, end):
    own = posting.clinic.token_of_patient("p1")
    assert posting.clinic.call("PUT", ME, own, json={"topics_off": [topic]}).status == 200
    print_letters(posting.clinic.service, "a4")
    assert statuses(posting) == [end]
