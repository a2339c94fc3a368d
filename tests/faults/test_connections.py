"""C4, C6, A8: no event is lost when links break around a commit or PostgreSQL restarts, stops or drops connections."""

import contextlib
import random
import socket
import threading
import time

import psycopg
import pytest
from sqlalchemy import make_url

from tests.faults.counting import AMOUNT, SEED, amount, tally
from tests.faults.deployment import count_stored, event_body, send_unanswered, settle
from tests.faults.load import UNAVAILABLE, Load

pytestmark = pytest.mark.long

BEFORE_COMMIT, AFTER_COMMIT = "before", "after"
LONGEST_RECOVERY_SECONDS = 1.0
END_THE_OTHERS = """
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'journeys'
"""


class Cutter:
    """A proxy to PostgreSQL that can cut the link just before or just after a COMMIT arrives."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut: str | None = None
        self.cuts = 0
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for connection in (self._listener, *self._links):
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._links += [client, server]
            server.connect(self._upstream)
            answers = threading.Event()  # when set, the next answer is dropped and the link cut
            threading.Thread(target=self._forward, args=(client, server, answers), daemon=True).start()
            threading.Thread(target=self._answer, args=(client, server, answers), daemon=True).start()

    def _forward(self, client, server, drop) -> None:
        with client, server:
            while data := receive(client):
                if b"COMMIT\0" in data and self.cut is not None:
                    cut, self.cut = self.cut, None
                    self.cuts += 1
                    if cut == BEFORE_COMMIT:
                        hang_up(client, server)
                        return
                    drop.set()
                with contextlib.suppress(OSError):
                    server.sendall(data)
            hang_up(client, server)

    def _answer(self, client, server, drop) -> None:
        while data := receive(server):
            if drop.is_set() and b"COMMIT\0" in data:
                break
            try:
                client.sendall(data)
            except OSError:
                break
        hang_up(client, server)


def receive(connection) -> bytes:
    try:
        return connection.recv(65_536)
    except OSError:
        return b""


def hang_up(*connections) -> None:
    for connection in connections:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cutter(postgres_deployment):
    url = make_url(postgres_deployment.url)
    folder = url.query.get("host") or url.host
    made = Cutter(f"{folder}/.s.PGSQL.{url.port or 5432}")
    yield made
    made.close()


def test_c4_a_link_cut_around_a_commit(postgres_deployment, cutter):
    """After a cut before the commit, the retry applies the event; after a later cut, the retry is a replay."""
    deployment, chance = postgres_deployment, random.Random(SEED)
    url = make_url(deployment.url)
    through = url.set(host="127.0.0.1", port=cutter.port, query={"sslmode": "disable", "gssencmode": "disable"})
    with tally("C4", "link cut just before or after COMMIT", deployment.url) as counts:
        patients = []
        with deployment.open(url=through.render_as_string(hide_password=False)) as ward:
            for number in range(amount(20, 300)):
                if number % 25 == 0:
                    patients.append(ward.enroll_patient(f"p{number}"))
                patient, body = patients[-1], event_body(number)
                cutter.cut = cut = chance.choice((BEFORE_COMMIT, AFTER_COMMIT))
                answer = ward.send(patient, body)
                assert cutter.cut is None, "the link was not cut"
                counts.rounds += 1
                counts.notes[f"cut {cut} the commit"] += 1
                counts.errors += not is_unavailable(answer)
                again = ward.send(patient, body)
                counts.errors += again.status != 200
                was_stored = again.headers.get("Idempotent-Replay") == "true"
                counts.lost += cut == AFTER_COMMIT and not was_stored
                counts.doubled += cut == BEFORE_COMMIT and was_stored
                counts.acknowledged += again.status == 200
                ward.note_event(patient, body)
            settle(counts, ward, patients)
        assert cutter.cuts == counts.rounds


def is_unavailable(answer) -> bool:
    return answer.status == UNAVAILABLE and "Retry-After" in answer.headers


def client_of(ward):
    def call(path, body):
        answer = ward.post(path, ward.phone, body)
        return answer.status, answer.headers, answer.json

    return call


def restart(server, _) -> int:
    """Restart PostgreSQL as after a power failure; return 1 if the new process has another id."""
    before = server.pid
    server.restart()
    return int(server.pid != before)


def end_connections(_, url: str) -> int:
    """End all connections of the service; return their number."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(END_THE_OTHERS).fetchone()[0]


