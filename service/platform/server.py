"""The HTTP server of the embedded default: waitress in a thread, which finishes what it has in hand before it ends."""

from __future__ import annotations

import json
import logging
import threading
import time
from http import HTTPStatus
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask

from journeys.primitives.errors import CallerError
from service.platform import errors
from service.platform.configuration import Configuration
from service.platform.headers import HEADERS, REQUEST_ID, request_id_of
from service.platform.logs import log
from service.platform.problems import MEDIA_TYPE, bare_problem, problem_of

MAX_HEADERS = 16_384
MAX_LINES = 100
CONNECTIONS = 800
IDLE_SECONDS = 60
FINISH_SECONDS = 10.0
FLUSH_SECONDS = 2.0


class _Parser(HTTPRequestParser):
    """Reads a request; refuses one that two servers could read differently."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the headers.

        Raises:
            ParsingError: the request is not valid HTTP, or could be read in two ways.
        """
        if header_plus.count(b"\n") > MAX_LINES or b"\0" in header_plus:
            raise ParsingError("too many header lines, or a NUL byte")
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("the length of the body is given twice")


class _Refusal(ErrorTask):
    """The answer to a request that does not reach the application: a problem detail like all others."""

    def execute(self) -> None:
        """Writes it, and closes the connection."""
        problem = self._problem(int(self.request.error.code))
        body = json.dumps(problem, ensure_ascii=False).encode()
        self.status = f"{problem['status']} {HTTPStatus(problem['status']).phrase}"
        request_id = request_id_of(self.request.headers.get("X_REQUEST_ID"))
        self.response_headers = [("Content-Type", MEDIA_TYPE), *HEADERS.items(), (REQUEST_ID, request_id)]
        self.content_length = len(body)
        self.set_close_on_finish()
        log().info("refused unread", status=problem["status"], request_id=request_id)
        self.write(body)

    def _problem(self, status: int) -> dict[str, Any]:
        error: CallerError
        match status:
            case 413:
                error = errors.TooLarge(errors.BODY_LIMIT.format(self.channel.adj.max_request_body_size - 1))
            case 431:
                error = errors.HeadersTooLarge(errors.HEADERS_LIMIT.format(MAX_HEADERS))
            case 400:
                error = errors.NotHttp(errors.NOT_HTTP.format(MAX_LINES))
            case 501:
                error = errors.NotHttp(errors.ONLY_CHUNKED)
            case _:
                return bare_problem(status)
        return problem_of(error)


class _Channel(HTTPChannel):
    parser_class = _Parser
    error_task_class = _Refusal


class Server:
    """A server on its port, answering from the moment it is made until `stop`."""

    def __init__(self, application: Any, config: Configuration) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = create_server(
            application,
            map=self._sockets,
            host=config.host,
            port=config.port,
            threads=config.threads,
            ident=None,
            clear_untrusted_proxy_headers=config.proxies == 0,  # else the application reads them
            max_request_body_size=config.max_body + 1,
            max_request_header_size=MAX_HEADERS,
            channel_timeout=IDLE_SECONDS,
            connection_limit=CONNECTIONS,
            asyncore_use_poll=True,
        )
        for listener in self._listeners():
            listener.channel_class = _Channel
        # It warns of requests that wait, but counts a worker that is only just waking or starting as busy.
        logging.getLogger("waitress.queue").disabled = True
        self._thread = threading.Thread(target=self._server.run, name="journeys-server", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that it answers on."""
        return int(self._listeners()[0].effective_port)

    def stop(self) -> None:
        """Takes no more connections, finishes the requests in hand, sends their answers, and ends."""
        for listener in self._listeners():
            listener.accepting = False
        # The loop goes on meanwhile: it is what sends the answers.
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=FINISH_SECONDS)
        waited = 0.0
        while waited < FLUSH_SECONDS and any(channel.total_outbufs_len for channel in self._channels()):
            time.sleep(0.02)
            waited += 0.02
        self._server.asyncore.close_all(self._sockets, ignore_all=True)
        self._thread.join(FLUSH_SECONDS)

    def _listeners(self) -> list[Any]:
        return [channel for channel in list(self._sockets.values()) if isinstance(channel, BaseWSGIServer)]

    def _channels(self) -> list[Any]:
        return [channel for channel in list(self._sockets.values()) if isinstance(channel, HTTPChannel)]
