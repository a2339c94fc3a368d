"""Mail servers on loopback: a real one of aiosmtpd, and one that follows a script to its last byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.ports import free_port


class Inbox:
    """A handler of aiosmtpd: keeps what it accepts, and answers to RCPT and DATA as a test sets."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.senders: list[str] = []
        self.connections: set[tuple] = set()
        self.mail_answer = self.recipient_answer = self.data_answer = ""
        self.takes_one_mail_a_connection = False

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        self.senders.append(address)
        if self.takes_one_mail_a_connection and session.peer in self.connections:
            return "421 4.7.0 enough for one connection"
        self.connections.add(session.peer)
        if self.mail_answer:
            return self.mail_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data_answer:
            return self.data_answer
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 queued"


@contextmanager
def mail_server(inbox: Inbox, port: int = 0, **settings) -> Iterator[int]:
    """Yield the port of a real mail server."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port or free_port(), **settings)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def only_user(user: str, password: str) -> Callable:
    def check(server, session, envelope, mechanism, login: LoginPassword) -> AuthResult:
        is_user = (login.login, login.password) == (user.encode(), password.encode())
        return AuthResult(success=is_user, handled=False)

    return check


@contextmanager
def scripted_server(play: Callable[[socket.socket, object], None]) -> Iterator[int]:
    """Yield the port of a server that runs `play(connection, lines)` for each connection, then closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads = []

    def serve(connection: socket.socket) -> None:
        connection.settimeout(10)
        with connection, connection.makefile("rb") as lines, suppress(OSError):
            play(connection, lines)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def until(command: bytes, *, then: Callable[[socket.socket, object], None] | None = None):
    """Return a script: a polite server up to a command, to which it reacts with `then` or closes the connection.

    The command `.` is the end of a mail, `greeting` the first answer.
    """

    def play(connection: socket.socket, lines) -> None:
        if command == b"greeting":
            if then:
                then(connection, lines)
            return
        connection.sendall(b"220 mail.example ESMTP\r\n")
        in_data = False
        for line in map(bytes.strip, lines):
            if not line:
                continue
            word = line.split()[0].upper().split(b":")[0]
            in_data = in_data and line != b"."
            if in_data:
                continue
            if word == command:
                if then:
                    then(connection, lines)
                return
            if word == b"DATA":
                in_data = True
                connection.sendall(b"354 go on\r\n")
            else:
                connection.sendall(b"250 OK\r\n")

    return play


def says(answer: bytes):
    def react(connection: socket.socket, lines) -> None:
        connection.sendall(answer + b"\r\n")
        lines.read()

    return react


def hangs(connection: socket.socket, lines) -> None:
    lines.read()


def drips(connection: socket.socket, lines) -> None:
    wait = threading.Event()
    for _ in range(200):
        connection.sendall(b"2")
        wait.wait(0.05)