@pytest.mark.parametrize(
    ("note", "scenario", "strike", "rounds", "between"),
    [
        ("restarted", "PostgreSQL restarted (immediate) under load", restart, amount(1, 10), 20),
        ("ended", "all connections ended under load", end_connections, amount(3, 50), 10),
    ],
    ids=["restarted", "ended"],
)
def test_c6_connections_lost_under_load(own_deployment, own_postgres, note, scenario, strike, rounds, between):
    """Events are soon acknowledged again, and every acknowledged event is stored."""
    with tally("C6", scenario, own_deployment.url) as counts, own_deployment.open() as ward:
        slowest = 0.0
        with Load(client_of(ward), ward.clock, clients=4) as load:
            for _ in range(rounds):
                load.wait_for(between)
                counts.notes[note] += strike(own_postgres, own_deployment.url)
                slowest = max(slowest, seconds_until_acknowledged(load))
                counts.rounds += 1
        load.add_to(counts)
        record_recovery(counts, slowest)
        counts.acknowledged += send_unanswered(ward, load.patients)
        settle(counts, ward, load.patients)
        assert counts.rounds == rounds > 0
        assert counts.notes[note] >= rounds
        assert counts.acknowledged == count_stored(ward, load.patients) >= rounds * (between + 1)


def test_c6_postgresql_away_for_a_while(own_deployment, own_postgres):
    """Requests get 503 with Retry-After while /healthz stays up; afterwards the service recovers by itself."""
    with (
        tally("C6", "PostgreSQL away for a while under load", own_deployment.url) as counts,
        own_deployment.open() as ward,
    ):
        slowest = 0.0
        with Load(client_of(ward), ward.clock, clients=4) as load:
            for _ in range(amount(1, 3)):
                load.wait_for(20)
                own_postgres.stop()
                stopped_at = time.monotonic()
                patient = load.patients[0]
                while True:
                    for answer in (
                        ward.get(f"/v1/enrollments/{patient.id}", ward.staff),
                        ward.get("/v1/tasks", ward.staff),
                        ward.call("GET", "/readyz"),
                    ):
                        counts.errors += answer.status != UNAVAILABLE
                        counts.notes["reads answered 503"] += answer.status == UNAVAILABLE
                    counts.errors += ward.call("GET", "/healthz").status != 200
                    if time.monotonic() - stopped_at >= (10 if AMOUNT == "full" else 0.5):
                        break
                own_postgres.restart()
                slowest = max(slowest, seconds_until_acknowledged(load))
                counts.rounds += 1
        load.add_to(counts)
        assert counts.notes["503"] > 0
        record_recovery(counts, slowest)
        counts.acknowledged += send_unanswered(ward, load.patients)
        settle(counts, ward, load.patients)


def seconds_until_acknowledged(load) -> float:
    """Wait until the next event is acknowledged; return the seconds."""
    began = time.monotonic()
    load.wait_for(1)
    return time.monotonic() - began


def record_recovery(counts, slowest: float) -> None:
    counts.notes["slowest to recover, ms"] = round(slowest * 1000)
    if AMOUNT != "quick":  # the short suite checks no times
        assert slowest <= LONGEST_RECOVERY_SECONDS


def test_a8_events_while_postgresql_is_restarted(own_deployment, own_postgres):
    """Every client reports until all events are acknowledged while the server restarts again and again."""
    chance = random.Random(SEED)
    many, restarts = amount(120, 5000), amount(1, 10)
    with (
        tally("A8", "events while PostgreSQL is restarted", own_deployment.url) as counts,
        own_deployment.open() as ward,
    ):
        with Load(client_of(ward), ward.clock, clients=4, most=many) as load:
            while not load.is_done():
                load.wait_for(chance.randint(1, max(1, many // (restarts * 2))))
                if not load.is_done():
                    own_postgres.restart()
                    counts.rounds += 1
        load.add_to(counts)
        counts.lost += many - load.acknowledged
        settle(counts, ward, load.patients)
        assert counts.rounds >= restarts
