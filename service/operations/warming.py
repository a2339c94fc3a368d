"""Compiles releases and reads their content before patients ask for them, in a thread. It writes nothing."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sqlalchemy import Connection

from journeys.primitives.errors import CallerError
from service.platform.errors import Unavailable
from service.platform.logs import log, where
from service.publishing.service import Service
from service.publishing.store import approvals, releases

LOOK_SECONDS = 5.0
PAUSE_AFTER_TROUBLE = 2.0


class Warmer:
    """Compiles the releases that patients are in or can join, at the start and after each publication.

    Requests that arrive meanwhile wait for the release they need, and for no other.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._first_done = threading.Event()
        self._stop = threading.Event()
        self._revisions: Mapping[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="journeys-warmer", daemon=True)

    @property
    def is_done(self) -> bool:
        """Whether every release that was in use at the start is compiled."""
        return self._first_done.is_set()

    def start(self) -> None:
        """Works in a thread until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; a release that is being compiled is completed first."""
        self._stop.set()
        self._thread.join(10.0)

    def warm(self) -> None:
        """Compiles what was published or approved since the last time.

        Raises:
            Unavailable: when the database cannot be reached.
        """
        with self.service.database.reading() as connection:
            revisions = {}
            for journey in releases.journeys_published(connection):
                in_force = approvals.in_force(connection, journey)
                revisions[journey] = in_force.revision if in_force is not None else 0
            for journey, revision in revisions.items():
                if self._revisions.get(journey) != revision:
                    self._warm_journey(connection, journey, revision)
        self._revisions = revisions
        if not self._stop.is_set():
            self._first_done.set()

    def _warm_journey(self, connection: Connection, journey: str, revision: int) -> None:
        newest = releases.newest_publication(connection, journey)
        joined = [newest.release] if newest is not None else []
        now = self.service.clock()
        for release_id in dict.fromkeys([*joined, *releases.releases_in_use(connection, journey)]):
            if self._stop.is_set():
                return
            try:
                release = self.service.library.releases(connection)[release_id]
                for locale in release.plan.journey.locales:
                    self.service.library.servable_content(
                        connection, release, revision, locale=locale, now=now
                    ).questionnaire()
            except Unavailable:
                raise
            except (CallerError, ValueError) as error:  # an altered release refuses its own patients, and no others
                log().error("release-not-compiled", release=release_id, **where(error))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.warm()
                self._stop.wait(LOOK_SECONDS)
            except Unavailable:
                self._stop.wait(PAUSE_AFTER_TROUBLE)
            except Exception as error:  # without it every release would be compiled by the first request, as before
                log().error("warmer-trouble", **where(error))
                self._first_done.set()
                self._stop.wait(PAUSE_AFTER_TROUBLE)
