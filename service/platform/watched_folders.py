"""Watches folders for changed files, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from service.platform.logs import log, where

DEBOUNCE = 100
STEP = 50
#: After so many milliseconds without a change, it is quiet.
QUIET = 500


class WatchedFolders:
    """Calls a function with the paths that changed; an error of the call is logged, and watching continues."""

    def __init__(
        self,
        folders: Iterable[Path],
        changed: Callable[[frozenset[Path]], object],
        quiet: Callable[[], object] | None = None,
    ) -> None:
        """Watching begins with `start`.

        Args:
            folders: folders and files; one that does not exist when watching begins is left out.
            changed: called with the paths that changed.
            quiet: called whenever nothing has changed for half a second.
        """
        self._folders = tuple(folders)
        self._changed = changed
        self._quiet = quiet
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start watching."""
        self._thread = threading.Thread(target=self._run, name="watched-folders", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; it may be called before `start`."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def _run(self) -> None:
        from watchfiles import watch  # only authors need it

        for changes in watch(
            *(path for path in self._folders if path.exists()),
            debounce=DEBOUNCE,
            step=STEP,
            stop_event=self._stop,
            raise_interrupt=False,
            rust_timeout=QUIET,
            yield_on_timeout=True,
        ):
            try:
                if changes:
                    self._changed(frozenset(Path(path) for _, path in changes))
                elif self._quiet is not None:
                    self._quiet()
            except Exception as error:  # a file that is just being replaced; its next change is looked at again
                log().warning("files-not-checked", **where(error))
