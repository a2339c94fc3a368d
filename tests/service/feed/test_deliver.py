"""Webhooks: in order, one at a time, only as the person allows, and nothing is lost."""

from datetime import timedelta

import pytest

from service.feed import deliver, endpoints
from service.feed.declare import EndpointRefused, add_endpoint
from service.feed.store.deliveries import list_deliveries
from service.operations.status import lateness_of, status_of
from service.outreach.port import Accepted, AnswerLost, Permanent, Reason, Transient
from service.platform.errors import NotFound
from tests.service.feed.feeding import URL, Feeding

BUSY = Transient(Reason.BUSY, "429")


def shared(clinic, *answers) -> tuple[Feeding, str]:
    """A feed with one endpoint, and a patient who shares with it."""
    feeding = Feeding(clinic, *answers)
    feeding.endpoint()
    enrollment = clinic.enroll()
    feeding.record(enrollment)
    return feeding, enrollment


def test_events_go_in_the_order_of_the_feed(clinic):
    feeding, enrollment = shared(clinic)
    clinic.report(enrollment, clinic.staff, "asked_for_help")
    feeding.work()
    assert feeding.receiver.ids == [event["id"] for event in feeding.read()]
    _, envelope = feeding.receiver.got[0]
    assert (envelope.url, envelope.type, envelope.subject) == (URL, "journeys.state.entered", enrollment)


@pytest.mark.parametrize(
    ("purpose", "more"),
    [
        (None, {}),  # everything leaves out sharing
        ("share:other", {}),
        ("share:acme", {"channel": "email"}),
        ("treatment", {}),
    ],
)
def test_without_permission_to_share_nothing_about_a_person_leaves(clinic, purpose, more):
    feeding = Feeding(clinic)
    feeding.endpoint()
    feeding.record(clinic.enroll(), purpose=purpose, **more)
    feeding.work()
    assert feeding.receiver.got == feeding.deliveries() == []


def test_what_was_passed_over_is_not_delivered_after_a_later_grant(clinic):
    feeding = Feeding(clinic)
    feeding.endpoint()
    enrollment = clinic.enroll()
    feeding.work()
    feeding.record(enrollment)
    feeding.work()
    assert feeding.receiver.got == []
    clinic.report(enrollment, clinic.staff, "asked_for_help")
    feeding.work()
    assert [envelope.type for _, envelope in feeding.receiver.got] == [
        "journeys.state.left",
        "journeys.state.entered",
        "journeys.task.opened",
    ]


def test_nothing_leaves_after_a_revocation_or_the_end_of_a_grant(clinic):
    feeding = Feeding(clinic, BUSY)
    feeding.endpoint()
    first, second = clinic.enroll("p1"), clinic.enroll("p2")
    feeding.record(first)
    feeding.record(second, until=clinic.clock() + timedelta(minutes=5))
    feeding.work()
    assert len(feeding.receiver.got) == 1
    feeding.record(first, "revoke", None)
    clinic.clock.pass_by(minutes=10)
    feeding.work()
    assert len(feeding.receiver.got) == 1


def test_an_endpoint_of_a_journey_gets_no_other(clinic):
    feeding = Feeding(clinic)
    feeding.endpoint(journey="another")
    feeding.record(clinic.enroll())
    feeding.work()
    assert feeding.receiver.got == []


def test_a_failure_is_tried_again_later_and_holds_up_what_follows(clinic):
    feeding, _ = shared(clinic, BUSY, AnswerLost(Reason.TIMEOUT), Accepted())
    feeding.work()
    assert len(feeding.receiver.got) == 1
    clinic.clock.pass_by(seconds=29)
    feeding.work()
    assert len(feeding.receiver.got) == 1
    clinic.clock.pass_by(seconds=20)
    feeding.work()
    clinic.clock.pass_by(seconds=100)
    feeding.work()
    first, second = (event["id"] for event in feeding.read())
    assert feeding.receiver.ids == [first, first, first, second]
    assert [row.result for row in feeding.deliveries()] == ["refused", "lost", "accepted", "accepted"]


def test_a_receiver_says_how_long_to_wait(clinic):
    feeding, _ = shared(clinic, Transient(Reason.BUSY, "429", timedelta(hours=2)), Accepted())
    feeding.work()
    clinic.clock.pass_by(minutes=119)
    feeding.work()
    assert len(feeding.receiver.got) == 1
    clinic.clock.pass_by(minutes=2)
    feeding.work()
    assert len(feeding.receiver.got) == 3


def test_one_endpoint_that_fails_holds_up_no_other(clinic):
    feeding = Feeding(clinic)
    feeding.endpoint("acme")
    feeding.endpoint("other")
    enrollment = clinic.enroll()
    feeding.record(enrollment)
    feeding.record(enrollment, purpose="share:other")
    feeding.publish()
    feeding.receiver.answers = [BUSY, Accepted()]
    feeding.deliver()
    assert sorted(endpoint.position for endpoint in endpoints.list_endpoints(clinic.service)) == [0, 2]


def test_an_endpoint_that_fails_for_three_days_is_given_up_and_status_says_so(clinic, logs):
    feeding, _ = shared(clinic, Transient(Reason.PROVIDER_FAILED, "500"))
    endpoint = endpoints.list_endpoints(clinic.service)[0]
    for _ in range(74):
        feeding.work()
        clinic.clock.pass_by(hours=1, minutes=20)
    (failed,) = endpoints.list_endpoints(clinic.service)
    assert (failed.status, failed.position) == ("failed", endpoint.position)
    assert [line["endpoint"] for line in logs if line["event"] == "webhook-given-up"] == [endpoint.id]
    status = status_of(clinic.service, lateness_of(clinic.config))
    assert [(line.name, line.is_good) for line in status.lines][-1] == ("webhooks", False)
    count = len(feeding.receiver.got)
    feeding.receiver.answers = [Accepted()]
    endpoints.enable_endpoint(clinic.service, endpoint.id)
    feeding.work()
    assert feeding.receiver.ids[count:] == [event["id"] for event in feeding.read()]


