"""Passwords: which are accepted, and how many are checked at once and counted (S4)."""

import http.client
import threading
import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from journeys.primitives.errors import Refused
from service.access import accounts, passwords
from service.http.context import EXTENSION
from service.platform import errors
from service.platform.bounded_queue import BoundedQueue, QueueFull
from service.platform.browser import FIELD, proof
from service.platform.configuration import Configuration
from service.platform.database.tables import account_failures
from service.platform.server import Server
from service.staff_pages.room import COOKIE
from tests.service.people import PASSWORD, add


class CountingHasher:
    """The hasher of the service, which counts its comparisons, and how many there were at once."""

    def __init__(self) -> None:
        self.hasher = passwords._HASHER
        self.compared = self.now = self.most = 0
        self.lock = threading.Lock()

    def hash(self, password):
        return self.hasher.hash(password)

    def verify(self, *arguments):
        with self.lock:
            self.compared += 1
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            return self.hasher.verify(*arguments)
        finally:
            with self.lock:
                self.now -= 1


@pytest.fixture
def hasher(monkeypatch):
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "_HASHER", counting)
    return counting


def in_parallel(count: int, call) -> list:
    """The results of calls that all begin together; of a failed call, the kind of its error."""
    barrier, results = threading.Barrier(count), []

    def run():
        barrier.wait(10)
        try:
            results.append(call())
        except Exception as error:
            results.append(type(error))

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def count_of_failures(clinic) -> int:
    with clinic.service.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(account_failures)).scalar_one()


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password1234!",
        "123456789012",
        "qwertyuiop12",
        "iloveyou1234",
        "p@ssw0rd1234",
        "aaaaaaaaaaaa",
        "1" * 200,
        "administrator1",
        "kim kim kim kim",
        "drkimdrkimdrkim",
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password):
    assert passwords.problems_of(password, ("kim", "Dr Kim")) == [passwords.EASY]


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery staple",
        "Ñandú 7 lámparas azules",
        "mZ3kQ9tR1xW8",
        "密码是一个很长的句子没有人知道",
    ],
)
def test_a_password_that_takes_many_guesses_is_accepted(password):
    assert passwords.problems_of(password, ("kim", "Dr Kim")) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("4@8({[<369&#!1/|0$5+7%2/", marks=pytest.mark.long),
        "ab",
        "1",
        "qwerty",
        "2001-01-01",
        "é",
        "\ud800",
        "\0",
    ],
)
def test_no_password_is_judged_for_long(text):
    """In processor time, which other processes do not lengthen."""
    began = time.thread_time()
    passwords.problems_of((text * 200)[:200], ("kim", "Dr Kim"))
    assert time.thread_time() - began < 3


def test_a_password_that_is_guessed_first_is_refused_for_a_new_account_and_a_new_password(clinic):
    with pytest.raises(Refused) as refused:
        add(clinic, "kim", password="Password1234!")
    assert refused.value.fields == {"password": [passwords.EASY]}
    add(clinic, "kim")
    session = accounts.sign_in(clinic.service, "kim", PASSWORD).session
    with pytest.raises(Refused) as refused:
        accounts.change_password(clinic.service, session, PASSWORD, "iloveyou1234")
    assert refused.value.fields == {"new": [passwords.EASY]}


def test_attempts_at_the_same_time_are_counted_together(clinic, hasher):
    """Thirty wrong passwords at once: ten are compared, as if they had come one after the other."""
    add(clinic, "kim")
    service = replace(clinic.service, passwords=BoundedQueue(at_once=30, seconds=30))
    results = in_parallel(30, lambda: accounts.sign_in(service, "kim", "not the password"))
    assert sorted(map(str, results)) == sorted(
        map(str, [errors.WrongPassword] * passwords.FAILURES + [errors.SignInTooOften] * 20)
    )
    assert hasher.compared == passwords.FAILURES == count_of_failures(clinic)
    with pytest.raises(errors.SignInTooOften):
        accounts.sign_in(service, "kim", PASSWORD)


def test_two_right_passwords_at_once_are_two_sessions_and_no_failure(clinic):
    add(clinic, "kim")
    first, second = in_parallel(2, lambda: accounts.sign_in(clinic.service, "kim", PASSWORD))
    assert first.text != second.text
    assert count_of_failures(clinic) == 0


def test_of_those_who_come_together_one_works_one_waits_and_the_others_are_refused():
    """After the block, also after an error in it, the turn goes to the next."""
    queue, leave, order = BoundedQueue(at_once=1, waiting=1, seconds=10), threading.Event(), []

    def work():
        try:
            with queue.turn():
                leave.wait(10)
                order.append("worked")
        except QueueFull:
            order.append("refused")
            if order.count("refused") == 2:
                leave.set()

    in_parallel(4, work)
    assert order == ["refused", "refused", "worked", "worked"]
    with pytest.raises(ValueError, match="inside"), queue.turn():
        raise ValueError("inside")
    with queue.turn():
        pass


def test_a_turn_that_does_not_come_in_time_is_refused():
    queue = BoundedQueue(at_once=1, waiting=1, seconds=0.05)
    with queue.turn():
        assert in_parallel(1, lambda: queue.turn().__enter__()) == [QueueFull]


@pytest.mark.long
def test_a_flood_of_sign_ins_is_429_while_others_are_served(clinic, hasher, logs):
    """Over HTTP: at most two passwords are compared at once; where the queue is full, Retry-After says when."""
    add(clinic, "kim")
    secret = "x" * 43
    form = urlencode({"name": "nobody-{}", "password": "not the password", FIELD: proof(secret)}, safe="{}")
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"{COOKIE.name}={secret}"}
    clinic.app.extensions[EXTENSION] = clinic.service
    server = Server(clinic.app, Configuration(port=0, threads=8))
    numbers = iter(range(1_000))

    def call(method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Retry-After")
        finally:
            connection.close()

    try:
        flood = threading.Thread(
            target=lambda: results.extend(
                in_parallel(40, lambda: call("POST", "/room/sign-in", form.format(next(numbers)), headers))
            )
        )
        results, waits = [], []
        flood.start()
        while flood.is_alive():
            began = time.perf_counter()
            assert call("GET", "/healthz")[0] == 200
            waits.append(time.perf_counter() - began)
        flood.join()
    finally:
        server.stop()
    assert {(403, None), (429, "1")} >= set(results) and len(results) == 40, results
    assert (429, "1") in results and (403, None) in results
    assert hasher.most <= 2
    assert max(waits) < 2
    assert "nobody-" not in repr(logs)
