"""Reads the files of authors: regular files alone, and no more of them than a parser accepts."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class UnreadableFile(Exception):
    """A path that is not a regular file, or a file that cannot be read; the text says what to do."""


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a regular file; of a longer one `most` + 1, so that its parser refuses it.

    Raises:
        UnreadableFile: the path is a link, a folder, a pipe or a device, or may not be read. Nothing waits for a pipe.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        if path.is_symlink():
            raise UnreadableFile("Links are not followed; put the file itself here.") from None
        raise UnreadableFile(f"The file cannot be read: {os.strerror(error.errno or 0)}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableFile("This is not a regular file; put the file itself here.")
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most + 1)
