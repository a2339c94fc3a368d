"""Which values the settings of a process accept, one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from journeys.primitives.words import PAPERS
from service.platform.inbound_sources import read_row_secrets, read_sources

MAIL_SECURITY = ("starttls", "tls", "none")
LOG_LEVELS = ("debug", "info", "warning", "error")


class ConfigurationError(ValueError):
    """All problems of a configuration."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def problems_of(setting: Field[Any], value: Any) -> Iterator[str]:
    """The accepted values of a setting, where a value of the right type is not accepted."""
    if setting.name == "database":
        try:
            database_url(value)
        except ConfigurationError as error:
            yield "is not accepted. " + " ".join(error.problems)
    elif setting.name == "oidc_issuer":
        if value and not _ISSUER.fullmatch(value):
            yield "must be the provider's issuer address: https, or http on this machine only."
    elif setting.name == "public_url":
        if value and not _PUBLIC_URL.fullmatch(value):
            yield "must be the https address of this service, without a slash at its end: https://guide.example.org."
    elif setting.name == "mail_server":
        if value and not _MAIL_SERVER.fullmatch(value):
            yield "must be a host and a port: mail.example.org:587."
    elif setting.name == "mail_security":
        if value not in MAIL_SECURITY:
            yield f"must be one of {', '.join(MAIL_SECURITY)}."
    elif setting.name == "trusted_hosts":
        if not all(_HOST.fullmatch(name) for name in names_of(value)):
            yield "must be host names with commas between them, without ports: api.example, 10.0.0.5."
    elif setting.name in _PARSED:
        try:
            _PARSED[setting.name](value)
        except ValueError as error:
            yield str(error)
    elif setting.name == "post_paper":
        if value not in ("", *PAPERS):
            yield f"must be one of {', '.join(PAPERS)}, or empty: no letters."
    elif setting.name == "log_level":
        if value not in LOG_LEVELS:
            yield f"must be one of {', '.join(LOG_LEVELS)}."
    elif "least" in setting.metadata and not setting.metadata["least"] <= value <= setting.metadata["most"]:
        yield f"must be from {shown(setting.metadata['least'])} to {shown(setting.metadata['most'])}."


def without_password(url: URL) -> str:
    """The address of a database as it may be shown."""
    hidden = {name: "***" for name in url.query if "pass" in name.lower()}
    plain = url.set(drivername=url.get_backend_name()).update_query_dict(hidden)
    return plain.render_as_string(hide_password=True)


def database_url(text: str) -> URL:
    """The address of a database, with the driver that is used here.

    Raises:
        ConfigurationError: the address is neither that of an SQLite file nor of a PostgreSQL database.
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


def shown(value: object) -> str:
    """A value as it is written in a setting."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def names_of(hosts: str) -> list[str]:
    """The host names of a list with commas between them."""
    return [name.strip().lower() for name in hosts.split(",") if name.strip()]


_DATABASES = "sqlite:///<file> or postgresql://<user>@<host>/<database>"
_HOST = re.compile(r"[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\]")
_ISSUER = re.compile(r"https://[^\s?#]{1,500}|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/[^\s?#]{0,400})?")
_PUBLIC_URL = re.compile(r"https://[A-Za-z0-9.:\[\]-]{1,255}(/[^\s?#]{0,200}[^\s?#/])?")
_MAIL_SERVER = re.compile(r"[A-Za-z0-9.-]{1,255}:[0-9]{1,5}")


def _requirements_of(text: str) -> object:
    """The requirements in a text; without one nothing is imported, since most commands ask for none."""
    if not text.strip():
        return None
    from journeys.review.approval import read_requirements

    return read_requirements(text)


_PARSED: Mapping[str, Callable[[str], object]] = {
    "approvals": _requirements_of,
    "inbound": read_sources,
    "triggers": read_row_secrets,
}
