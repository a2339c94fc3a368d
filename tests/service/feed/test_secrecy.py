"""Nothing that a patient is, says or must still be told is in the feed, a webhook, a log, an error or a metric."""

import json
import logging

import pytest

from service.feed.deliver import FeedTransports
from service.feed.webhook import WebhookChannel
from service.platform import metrics
from service.platform.database.tables import feed_deliveries, feed_endpoints, feed_entries
from tests.ports import free_port
from tests.service.feed.feeding import Feeding
from tests.service.feed.test_receiver import on_loopback
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.clients import loopback_client
from tests.service.platform.test_logs import CANARIES, everything

HOOK = "/canaryhook"


@pytest.mark.parametrize("status", [204, 301, 500])
def test_a_canary_is_in_no_event_log_error_or_metric(clinic, logs, caplog, capfd, status):
    caplog.set_level(logging.DEBUG)
    with http_server(answer(status, b"canaryanswer", Location="/canaryanswer")) as server:
        feeding = Feeding(clinic)
        channel = WebhookChannel(clinic.service.clock, loopback_client(server.port))
        feeding.transports = FeedTransports(clinic.service, {"http": channel})
        endpoint = on_loopback(clinic, feeding, server.url(HOOK))
        enrollment, tokens = everything(clinic)
        feeding.record(enrollment)
        feeding.work()
        assert server.requests
        bodies = "".join(request.body.decode() for request in server.requests)
    feed = json.dumps(feeding.read())
    output = capfd.readouterr()
    told = [json.dumps(logs, default=str), caplog.text, output.out, output.err, metrics.exposition().decode()]
    for canary in (*CANARIES, "canaryanswer", endpoint.secrets[0], *tokens):
        assert canary not in bodies + feed
        assert [text for text in told if canary in text] == []
    assert [text for text in told if "canaryhook" in text] == []


def test_a_receiver_that_is_down_is_named_in_no_log(clinic, logs):
    feeding = Feeding(clinic)
    port = free_port()
    channel = WebhookChannel(clinic.service.clock, loopback_client(port))
    feeding.transports = FeedTransports(clinic.service, {"http": channel})
    on_loopback(clinic, feeding, f"http://127.0.0.1:{port}{HOOK}")
    feeding.record(clinic.enroll())
    for _ in range(80):
        feeding.work()
        clinic.clock.pass_by(hours=1, minutes=20)
    assert "webhook-given-up" in {line["event"] for line in logs}
    assert "canary" not in json.dumps(logs, default=str)


def test_the_tables_hold_addresses_and_states_in_sealed_columns_alone(clinic):
    feeding = Feeding(clinic)
    feeding.endpoint()
    feeding.record(clinic.enroll())
    feeding.work()
    with clinic.service.database.reading() as connection:
        for table in (feed_entries, feed_endpoints, feed_deliveries):
            for row in connection.execute(table.select()).mappings():
                plain = str({name: value for name, value in row.items() if name != "payload"})
                assert "surveillance" not in plain
                assert "hooks.acme" not in plain


def test_webhooks_of_twins_are_equal_until_the_telling(clinic):
    """One patient has held news and one has not; everything else is the same."""
    feeding = Feeding(clinic)
    feeding.endpoint()
    with_news, without = clinic.enroll("p1"), clinic.enroll("p2")
    for enrollment in (with_news, without):
        feeding.record(enrollment)

    def got(enrollment):
        return [
            (envelope.type, envelope.time, envelope.data.get("state"))
            for _, envelope in feeding.receiver.got
            if envelope.subject == enrollment
        ]

    feeding.work()
    clinic.report(with_news, clinic.staff, "recurrence_confirmed")
    for hours in (1, 24 * 20, 24 * 40):
        clinic.clock.pass_by(hours=hours)
        for enrollment in (with_news, without):
            clinic.report(enrollment, clinic.phone, "asked_for_help")
        feeding.work()
    assert len(got(without)) > 6
    assert got(with_news) == got(without)
    clinic.clock.pass_by(hours=1)
    clinic.report(with_news, clinic.staff, "recurrence_discussed")
    feeding.work()
    assert "disease.recurrence" in str(got(with_news))
