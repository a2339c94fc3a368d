"""A call ends in time and size, goes to the checked address, and follows no redirect."""

import threading
import time

import pytest

from service.platform.outgoing import CallFailed, OutgoingClient, OutgoingRules, Reach
from service.platform.public_address import AddressRefused
from tests.ports import free_port
from tests.service.certificates import certificate_for
from tests.service.loopback_http import answer, http_server

SECONDS = 0.5
HEAD = b"HTTP/1.1 200 OK\r\n"


def local_client(port: int, **settings) -> OutgoingClient:
    rules = OutgoingRules(
        reach=Reach.LOOPBACK, ports=frozenset({port}), connect_seconds=SECONDS / 2, total_seconds=SECONDS
    )
    return OutgoingClient(rules, **settings)


def post(client: OutgoingClient, url: str):
    return client.call(url, body=b"{}", headers={"Content-Type": "application/json"})


def silent(request, connection):
    connection.recv(1)


def dripping_head(request, connection):
    for byte in HEAD * 100:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def dripping_body(request, connection):
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def endless(request, connection):
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b"x" * 65_536)


def endless_headers(request, connection):
    connection.sendall(HEAD)
    while True:
        connection.sendall(b"X-Y: " + b"z" * 65_536 + b"\r\n")


def endless_informational(request, connection):
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def nothing(request, connection):
    return None


def not_http(request, connection):
    connection.sendall(b"220 mail.example ESMTP\r\n")


def test_a_call_gives_the_status_the_headers_and_the_body():
    with http_server(answer(201, {"id": "m1"}, Retry_After="7")) as server:
        result = post(local_client(server.port), server.url("/hook?a=b"))
    assert (result.status, result.headers["retry-after"], result.body, result.complete) == (
        201,
        "7",
        b'{"id": "m1"}',
        True,
    )
    (request,) = server.requests
    assert (request.method, request.target, request.body) == ("POST", "/hook?a=b", b"{}")
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


def test_a_redirect_is_not_followed():
    with (
        http_server(answer(200)) as target,
        http_server(answer(302, Location=target.url("/inside"))) as server,
    ):
        assert post(local_client(server.port), server.url()).status == 302
        assert target.requests == []


@pytest.mark.parametrize("react", [dripping_body, endless])
def test_a_body_without_an_end_is_cut(react):
    begin = time.monotonic()
    with http_server(react) as server:
        result = post(local_client(server.port), server.url())
        assert time.monotonic() - begin < SECONDS + 0.5
    assert result.status == 200
    assert not result.complete
    assert len(result.body) <= 65_536


@pytest.mark.parametrize(
    ("react", "word"),
    [
        (silent, "timeout"),
        (dripping_head, "timeout"),
        (endless_informational, "timeout"),
        (endless_headers, "bad-answer"),
        (nothing, "bad-answer"),
        (not_http, "bad-answer"),
    ],
)
def test_a_call_without_an_answer_fails_in_time(react, word):
    begin = time.monotonic()
    with http_server(react) as server:
        with pytest.raises(CallFailed, match=word) as failure:
            post(local_client(server.port), server.url())
        assert time.monotonic() - begin < SECONDS + 0.5
    assert failure.value.began


def test_a_closed_port_is_unreachable():
    port = free_port()
    with pytest.raises(CallFailed, match="unreachable") as failure:
        post(local_client(port), f"http://127.0.0.1:{port}/")
    assert not failure.value.began


def test_a_name_server_that_never_answers_holds_nobody_up():
    done = threading.Event()
    client = local_client(443, resolve=lambda host: [str(done.wait(5))])
    begin = time.monotonic()
    with pytest.raises(CallFailed, match="unreachable"):
        post(client, "https://hook.example/")
    assert time.monotonic() - begin < SECONDS
    done.set()


def test_a_host_is_resolved_once_and_that_very_address_is_called():
    """The second answer of the name server is another address: nobody asks for it."""
    resolved = [["10.0.0.1"], ["127.0.0.1"]]
    with http_server(answer(200)) as server:
        client = local_client(server.port, resolve=lambda host: resolved.pop())
        assert post(client, f"http://rebinding.example:{server.port}/").status == 200
        assert resolved == [["10.0.0.1"]]
        with pytest.raises(AddressRefused):
            post(client, f"http://rebinding.example:{server.port}/")
        assert server.connections == 1


def test_what_is_refused_is_never_connected():
    with http_server(answer(200)) as server:
        rules = OutgoingRules(ports=frozenset({server.port}))
        client = OutgoingClient(rules, resolve=lambda host: ["127.0.0.1"])
        for url in (server.url(), server.url(scheme="https"), f"https://hook.example:{server.port}/"):
            with pytest.raises(AddressRefused):
                post(client, url)
        assert server.connections == 0


def test_the_certificate_must_be_of_the_host_name(tmp_path):
    server_side, client_side = certificate_for("hook.example", tmp_path)
    with http_server(answer(200), tls=server_side) as server:
        client = local_client(server.port, resolve=lambda host: ["127.0.0.1"], tls=client_side)
        assert post(client, f"https://hook.example:{server.port}/").status == 200
        assert server.requests[0].headers["host"] == f"hook.example:{server.port}"
        for host in ("other.example", "127.0.0.1"):
            with pytest.raises(CallFailed, match="unreachable") as failure:
                post(client, f"https://{host}:{server.port}/")
            assert not failure.value.began


def test_the_second_address_is_tried_where_the_first_does_not_answer():
    with http_server(answer(200)) as server:
        client = local_client(server.port, resolve=lambda host: ["127.0.0.9", "127.0.0.1"])
        assert post(client, f"http://hook.example:{server.port}/").status == 200


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with http_server(answer(200)) as server:
        assert post(local_client(server.port), server.url()).status == 200
