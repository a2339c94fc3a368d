"""A real receiver on loopback, which is killed, answers in every way, and checks each signature by the library."""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from standardwebhooks import Webhook

from service.feed import endpoints
from service.feed.deliver import FeedTransports
from service.feed.store.endpoints import add_endpoint
from service.feed.webhook import WebhookChannel
from service.platform import clock as clocks
from service.platform.outgoing import OutgoingClient, OutgoingRules
from service.platform.public_address import system_addresses
from tests.ports import free_port
from tests.service.feed.feeding import Feeding
from tests.service.loopback_http import answer, http_server
from tests.service.outreach.clients import loopback_client

#: A receiver that writes each id to a file, with a sync, before it answers.
RECEIVER = """
import http.server, json, os, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[2], "a") as file:
            file.write(json.dumps([self.headers["webhook-id"], dict(self.headers), body.decode()]) + "\\n")
            file.flush()
            os.fsync(file.fileno())
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
"""


def sending(clinic, port: int) -> Feeding:
    """A feed whose endpoint is a receiver on loopback."""
    feeding = Feeding(clinic)
    feeding.transports = FeedTransports(clinic.service, {"http": WebhookChannel(clocks.present, loopback_client(port))})
    return feeding


def on_loopback(clinic, feeding: Feeding, url: str):
    """An endpoint at an address that cannot be added otherwise."""
    added = replace(feeding.endpoint(), id="loopback", url=url)
    endpoints.disable_endpoint(clinic.service, endpoints.list_endpoints(clinic.service)[0].id)
    with clinic.service.database.writing() as connection:
        add_endpoint(connection, added)
    return added


@pytest.mark.long
def test_a_receiver_that_is_killed_loses_nothing_and_can_tell_every_repeat(clinic, tmp_path):
    port, file, chance = free_port(), tmp_path / "received", random.Random(7)
    feeding = sending(clinic, port)
    endpoint = on_loopback(clinic, feeding, f"http://127.0.0.1:{port}/hook")
    for number in range(12):
        feeding.record(clinic.enroll(f"p{number}"))
    feeding.publish()
    everything = [event["id"] for event in feeding.read()]

    def start():
        return subprocess.Popen([sys.executable, "-c", RECEIVER, str(port), str(file)])

    receiver, kills = start(), 0
    try:
        for _ in range(400):
            feeding.deliver()
            if endpoints.list_endpoints(clinic.service)[-1].position == len(everything):
                break
            if kills < 20 and chance.random() < 0.5:
                receiver.send_signal(signal.SIGKILL)
                receiver.wait()
                kills += 1
                feeding.deliver()
                receiver = start()
                time.sleep(0.3)
            clinic.clock.pass_by(hours=2)
    finally:
        receiver.kill()
        receiver.wait()
    received = [json.loads(line) for line in file.read_text().splitlines()]
    ids = [id for id, _, _ in received]
    assert list(dict.fromkeys(ids)) == everything
    for id, headers, body in received:
        event = Webhook(endpoint.secrets[0]).verify(body, {name.lower(): text for name, text in headers.items()})
        assert event["id"] == id
    assert len({(id, body) for id, _, body in received}) == len(everything)


def test_the_library_of_a_receiver_accepts_the_signature_and_the_body_is_that_of_the_feed(clinic):
    with http_server(answer(200)) as server:
        feeding = sending(clinic, server.port)
        endpoint = on_loopback(clinic, feeding, server.url("/hook"))
        feeding.record(clinic.enroll())
        feeding.work()
    verified = [Webhook(endpoint.secrets[0]).verify(request.body, request.headers) for request in server.requests]
    assert verified == feeding.read()


@pytest.mark.parametrize("status", [301, 400, 401, 404, 429, 500, 503])
def test_an_answer_that_is_not_2xx_is_tried_again(clinic, status):
    with http_server(answer(status)) as server:
        feeding = sending(clinic, server.port)
        on_loopback(clinic, feeding, server.url())
        feeding.record(clinic.enroll())
        feeding.work()
        assert len(server.requests) == 1
        server.react = answer(204)
        clinic.clock.pass_by(hours=1)
        feeding.work()
    assert [request.headers["webhook-id"] for request in server.requests[:2]] == [feeding.read()[0]["id"]] * 2


def test_an_endpoint_inside_the_network_is_never_called(clinic):
    """Its name resolved to a public address when it was added."""
    with http_server(answer(200)) as server:
        feeding = Feeding(clinic)
        client = OutgoingClient(OutgoingRules(), resolve=lambda host: system_addresses("127.0.0.1"))
        feeding.transports = FeedTransports(clinic.service, {"https": WebhookChannel(clocks.present, client)})
        feeding.endpoint()
        feeding.record(clinic.enroll())
        feeding.work()
        assert server.connections == 0
    assert [endpoint.status for endpoint in endpoints.list_endpoints(clinic.service)] == ["failed"]
