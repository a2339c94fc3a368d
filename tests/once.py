"""What a whole run makes once, by whichever of its processes comes first."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

#: The environment variable with the folder of the run, which hands it down to the xdist workers.
RUN = "JOURNEYS_TEST_RUN"


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """A file in the folder of the run; `make` writes it at the path that it is given.

    Where `make` fails nothing is kept, and the next test that asks tries again.
    """
    file = Path(os.environ[RUN]) / name
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished = file.with_suffix(".unfinished")
            unfinished.unlink(missing_ok=True)
            make(unfinished)
            unfinished.rename(file)
    return file
