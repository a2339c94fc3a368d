"""Mail over SMTP: one attempt to hand a mail to the operator's mail server."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from service.outreach.mail_message import MailSender, mail_bytes, message_id, signed, tagged_mailbox
from service.outreach.port import (
    Accepted,
    AnswerLost,
    Envelope,
    Outcome,
    Permanent,
    Reason,
    Transient,
    Unsendable,
    checked_key,
)
from service.platform.clock import Clock, monotonic

_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")
#: How long a connection stays open for the next mail, in seconds.
_IDLE = 20.0
#: The server is about to end the connection (RFC 5321, 3.8).
_CLOSING = 421
#: Seconds after which the watch looks whether calls go on whose time is over.
_LOOKS_AGAIN = 1.0
_Answer = tuple[int, bytes]
#: The code and the text of an answer.


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The mail server of the operator. `security`: TLS from the start, by STARTTLS (or nothing is sent), or none."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    connect_seconds: float = 5.0
    total_seconds: float = 10.0


class _Idle(NamedTuple):
    """A connection for the next mail, idle since then; where a mail `was_refused`, the server expects its rest."""

    smtp: smtplib.SMTP
    since: float
    was_refused: bool


class MailChannel:
    """Sends mail; `Channel` for mail. Threads may share it; `close` ends its idle connections."""

    def __init__(
        self, server: MailServer, sender: MailSender, clock: Clock, *, tls: ssl.SSLContext | None = None
    ) -> None:
        """`tls`: which certificates are trusted; those of the system by default.

        Raises:
            ValueError: the sender's mailbox or DKIM key cannot be used.
            RuntimeError: DKIM needs the extra `mail`.
        """
        tagged_mailbox(sender.bounce_mailbox, "0" * 36, sender.secret)
        if sender.dkim is not None:
            signed(b"From: a@b.example\r\n\r\n", sender.dkim)
        self._server = server
        self._sender = sender
        self._clock = clock
        self._tls = tls or ssl.create_default_context()
        self._watch = _Watch()
        self._idle: list[_Idle] = []

    def send(self, envelope: Envelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`. The id of an accepted mail is its Message-ID."""
        try:
            content = mail_bytes(envelope, checked_key(key), self._sender, self._clock())
        except Unsendable as error:
            return Permanent(error.reason)
        bounces_to = tagged_mailbox(self._sender.bounce_mailbox, key, self._sender.secret)
        first_command = f"MAIL FROM:<{bounces_to}>"
        with self._watch.limit(self._server.total_seconds) as limit:
            try:
                smtp, answer = self._idle_connection(limit, first_command) or (self._new_connection(limit), None)
            except (smtplib.SMTPException, OSError) as error:
                return _not_connected(error, limit)
            delivery = _Delivery(smtp)
            try:
                outcome = delivery.hand_over(answer or smtp.docmd(first_command), envelope.address, content)
                if outcome is not None and limit.is_over:
                    raise TimeoutError  # the answer was cut
            except (smtplib.SMTPException, OSError):
                smtp.close()
                reason = Reason.TIMEOUT if limit.is_over else Reason.CONNECTION_LOST
                return AnswerLost(reason) if delivery.is_complete else Transient(reason)
        self._idle.append(_Idle(smtp, monotonic(), was_refused=outcome is not None))
        return Accepted(message_id(key, self._sender)) if outcome is None else outcome

    def close(self) -> None:
        """End the idle connections."""
        while self._idle:
            smtp = self._idle.pop().smtp
            with self._watch.limit(1.0) as limit:
                limit.smtp = smtp
                _end(smtp)

    def _idle_connection(self, limit: _TimeLimit, first_command: str) -> tuple[smtplib.SMTP, _Answer] | None:
        """An idle connection that still answers, with the answer to the first command; None without any.

        Raises:
            TimeoutError: the time is over; nothing cuts the next connection.
        """
        with suppress(IndexError):  # another thread took the last one
            while not limit.is_over:
                smtp, since, was_refused = self._idle.pop()
                limit.smtp = smtp
                if monotonic() - since < _IDLE:
                    with suppress(smtplib.SMTPException, OSError):
                        if not was_refused or smtp.rset()[0] == 250:
                            code, text = smtp.docmd(first_command)
                            if code != _CLOSING:
                                return smtp, (code, text)
                smtp.close()
        if limit.is_over:
            raise TimeoutError
        return None

    def _new_connection(self, limit: _TimeLimit) -> smtplib.SMTP:
        server = self._server
        arguments: dict[str, Any] = {"host": server.host, "port": server.port, "timeout": server.connect_seconds}
        # By default smtplib asks a name server what this machine is called, without a time limit.
        arguments["local_hostname"] = self._sender.address.partition("@")[2]
        smtp: smtplib.SMTP
        if server.security == "tls":
            smtp = _WatchedTls(limit, context=self._tls, **arguments)
        else:
            smtp = _Watched(limit, **arguments)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                smtp.starttls(context=self._tls)
            if server.user:
                smtp.login(server.user, server.password)
            if smtp.sock is not None:
                smtp.sock.settimeout(2 * server.total_seconds)  # the limit cuts it before
        except BaseException:
            smtp.close()
            raise
        return smtp


