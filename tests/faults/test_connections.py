"""C4, C6, A8: links cut around a commit, PostgreSQL restarted, stopped and its connections ended: nothing is lost."""

import contextlib
import random
import socket
import threading
import time

import psycopg
import pytest
from sqlalchemy import make_url

from tests.faults.counting import AMOUNT, SEED, amount, tally
from tests.faults.load import NOT_NOW, Load
from tests.faults.place import count_stored, send_unanswered, settle, telling

BEFORE_COMMIT, AFTER_COMMIT = "before", "after"
LONGEST_TO_RECOVER = 1.0
END_THE_OTHERS = """
SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'journeys'
"""


class Cutter:
    """A way to PostgreSQL that can be cut just before, or just after, a COMMIT reaches it."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut: str | None = None
        self.cuts = 0
        self._links: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._links):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._links += [client, server]
            server.connect(self._upstream)
            answers = threading.Event()  # set: the next answer is dropped and the link cut
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
def cutter(postgres_place):
    url = make_url(postgres_place.url)
    folder = url.query.get("host") or url.host
    made = Cutter(f"{folder}/.s.PGSQL.{url.port or 5432}")
    yield made
    made.close()


def test_c4_a_link_cut_around_a_commit(postgres_place, cutter):
    """Cut before, nothing is there and the retry applies it; cut after, it is there and the retry is a replay."""
    place, chance = postgres_place, random.Random(SEED)
    url = make_url(place.url)
    through = url.set(host="127.0.0.1", port=cutter.port, query={"sslmode": "disable", "gssencmode": "disable"})
    with tally("C4", "link cut just before or after COMMIT", place.url) as counted:
        patients = []
        with place.open(url=through.render_as_string(hide_password=False)) as ward:
            for number in range(amount(20, 300)):
                if number % 25 == 0:
                    patients.append(ward.enroll_patient(f"p{number}"))
                patient, told = patients[-1], telling(number)
                cutter.cut = cut = chance.choice((BEFORE_COMMIT, AFTER_COMMIT))
                answer = ward.send(patient, told)
                assert cutter.cut is None, "the link was not cut"
                counted.rounds += 1
                counted.notes[f"cut {cut} the commit"] += 1
                counted.errors += not is_not_now(answer)
                again = ward.send(patient, told)
                counted.errors += again.status != 200
                was_there = again.headers.get("Idempotent-Replay") == "true"
                counted.lost += cut == AFTER_COMMIT and not was_there
                counted.doubled += cut == BEFORE_COMMIT and was_there
                counted.acknowledged += again.status == 200
                ward.note(patient, told)
            settle(counted, ward, patients)
        assert cutter.cuts == counted.rounds


def is_not_now(answer) -> bool:
    return answer.status == NOT_NOW and "Retry-After" in answer.headers


def client_of(ward):
    def call(path, body):
        answer = ward.post(path, ward.phone, body)
        return answer.status, answer.headers, answer.json

    return call


def restart(server, _) -> int:
    """Restart PostgreSQL as after a loss of power; return 1 where it is another process than before."""
    before = server.pid
    server.restart()
    return int(server.pid != before)


def end_connections(_, url: str) -> int:
    """End all connections of the service; return how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(END_THE_OTHERS).fetchone()[0]


@pytest.mark.parametrize(
    ("struck", "what", "strike", "rounds", "between"),
    [
        ("restarted", "PostgreSQL restarted (immediate) under load", restart, amount(1, 10), 20),
        ("ended", "all connections ended under load", end_connections, amount(3, 50), 10),
    ],
    ids=["restarted", "ended"],
)
def test_c6_connections_lost_under_load(own_place, own_postgres, struck, what, strike, rounds, between):
    """However connections end, events are soon acknowledged again, and all that was acknowledged is there."""
    with tally("C6", what, own_place.url) as counted, own_place.open() as ward:
        slowest = 0.0
        with Load(client_of(ward), ward.clock, clients=4) as load:
            for _ in range(rounds):
                load.wait_for(between)
                counted.notes[struck] += strike(own_postgres, own_place.url)
                slowest = max(slowest, waited_for_one(load))
                counted.rounds += 1
        load.add_to(counted)
        recovered(counted, slowest)
        counted.acknowledged += send_unanswered(ward, load.patients)
        settle(counted, ward, load.patients)
        assert counted.rounds == rounds > 0
        assert counted.notes[struck] >= rounds
        assert counted.acknowledged == count_stored(ward, load.patients) >= rounds * (between + 1)


def test_c6_postgresql_away_for_a_while(own_place, own_postgres):
    """Everything that needs it is answered 503 with Retry-After, and /healthz goes on; then all works by itself."""
    with tally("C6", "PostgreSQL away for a while under load", own_place.url) as counted, own_place.open() as ward:
        slowest = 0.0
        with Load(client_of(ward), ward.clock, clients=4) as load:
            for _ in range(amount(1, 3)):
                load.wait_for(20)
                own_postgres.stop()
                gone = time.monotonic()
                patient = load.patients[0]
                while True:
                    for answer in (
                        ward.get(f"/v1/enrollments/{patient.id}", ward.staff),
                        ward.get("/v1/tasks", ward.staff),
                        ward.call("GET", "/readyz"),
                    ):
                        counted.errors += answer.status != NOT_NOW
                        counted.notes["reads answered 503"] += answer.status == NOT_NOW
                    counted.errors += ward.call("GET", "/healthz").status != 200
                    if time.monotonic() - gone >= (10 if AMOUNT == "full" else 0.5):
                        break
                own_postgres.restart()
                slowest = max(slowest, waited_for_one(load))
                counted.rounds += 1
        load.add_to(counted)
        assert counted.notes["503"] > 0
        recovered(counted, slowest)
        counted.acknowledged += send_unanswered(ward, load.patients)
        settle(counted, ward, load.patients)


def waited_for_one(load) -> float:
    """Return how many seconds it takes until the next event is acknowledged."""
    began = time.monotonic()
    load.wait_for(1)
    return time.monotonic() - began


def recovered(counted, slowest: float) -> None:
    counted.notes["slowest to recover, ms"] = round(slowest * 1000)
    if AMOUNT != "quick":  # the suite times nothing
        assert slowest <= LONGEST_TO_RECOVER


def test_a8_events_while_postgresql_is_restarted(own_place, own_postgres):
    """Every client reports until all is acknowledged; meanwhile the server goes down again and again."""
    chance = random.Random(SEED)
    many, restarts = amount(120, 5000), amount(1, 10)
    with tally("A8", "events while PostgreSQL is restarted", own_place.url) as counted, own_place.open() as ward:
        with Load(client_of(ward), ward.clock, clients=4, most=many) as load:
            while not load.is_done():
                load.wait_for(chance.randint(1, max(1, many // (restarts * 2))))
                if not load.is_done():
                    own_postgres.restart()
                    counted.rounds += 1
        load.add_to(counted)
        counted.lost += many - load.acknowledged
        settle(counted, ward, load.patients)
        assert counted.rounds >= restarts
