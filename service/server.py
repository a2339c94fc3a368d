"""The HTTP server of the embedded default: waitress in a thread, which finishes what it has in hand before it ends."""

from __future__ import annotations

import threading
import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from service.configuration import Configuration

MAX_HEADERS = 32_768
IDLE_SECONDS = 60
FINISH_SECONDS = 10.0
FLUSH_SECONDS = 2.0


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
        )
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
        return [one for one in list(self._sockets.values()) if isinstance(one, BaseWSGIServer)]

    def _channels(self) -> list[Any]:
        return [one for one in list(self._sockets.values()) if isinstance(one, HTTPChannel)]