class _Delivery:
    """The commands that hand over a mail; `is_complete` once all of it was sent, whatever the server answers."""

    def __init__(self, smtp: smtplib.SMTP) -> None:
        self._smtp = smtp
        self.is_complete = False

    def hand_over(self, answer: _Answer, recipient: str, content: bytes) -> Outcome | None:
        """Return the refusal of the server, or None where it accepted the mail; `answer`: that to the first command."""
        code, text = answer
        for command in (f"RCPT TO:<{recipient}>", "DATA"):
            if code not in (250, 251):
                return _refusal(code, text)
            code, text = self._smtp.docmd(command)
        if code != 354:
            return _refusal(code, text)
        self._smtp.send(content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        self.is_complete = True
        code, text = self._smtp.getreply()
        if code == 250:
            return None
        return _refusal(code, text) if 400 <= code < 600 else AnswerLost(Reason.BAD_ANSWER)


class _TimeLimit:
    """The instant of the monotonic clock at which a connection is cut, whatever it waits for."""

    def __init__(self, seconds: float) -> None:
        self.ends_at = monotonic() + seconds
        self.smtp: smtplib.SMTP | None = None
        self.is_over = False

    def cut(self) -> None:
        """Ends the connection."""
        self.is_over = True
        if self.smtp is not None and self.smtp.sock is not None:
            with suppress(OSError):
                # Not the method of an SSL socket: that one would let the waiting thread go on in plain text.
                socket.socket.shutdown(self.smtp.sock, socket.SHUT_RDWR)


class _Watch:
    """Cuts connections whose time is over: each of many reads could be in time. One thread for all calls."""

    def __init__(self) -> None:
        self._limits: list[_TimeLimit] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    @contextmanager
    def limit(self, seconds: float) -> Iterator[_TimeLimit]:
        """Limits the time of what is done within it."""
        limit = _TimeLimit(seconds)
        with self._changed:
            self._limits.append(limit)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="journeys-mail-watch", daemon=True)
                self._thread.start()
            elif limit.ends_at < self._wakes_at:
                self._changed.notify_all()
        try:
            yield limit
        finally:
            with self._changed:
                self._limits.remove(limit)

    def _run(self) -> None:
        with self._changed:
            while self._limits:
                now = monotonic()
                for limit in self._limits:
                    if limit.ends_at <= now and not limit.is_over:
                        limit.cut()
                self._wakes_at = min(
                    (each.ends_at for each in self._limits if not each.is_over), default=now + _LOOKS_AGAIN
                )
                self._changed.wait(self._wakes_at - now)
            self._thread = None


class _Watched(smtplib.SMTP):
    """A connection that a time limit can cut while it is being opened; it never prints what it sends."""

    def __init__(self, limit: _TimeLimit, **arguments: Any) -> None:
        limit.smtp = self
        self.debuglevel = 0
        super().__init__(**arguments)


class _WatchedTls(smtplib.SMTP_SSL):
    """The same with TLS from the start."""

    def __init__(self, limit: _TimeLimit, **arguments: Any) -> None:
        limit.smtp = self
        self.debuglevel = 0
        super().__init__(**arguments)


def _not_connected(error: smtplib.SMTPException | OSError, limit: _TimeLimit) -> Transient:
    """Whatever fails before a mail is named concerns the server or our login, so every later attempt may succeed."""
    if limit.is_over or isinstance(error, TimeoutError):
        return Transient(Reason.TIMEOUT)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Transient(Reason.NOT_SIGNED_IN, _status_code(error.smtp_code, error.smtp_error))
    if isinstance(error, smtplib.SMTPResponseException):
        return Transient(Reason.REFUSED, _status_code(error.smtp_code, error.smtp_error))
    return Transient(Reason.UNREACHABLE)


def _refusal(code: int, text: bytes) -> Outcome:
    if 500 <= code < 600:
        return Permanent(Reason.REFUSED, _status_code(code, text))
    return Transient(Reason.REFUSED if 400 <= code < 500 else Reason.BAD_ANSWER, _status_code(code, text))


def _status_code(code: int, text: bytes | str) -> str:
    """The enhanced status code of an answer (RFC 3463); of an answer without one, its class: 4.0.0 or 5.0.0."""
    enhanced = _ENHANCED.match(text.encode() if isinstance(text, str) else text)
    if enhanced:
        return enhanced[0].decode()
    return f"{code // 100}.0.0" if 400 <= code < 600 else ""


def _end(smtp: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()
