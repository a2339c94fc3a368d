"""The files of the demonstration: after each change they are published, or their errors are listed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from journeys.primitives.problems import Problem, counted, only_errors
from service.demo.reviewers import publish_signed
from service.platform.watched_folders import WatchedFolders
from service.publishing.publish import Publishing, publish_from_files
from service.publishing.service import Service
from service.publishing.stories import publish_stories


@dataclass(frozen=True, slots=True)
class PublishAttempt:
    """The result of the last check of the files: every error, or sentences about what was published.

    `number` counts the checks, so that a page that polls can detect a new one.
    """

    number: int = 0
    problems: tuple[Problem, ...] = ()
    said: tuple[str, ...] = ()


class WatchedFiles:
    """A folder of definitions and a folder of content, whose last state without errors is published.

    `signs`: whether published content is signed at once; otherwise it waits for a reviewer in the reviewers' room.
    """

    def __init__(
        self, service: Service, definitions: Path, content: Path, move: Callable[[str, str], Iterable[str]]
    ) -> None:
        """Watching begins with `watch`.

        Args:
            service: where to publish.
            definitions: the folder of definitions.
            content: the folder that holds a folder of pieces for each journey.
            move: takes a journey and its new release, migrates patients to it, and returns sentences about them.
        """
        self._service = service
        self._definitions = definitions
        self._content = content
        self._stories = definitions.parent / "tests" / "stories"
        self._move = move
        self._lock = threading.Lock()
        self._watched = WatchedFolders((definitions, content), lambda _: self.check())
        self.checked = PublishAttempt()
        self.signs = True

    def check(self) -> Publishing:
        """Publish the files if they have no errors; store the result in `checked`."""
        with self._lock:
            publish = publish_signed if self.signs else publish_from_files
            done = publish(self._service, self._definitions, self._content)
            changed = [published.journey for published in done.journeys if published.is_changed]
            publish_stories(self._service, self._stories, changed)
            problems = tuple(only_errors(done.problems))
            self.checked = PublishAttempt(self.checked.number + 1, problems, tuple(self._said(done)))
            return done

    def watch(self) -> None:
        """Check the files after every change, until `stop`."""
        self._watched.start()

    def stop(self) -> None:
        """Stop watching."""
        self._watched.stop()

    def _said(self, done: Publishing) -> Iterable[str]:
        for published in done.journeys:
            if not published.is_changed:
                continue
            pieces = [
                f"{counted(len(keys), 'piece')} {change}"
                for keys, change in (
                    (published.added, "added"),
                    (published.changed, "changed"),
                    (published.withdrawn, "withdrawn"),
                )
                if keys
            ]
            release = [f"release {published.number}"] if published.is_new_release else []
            yield f"Published {published.journey}: {', '.join([*release, *pieces])}."
            if not self.signs:
                yield "It waits for signatures in the reviewers' room."
            elif published.is_new_release:
                yield from self._move(published.journey, published.release)