@pytest.mark.parametrize("reason", [Reason.ENDED, Reason.BAD_ADDRESS])
def test_an_endpoint_that_does_not_exist_any_more_is_given_up_at_once(clinic, reason):
    feeding, _ = shared(clinic, Permanent(reason, "410" if reason == Reason.ENDED else ""))
    feeding.work()
    assert [endpoint.status for endpoint in endpoints.list_endpoints(clinic.service)] == ["failed"]


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled(clinic):
    feeding, _ = shared(clinic)
    (endpoint,) = endpoints.list_endpoints(clinic.service)
    endpoints.disable_endpoint(clinic.service, endpoint.id)
    feeding.work()
    assert feeding.receiver.got == []
    endpoints.enable_endpoint(clinic.service, endpoint.id)
    feeding.work()
    assert len(feeding.receiver.got) == 2


def test_a_replay_sends_the_same_ids_again_as_permitted_now(clinic):
    feeding, enrollment = shared(clinic)
    feeding.work()
    (endpoint,) = endpoints.list_endpoints(clinic.service)
    first, second = feeding.receiver.ids
    endpoints.replay(clinic.service, endpoint.id, first)
    feeding.work()
    endpoints.replay(clinic.service, endpoint.id, None)
    feeding.work()
    assert feeding.receiver.ids == [first, second, second, first, second]
    feeding.record(enrollment, "revoke", "share:acme")
    endpoints.replay(clinic.service, endpoint.id, None)
    feeding.work()
    assert len(feeding.receiver.got) == 5


def test_a_replay_during_a_delivery_is_not_undone_by_its_outcome(clinic):
    feeding, _ = shared(clinic)
    feeding.publish()
    (endpoint,) = endpoints.list_endpoints(clinic.service)
    first = feeding.read()[0]["id"]

    def replayed():
        clinic.clock.pass_by(seconds=1)
        endpoints.replay(clinic.service, endpoint.id, None)
        return Accepted()

    feeding.receiver.answers = [replayed, Accepted()]
    feeding.deliver()
    assert feeding.receiver.ids[:2] == [first, first]


class Killed(BaseException):
    """The process ends here."""


def killed():
    raise Killed


def test_a_worker_that_dies_is_followed_by_another_after_its_lease(clinic):
    feeding, _ = shared(clinic, killed, Accepted())
    feeding.publish()
    with pytest.raises(Killed):
        feeding.deliver()
    feeding.deliver()
    assert len(feeding.receiver.got) == 1
    clinic.clock.pass_by(seconds=61)
    feeding.deliver()
    first, second = (event["id"] for event in feeding.read())
    assert feeding.receiver.ids == [first, first, second]
    assert [row.result for row in feeding.deliveries()] == ["begun", "accepted", "accepted"]


def test_a_permission_that_was_asked_too_long_ago_is_asked_again(clinic, monkeypatch):
    feeding, _ = shared(clinic)
    feeding.publish()
    times = iter([0.0, 9.0])
    monkeypatch.setattr(deliver, "monotonic", lambda: next(times, 9.0))
    feeding.deliver()
    assert [row.result for row in feeding.deliveries()] == ["not_sent", "accepted", "accepted"]


def test_deliveries_say_when_to_whom_what_and_why(clinic):
    feeding, enrollment = shared(clinic, Permanent(Reason.BAD_CONTENT), Accepted())
    feeding.work()
    (endpoint,) = endpoints.list_endpoints(clinic.service)
    endpoints.enable_endpoint(clinic.service, endpoint.id)
    feeding.work()
    with clinic.service.database.reading() as connection:
        past = list_deliveries(connection, feeding.person_of(enrollment))
    assert {each.enrollment for each in past} == {enrollment}
    deliveries = [each.delivery for each in past]
    assert [(each.at, each.recipient, each.kind, each.result) for each in deliveries] == [
        (clinic.clock(), "acme", "state.entered", "accepted")
    ] * 2
    assert [each.entry for each in deliveries] == [event["id"] for event in feeding.read()]
    assert [each.sequence for each in deliveries] == [3, 4]  # after the grant, and an attempt that sent nothing


@pytest.mark.parametrize(
    ("url", "recipient", "message"),
    [
        ("http://hooks.acme.example:443/", "acme", "The address must be https."),
        ("https://hooks.acme.example:8443/", "acme", "The port must be one of 443."),
        ("https://user@hooks.acme.example/", "acme", "The address must be https://host/path"),
        (URL, "Acme Inc.", "The recipient must be 1 to 63 lower-case letters"),
    ],
)
def test_an_endpoint_that_cannot_work_is_refused_when_it_is_added(clinic, url, recipient, message):
    with pytest.raises(EndpointRefused, match=message):
        add_endpoint(clinic.service, url, recipient, None)


def test_an_unknown_endpoint_or_event_is_named(clinic):
    endpoint = Feeding(clinic).endpoint()
    for call in (endpoints.disable_endpoint, endpoints.enable_endpoint):
        with pytest.raises(NotFound, match="No endpoint has this id"):
            call(clinic.service, "unknown")
    with pytest.raises(NotFound, match="No event of the feed has this id"):
        endpoints.replay(clinic.service, endpoint.id, "unknown")
