"""Strange and hostile HTTP (I2, I3) on real sockets: a problem detail or a closed connection, and others are served."""

import contextlib
import http.client
import json
import re
import socket
import threading

import pytest

from service.app import create_app
from service.platform.configuration import Configuration
from service.platform.server import MAX_HEADERS, MAX_LINES, Server
from service.platform.setting_values import ConfigurationError

GET = b"GET /healthz HTTP/1.1\r\n"
POST = b"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
FORWARDED = b"".join(
    b"%s: 203.0.113.7\r\n" % name
    for name in (b"X-Forwarded-For", b"X-Forwarded-Host", b"X-Real-IP", b"Forwarded", b"X-Forwarded-Proto")
)

REFUSED = {
    "a header of 20 KB": (431, GET + b"Host: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n"),
    "a header of 1 MB": (431, GET + b"Host: localhost\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n"),
    "200 headers": (400, GET + b"Host: localhost\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(200)) + b"\r\n"),
    "an address of 100 KB": (431, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    "two equal lengths": (400, POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
    "a length and chunks": (400, POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "chunks and a length": (400, POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": (
        400,
        b"POST /v1/events HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "a strange encoding": (400, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "two encodings": (400, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "bad chunks": (400, POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
    "a negative length": (400, POST + b"Content-Length: -1\r\n\r\n"),
    "a length with a sign": (400, POST + b"Content-Length: +2\r\n\r\n{}"),
    "a gigabyte announced": (413, POST + b"Content-Length: 1073741824\r\n\r\n{"),
    "bare line feeds": (400, GET + b"Host: localhost\nX: a\r\n\r\n"),
    "a bare carriage return": (400, GET + b"Host: localhost\rX: a\r\n\r\n"),
    "a header without a colon": (400, GET + b"Host: localhost\r\nX a\r\n b\r\n\r\n"),
    "a blank before the colon": (400, GET + b"Host : localhost\r\n\r\n"),
    "NUL in a header": (400, GET + b"Host: localhost\r\nX: a\x00b\r\n\r\n"),
    "NUL in the address": (400, b"GET /a\x00b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    "no host": (400, GET + b"\r\n"),
    "two hosts": (400, GET + b"Host: localhost\r\nHost: evil.example\r\n\r\n"),
    "a foreign host": (400, GET + b"Host: evil.example\r\n\r\n"),
    "a foreign host like ours": (400, GET + b"Host: localhost.evil.example\r\n\r\n"),
    "a host with a user": (400, GET + b"Host: localhost@evil.example\r\n\r\n"),
    "no http": (400, b"\x00\x01\x02\r\n\r\n"),
    "no version": (400, b"GET / HTTP/x\r\nHost: localhost\r\n\r\n"),
}


@pytest.fixture
def server(clinic):
    running = Server(clinic.app, Configuration(port=0))
    yield running
    running.stop()


def sent(server, raw: bytes) -> tuple[int, dict, dict]:
    """The status, headers and body of the answer to what is sent; the connection may end before all of it is."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(raw)
        return answer_on(connection)


def answer_on(connection) -> tuple[int, dict, dict]:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, dict(answer.getheaders()), json.loads(answer.read())


def is_served(server) -> bool:
    return sent(server, GET + b"Host: localhost:%d\r\n\r\n" % server.port)[0] == 200


def test_strange_http_is_a_problem_and_others_are_served(server, logs):
    """I2."""
    for name, (status, raw) in REFUSED.items():
        answered, headers, problem = sent(server, raw)
        assert (answered, headers["Content-Type"]) == (status, "application/problem+json"), (name, problem)
        assert problem["status"] == status
        assert problem["detail"], name
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
        assert re.fullmatch("[0-9a-f]{32}", headers["X-Request-Id"]), name
        assert "evil" not in str(problem)
        assert is_served(server)
    assert not [line for line in logs if line["log_level"] != "info"]


def test_what_is_refused_unread_has_the_id_that_it_brings(server, logs):
    request_id = "9f1c0e6e-4bb9-4d0b-8a43-0d2b8a3f6c11"
    raw = POST + b"X-Request-Id: %s\r\nContent-Length: 1073741824\r\n\r\n{" % request_id.encode()
    status, headers, _ = sent(server, raw)
    assert (status, headers["X-Request-Id"]) == (413, request_id)
    assert [line["request_id"] for line in logs if line["event"] == "refused unread"] == [request_id]


def test_requests_that_wait_for_a_worker_are_no_warning(caplog):
    go_on = threading.Event()

    def application(environ, start_response):
        go_on.wait(20)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
        return [b"{}"]

    server = Server(application, Configuration(port=0, threads=1))
    connections = [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(4)]
    try:
        for connection in connections:
            connection.sendall(GET + b"Host: localhost\r\n\r\n")
        go_on.set()
        assert [answer_on(connection)[0] for connection in connections] == [200] * 4
    finally:
        for connection in connections:
            connection.close()
        server.stop()
    assert not caplog.records


def test_what_is_within_the_limits_is_read(server):
    lines = b"".join(b"X-%d: a\r\n" % number for number in range(MAX_LINES - 10))
    assert sent(server, GET + b"Host: 127.0.0.1\r\n" + lines + b"\r\n")[0] == 200
    assert sent(server, GET + b"Host: [::1]\r\nX: " + b"a" * (MAX_HEADERS - 200) + b"\r\n\r\n")[0] == 200
    assert sent(server, b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")[0] == 200


def test_a_body_above_the_limit_is_a_problem_whether_announced_or_in_chunks(server):
    for size in (1_000_001, 3_000_000):
        status, _, problem = sent(server, POST + b"Content-Length: %d\r\n\r\n" % size + b" " * size)
        assert (status, problem["code"]) == (413, "too-large")
        assert problem["detail"] == "At most 1000000 bytes are accepted."
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    status, _, problem = sent(server, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n")
    assert (status, problem["code"]) == (413, "too-large")
    assert is_served(server)


def test_who_says_to_be_forwarded_is_not_believed(server, clinic, logs):
    """No proxy is configured: these headers change nothing, and are never logged."""
    plain = sent(server, GET + b"Host: localhost\r\n\r\n")
    spoofed = sent(server, GET + b"Host: localhost\r\n" + FORWARDED + b"\r\n")
    assert (plain[0], plain[2]) == (spoofed[0], spoofed[2])
    assert "203.0.113.7" not in str(logs)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [
        (0, "evil.example", 200),  # not believed, so nothing foreign is asked for
        (1, "evil.example", 400),
        (1, "api.example", 200),
        (1, "evil.example, api.example", 200),  # the last one is the proxy's word
        (1, "api.example, evil.example", 400),
        (2, "api.example, inner.example", 200),
        (2, "api.example", 200),  # there is no second word: the Host header counts
    ],
)
def test_as_many_proxies_are_believed_as_are_configured(clinic, proxies, forwarded, status):
    config = Configuration(proxies=proxies, trusted_hosts="api.example")
    app = create_app(config, clock=clinic.clock, new_id=str, service=clinic.service)
    headers = {"Host": "api.example", "X-Forwarded-Host": forwarded}
    assert app.test_client().get("/healthz", headers=headers).status_code == status


def test_lines_that_never_end_are_no_request(server):
    """Line feeds alone end nothing: no answer, and nobody else waits."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\nHost: localhost\n\n")
        assert is_served(server)
        assert is_silent(connection)


def test_thirty_half_headers_and_thirty_half_bodies_keep_nobody_waiting(server, clinic):
    """I3: a good request is answered while all of the slow ones are still open, none of them timed out."""
    enrollment = clinic.enroll()
    slow = []
    try:
        for number in range(60):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            slow.append(connection)
            connection.sendall(GET + b"Host: loc" if number % 2 else POST + b"Content-Length: 1000\r\n\r\n{")
        bearer = b"Authorization: Bearer " + clinic.phone.encode() + b"\r\n"
        status, _, body = sent(
            server,
            b"GET /v1/enrollments/%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
            % (
                enrollment.encode(),
                bearer,
            ),
        )
        assert (status, body["id"]) == (200, enrollment)
        assert all(is_silent(connection) for connection in slow)
        slow[1].sendall(b"alhost\r\n\r\n")  # and who was only slow is answered too
        assert answer_on(slow[1])[0] == 200
    finally:
        for connection in slow:
            connection.close()


def is_silent(connection) -> bool:
    """Whether the other side has neither answered nor closed."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    finally:
        connection.settimeout(20)
    return False


@pytest.mark.parametrize(
    ("options", "host", "status"),
    [
        ({"trusted_hosts": "api.example, 10.0.0.5"}, "api.example", 200),
        ({"trusted_hosts": "api.example, 10.0.0.5"}, "API.example:8443", 200),
        ({"trusted_hosts": "api.example, 10.0.0.5"}, "10.0.0.5:80", 200),
        ({"trusted_hosts": "api.example, 10.0.0.5"}, "localhost", 400),
        ({"host": "10.0.0.5"}, "anything.example", 200),
        ({"host": "10.0.0.5"}, "not a host", 400),
        ({"host": "127.0.0.1"}, "anything.example", 400),
        ({"host": "127.0.0.1", "proxies": 1}, "anything.example", 200),
    ],
)
def test_the_names_that_are_served(options, host, status):
    from service.platform.errors import WrongHost
    from service.platform.headers import require_host

    served = Configuration(**options).hosts
    try:
        require_host({"HTTP_HOST": host, "SERVER_PROTOCOL": "HTTP/1.1"}, served)
        answered = 200
    except WrongHost:
        answered = 400
    assert answered == status


@pytest.mark.parametrize("text", ["https://api.example", "api.example:80", "a b", "*"])
def test_names_that_are_none_are_refused_at_the_start(text):
    with pytest.raises(ConfigurationError, match="trusted_hosts must be host names"):
        Configuration(trusted_hosts=text)
