"""Print files in a folder, readable by their owner alone: HTML, and PDF where the extra `print` is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from service.outreach import pdf

MOST_SECONDS = 300


def write_print_file(folder: Path, name: str, page: str) -> list[Path]:
    """Writes a page of HTML, and its PDF where weasyprint is installed; returns the files, which are written whole.

    Raises:
        OSError: the folder cannot be written.
    """
    files = [_write(folder / f"{name}.html", page.encode())]
    document = pdf_of(page)
    return [*files, _write(folder / f"{name}.pdf", document)] if document is not None else files


def pdf_of(page: str) -> bytes | None:
    """The PDF of a page, for which nothing is loaded; None where weasyprint is not installed.

    Raises:
        OSError: it cannot be drawn.
    """
    drawn = subprocess.run(  # noqa: S603 # nosec B603 # a module of our own
        [sys.executable, "-m", pdf.__name__],
        input=page.encode(),
        capture_output=True,
        check=False,
        timeout=MOST_SECONDS,
    )
    if drawn.returncode == pdf.MISSING:
        return None
    if drawn.returncode != 0:
        raise OSError("The PDF cannot be drawn.")
    return drawn.stdout


def _write(file: Path, content: bytes) -> Path:
    """Writes a file with the rights 0600, in place of an earlier one."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(content)
    unfinished.replace(file)
    return file
