"""What the service is told from outside, once, at its start; refused when it makes no sense. It opens nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "JOURNEYS_"
LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigurationError(ValueError):
    """What is wrong with the configuration, all of it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """How one process of the service runs. Every field can be set by `JOURNEYS_<NAME>`.

    `worker` says whether `serve` fires due timers itself, in a thread; `worker_interval` how many seconds it waits
    when nothing is due; `threads` how many requests are answered at once.
    """

    database: str = "sqlite:///journeys.db"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    worker: bool = True
    worker_interval: float = 1.0
    max_body: int = 1_000_000
    log_level: str = "info"

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ConfigurationError(problems)

    @property
    def url(self) -> URL:
        """Where the database is."""
        return database_url(self.database)

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database, or None."""
        url = self.url
        return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None

    @classmethod
    def of_environment(cls, environment: Mapping[str, str], **arguments: Any) -> Configuration:
        """The configuration of `JOURNEYS_*` variables; arguments that are not None go before them.

        Raises:
            ConfigurationError: for values that make no sense and for unknown `JOURNEYS_*` names.
        """
        kinds = {field.name: field.type for field in fields(cls)}
        values: dict[str, Any] = {}
        problems: list[str] = []
        for variable, text in environment.items():
            name = variable.removeprefix(PREFIX).lower()
            if not variable.startswith(PREFIX) or variable.startswith(PREFIX + "TEST"):
                continue
            if name not in kinds:
                accepted = ", ".join(sorted(PREFIX + kind.upper() for kind in kinds))
                problems.append(f"{variable} is no setting; accepted: {accepted}.")
                continue
            try:
                values[name] = _READERS[str(kinds[name])](text)
            except ValueError:
                problems.append(f"{variable} must be {_ACCEPTED[str(kinds[name])]}.")
        if problems:
            raise ConfigurationError(problems)
        values |= {name: value for name, value in arguments.items() if value is not None}
        return cls(**values)


def database_url(text: str) -> URL:
    """The address of a database, with the driver that is used here.

    Raises:
        ConfigurationError: for what is no address of an SQLite file or a PostgreSQL database.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigurationError([f"The database must be {_DATABASES}."]) from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        if url.database in (None, "", ":memory:") or url.query:
            raise ConfigurationError(["An SQLite database must be a file: sqlite:///journeys.db."])
        return url.set(drivername="sqlite")
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise ConfigurationError([f"The database must be {_DATABASES}."])


def _problems(config: Configuration) -> list[str]:
    problems: list[str] = []
    try:
        database_url(config.database)
    except ConfigurationError as error:
        problems += error.problems
    if not 0 <= config.port <= 65535:
        problems.append("The port must be from 0 to 65535.")
    if not 1 <= config.threads <= 256:
        problems.append("The number of threads must be from 1 to 256.")
    if not 0.01 <= config.worker_interval <= 3600:
        problems.append("The worker's interval must be from 0.01 to 3600 seconds.")
    if not 1_000 <= config.max_body <= 100_000_000:
        problems.append("The largest body must be from 1000 to 100000000 bytes.")
    if config.log_level not in LOG_LEVELS:
        problems.append(f"The log level must be one of {', '.join(LOG_LEVELS)}.")
    return problems


def _read_flag(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise ValueError(text)
    return text.lower() in _YES


_DATABASES = "sqlite:///<file> or postgresql://<user>@<host>/<database>"
_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
_READERS: Mapping[str, Any] = {"str": str, "int": int, "float": float, "bool": _read_flag}
_ACCEPTED = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false"}
