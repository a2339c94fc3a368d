"""Print files in a folder, readable by their owner alone: HTML, and PDF where the extra `print` is installed."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from pathlib import Path

_TALKATIVE = ("weasyprint", "weasyprint.progress", "fontTools", "fontTools.subset")
#: Loggers that may repeat what is printed.


def write_print_file(folder: Path, name: str, page: str) -> list[Path]:
    """Writes a page of HTML, and its PDF where weasyprint is installed; returns the files, which are written whole.

    Raises:
        OSError: the folder cannot be written.
    """
    files = [_write(folder / f"{name}.html", page.encode())]
    pdf = pdf_of(page)
    return [*files, _write(folder / f"{name}.pdf", pdf)] if pdf is not None else files


def pdf_of(page: str) -> bytes | None:
    """The PDF of a page, for which nothing is loaded; None where weasyprint is not installed."""
    try:
        weasyprint = import_module("weasyprint")
        urls = import_module("weasyprint.urls")
    except (ImportError, OSError):  # OSError: a library of the system, such as Pango, is missing
        return None
    for name in _TALKATIVE:
        logging.getLogger(name).disabled = True
    document: bytes = weasyprint.HTML(string=page, url_fetcher=urls.URLFetcher(allowed_protocols=())).write_pdf()
    return document


def _write(file: Path, content: bytes) -> Path:
    """Writes a file with the rights 0600, in place of an earlier one."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(content)
    unfinished.replace(file)
    return file
