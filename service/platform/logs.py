"""Structured logs as JSON lines: routes, ids, statuses and durations; never a body, a query, a name or a message."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_of_command: ContextVar[bool] = ContextVar("of_command", default=False)


def configure_logs(level: str) -> None:
    """Sends every log of this process to the standard error as JSON lines."""
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries log for people, with values in their messages: only that something is wrong comes through.
    logging.basicConfig(handlers=[_Quiet()], level=logging.WARNING, force=True)


@contextmanager
def logs_of_command() -> Iterator[None]:
    """Sends warnings and errors to the standard error while a command runs: its output is its result alone."""
    token = _of_command.set(True)
    try:
        yield
    finally:
        _of_command.reset(token)


def log() -> Any:
    """The logger of the service. Most commands log nothing, and begin sooner as structlog is imported here."""
    import structlog

    if not _of_command.get():
        return structlog.get_logger("journeys")
    warnings = structlog.make_filtering_bound_logger(logging.WARNING)
    return structlog.wrap_logger(structlog.PrintLogger(sys.stderr), wrapper_class=warnings)


def where(error: BaseException) -> dict[str, Any]:
    """The loggable part of an unexpected error: its class and its lines of code, never its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


def _short(path: str) -> str:
    parts = path.replace("\\", "/").split("/")
    return "/".join(parts[-3:])


class _Quiet(logging.Handler):
    """Logs that a library gave a warning, without its text."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one line for a warning."""
        log().warning("library", logger=record.name, level_of_it=record.levelname.lower())
