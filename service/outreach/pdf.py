"""Draws the PDF of a page: `python -m service.outreach.pdf` reads HTML and writes the PDF. It loads no other address.

It is a process of its own: Pango, which weasyprint loads, and the Pango within Graphviz end a process that has both.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module

MISSING = 3
#: The exit code where weasyprint is not installed.


def draw(page: str) -> bytes | None:
    """The PDF of a page; None where weasyprint, or a library of the system that it needs, is not installed."""
    try:
        weasyprint = import_module("weasyprint")
        urls = import_module("weasyprint.urls")
    except (ImportError, OSError):
        return None
    logging.disable()  # what is logged may repeat what is printed
    document: bytes = weasyprint.HTML(string=page, url_fetcher=urls.URLFetcher(allowed_protocols=())).write_pdf()
    return document


def main() -> int:
    """Reads the page from the standard input; returns the exit code."""
    document = draw(sys.stdin.buffer.read().decode())
    if document is None:
        return MISSING
    sys.stdout.buffer.write(document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
