"""The configuration of a process, read and checked once at its start. It opens no database."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL

from service.platform.inbound_sources import InboundSource, read_row_secrets, read_sources
from service.platform.setting_values import (
    ConfigurationError,
    database_url,
    names_of,
    problems_of,
    shown,
    without_password,
)

if TYPE_CHECKING:
    from journeys.review.approval import Requirements

PREFIX = "JOURNEYS_"
FILE_VARIABLE = "JOURNEYS_CONFIG"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def _number(default: float, least: float, most: float) -> Any:
    return field(default=default, metadata={"least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """The connections of a process to PostgreSQL: `most` is their number, the other fields are limits in seconds.

    `wait` limits how long a request waits for a free connection, `statement` how long a statement runs, `lock` how long
    it waits for a lock, `idle` how long a transaction does nothing; 0 means no limit.
    """

    most: int
    wait: float
    statement: float
    lock: float
    idle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of one process. Every field can be set by `JOURNEYS_<NAME>`, or by its name in a TOML file.

    `worker`: whether `serve` fires due timers itself, in a thread. `worker_interval`: the seconds that the worker waits
    when no timer is due. `threads`: the number of requests answered at the same time. `proxies`: the number of proxies
    in front of the process whose headers about the caller are trusted. `metrics_port`: the port of the loopback address
    at which `journeys worker` shows its metrics (0: none). `connections` and the timeouts are PostgreSQL's; see
    `Connections`. `late_*`: the limits of `journeys status`, in seconds; `late_stuck` is a number of enrollments, and
    `late_failed` of messages in a day.

    `trusted_hosts`: the accepted names of the service in requests, with commas between them (none: any name; on a
    loopback address without a proxy, the machine's own names). `https`: whether callers use https; answers then tell
    browsers to use nothing else.

    Staff sign in at `/room` with the provider that `oidc_issuer` names (OpenID Connect; none: by password only), where
    this service is the client `oidc_client` with its `oidc_secret`.

    Patients sign in with the providers that the TOML file `patient_providers` describes, and with passkeys where
    `patient_passkeys` says so, beside codes; see docs/service.md.

    People join programmes at `/join/<programme>`, which the sites of `registration_origins` (https origins, with blanks
    between them) may embed; from one network address `registrations_per_minute` are begun at most (0: no limit).

    `approvals`: the functions that must sign each purpose, and how long a signature is valid: a table in a TOML file,
    one line elsewhere (`education=medical; marketing=medical+legal; expires_after=P1Y`). Purposes that are not listed
    have their default; a purpose without functions needs no signature. `approval_key`: the secret that seals the record
    of approvals, so that nobody can seal a changed record with access to the database alone; with another secret every
    seal is wrong.

    Messages leave where a channel is set up, with `public_url`, the https address at which patients reach this service:
    mail by `mail_server` (`host:port`) with `mail_security` (starttls, tls or none), from `mail_from`
    (`Name <address>`); bounces go to `mail_bounces`, a mailbox whose server accepts tags (`bounce+tag@example.org`),
    and wishes to get no more to `mail_unsubscribe`; `postal_address` is shown in each mail, its lines with semicolons
    between them. The key in the file `mail_dkim_key` signs mail for `mail_dkim_domain` under `mail_dkim_selector`. Text
    messages leave by the provider that the file `sms_provider` describes, or by the account `sms_account` at Twilio
    with its `sms_token`, from `sms_sender` (a number, or a Messaging Service), or by Apprise (`apprise_url`, with
    `{to}` for the number); push messages by `push_key` (P-256, PEM or base64url) of `push_contact`. Letters are printed
    on `post_paper` (a4, letter). `mail_per_second`, `sms_per_second`, `push_per_second`: how many messages a second a
    process hands to the provider at most (0: as many as there are). `digest_hour`: the hour of the day (UTC) from which
    the digests of the reviewers' inbox leave by mail.

    `inbound`: the sources of receipts and replies, each with the secrets by which it signs what it sends to
    `/v1/inbound/<source>`; see `read_sources`. `triggers`: the same of the sources that send rows to
    `/v1/triggers/<source>`.

    `feed`: whether the worker publishes the feed of events for other systems, and delivers it to webhooks.

    Limits: `max_body` in bytes; `max_batch` in events; `max_events` of an enrollment (staff: twice as many);
    `max_enrollments` of a patient. Calls a minute, of each token and process (0: no limit): `reads_per_minute` and
    `reports_per_minute`, with separate settings for a patient's token.
    """

    database: str = "sqlite:///journeys.db"
    host: str = "127.0.0.1"
    port: int = _number(8000, 0, 65535)
    threads: int = _number(8, 1, 256)
    proxies: int = _number(0, 0, 10)
    trusted_hosts: str = ""
    https: bool = False
    worker: bool = True
    worker_interval: float = _number(1.0, 0.01, 3600)
    metrics_port: int = _number(0, 0, 65535)
    max_body: int = _number(1_000_000, 1_000, 100_000_000)
    max_batch: int = _number(500, 1, 10_000)
    max_events: int = _number(10_000, 10, 1_000_000)
    max_enrollments: int = _number(100, 1, 10_000)
    reads_per_minute: int = _number(60_000, 0, 100_000_000)
    reports_per_minute: int = _number(30_000, 0, 100_000_000)
    patient_reads_per_minute: int = _number(600, 0, 100_000_000)
    patient_reports_per_minute: int = _number(120, 0, 100_000_000)
    approvals: str = ""
    approval_key: str = ""
    log_level: str = "info"
    connections: int = _number(20, 2, 500)
    connection_wait: float = _number(5.0, 0.1, 600)
    statement_timeout: float = _number(30.0, 0, 86_400)
    lock_timeout: float = _number(10.0, 0, 86_400)
    idle_timeout: float = _number(60.0, 0, 86_400)
    late_timer: float = _number(300.0, 1, 31_536_000)
    late_worker: float = _number(120.0, 20, 31_536_000)
    late_task: float = _number(0.0, 0, 31_536_000)
    late_backup: float = _number(93_600.0, 60, 31_536_000)
    late_approval: float = _number(2_592_000.0, 0, 31_536_000)
    late_stuck: int = _number(100, 0, 1_000_000_000)
    late_message: float = _number(300.0, 60, 31_536_000)
    late_failed: int = _number(20, 0, 1_000_000_000)
    late_letter: float = _number(172_800.0, 60, 31_536_000)
    late_feed: float = _number(300.0, 60, 31_536_000)
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = ""
    patient_providers: str = ""
    patient_passkeys: bool = False
    registration_origins: str = ""
    registrations_per_minute: int = _number(60, 0, 1_000_000)
    public_url: str = ""
    mail_server: str = ""
    mail_security: str = "starttls"
    mail_user: str = ""
    mail_password: str = ""
    mail_from: str = ""
    mail_bounces: str = ""
    mail_unsubscribe: str = ""
    mail_dkim_key: str = ""
    mail_dkim_selector: str = ""
    mail_dkim_domain: str = ""
    postal_address: str = ""
    sms_provider: str = ""
    sms_account: str = ""
    sms_token: str = ""
    sms_sender: str = ""
    apprise_url: str = ""
    push_key: str = ""
    push_contact: str = ""
    post_paper: str = ""
    digest_hour: int = _number(6, 0, 23)
    mail_per_second: float = _number(0.0, 0, 10_000)
    sms_per_second: float = _number(0.0, 0, 10_000)
    push_per_second: float = _number(0.0, 0, 10_000)
    inbound: str = ""
    triggers: str = ""
    feed: bool = False

    def __post_init__(self) -> None:
        problems = [
            f"{setting.name} {problem}"
            for setting in fields(self)
            for problem in problems_of(setting, getattr(self, setting.name))
        ]
        if problems:
            raise ConfigurationError(problems)

    @property
    def url(self) -> URL:
        """The address of the database."""
        return database_url(self.database)

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database, or None."""
        url = self.url
        return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None

    @property
    def channels(self) -> frozenset[str]:
        """The channels to patients that are set up."""
        of_text = self.sms_provider or self.sms_account or self.apprise_url
        settings = {"email": self.mail_server, "sms": of_text, "push": self.push_key, "post": self.post_paper}
        return frozenset(name for name, setting in settings.items() if setting)

    @property
    def requirements(self) -> Requirements:
        """The required signatures of each purpose, and how long they are valid."""
        from journeys.review.approval import read_requirements  # commands without content need none of it

        return read_requirements(self.approvals)

    @property
    def inbound_sources(self) -> Mapping[str, InboundSource]:
        """The sources of receipts and replies by name."""
        return read_sources(self.inbound)

    @property
    def row_secrets(self) -> Mapping[str, tuple[bytes, ...]]:
        """The secrets of the sources of rows by name."""
        return read_row_secrets(self.triggers)

    @property
    def hosts(self) -> frozenset[str]:
        """The accepted names of the service in requests; none: any name."""
        hosts = frozenset(names_of(self.trusted_hosts))
        return hosts or (LOOPBACK if self.host in ("localhost", "127.0.0.1", "::1") and not self.proxies else hosts)

    @property
    def postgresql(self) -> Connections:
        """The connections of a serving process to PostgreSQL."""
        return Connections(
            most=self.connections,
            wait=self.connection_wait,
            statement=self.statement_timeout,
            lock=self.lock_timeout,
            idle=self.idle_timeout,
        )

    @classmethod
    def of_environment(
        cls, environment: Mapping[str, str], *, file: Path | None = None, **arguments: Any
    ) -> Configuration:
        """The configuration that a process starts with.

        Args:
            environment: its `JOURNEYS_*` variables; `JOURNEYS_CONFIG` names a file.
            file: a TOML file, instead of the one that the environment names. Variables go before it.
            arguments: go before both, where they are not None.

        Raises:
            ConfigurationError: with every unknown name and every value that is not accepted.
        """
        settings = read_settings(environment, file=file, **arguments)
        if settings.problems:
            raise ConfigurationError(settings.problems)
        return cls(**settings.values)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings, the source of each (`JOURNEYS_PORT`, `journeys.toml: port`, `--port`), and every problem."""

    values: Mapping[str, Any]
    places: Mapping[str, str]
    problems: list[str]


def read_settings(environment: Mapping[str, str], *, file: Path | None = None, **arguments: Any) -> Settings:
    """The settings of options, the environment and a file, in this order of precedence; see `of_environment`."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    config_file = file or (Path(environment[FILE_VARIABLE]) if environment.get(FILE_VARIABLE) else None)
    sources = (
        _of_file(config_file, problems) if config_file is not None else (),
        _of_variables(environment, problems),
        ((name, f"--{name.replace('_', '-')}", value) for name, value in arguments.items() if value is not None),
    )
    kinds = {setting.name: setting for setting in fields(Configuration)}
    for source in sources:
        for name, source_name, value in source:
            wrong = [f"{source_name} {problem}" for problem in problems_of(kinds[name], value)]
            problems += wrong
            if not wrong:
                values[name], places[name] = value, source_name
    if not problems:
        problems += _contradictions(Configuration(**values), places)
    return Settings(values, places, problems)


def in_words(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every setting with its value, without passwords, and its source (`default` where it was not set)."""
    for setting in fields(Configuration):
        value = settings.values.get(setting.name, setting.default)
        text = without_password(database_url(value)) if setting.name == "database" else shown(value)
        if setting.name in _SECRETS and value:
            text = "***"
        yield setting.name, text, settings.places.get(setting.name, "default")


def _of_variables(environment: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str, Any]]:
    kinds = {PREFIX + setting.name.upper(): setting for setting in fields(Configuration)}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable.startswith(PREFIX + "TEST") or variable == FILE_VARIABLE:
            continue
        if variable not in kinds:
            problems.append(f"Unknown setting {variable}; {_meant(variable, (*kinds, FILE_VARIABLE), PREFIX)}")
            continue
        kind = str(kinds[variable].type)
        try:
            yield kinds[variable].name, variable, _READERS[kind](text)
        except ValueError:
            problems.append(f"{variable} must be {_ACCEPTED[kind]}.")


def _of_file(file: Path, problems: list[str]) -> Iterator[tuple[str, str, Any]]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{file} cannot be read: {error.strerror}.")
        return
    except ValueError as error:  # not TOML, or not UTF-8
        problems.append(f"{file} must be a TOML file: {error}.")
        return
    kinds = {setting.name: setting for setting in fields(Configuration)}
    for name, value in values.items():
        source = f"{file}: {name}"
        if name not in kinds:
            problems.append(f"{file}: unknown setting {name}; {_meant(name, kinds)}")
            continue
        kind = str(kinds[name].type)
        if name == "approvals" and isinstance(value, dict):
            from journeys.review.approval import requirements_text

            try:
                yield name, source, requirements_text(value)
            except ValueError as error:
                problems.append(f"{source} {error}")
        elif type(value).__name__ == kind:
            yield name, source, value
        elif type(value) is int and kind == "float":
            yield name, source, float(value)
        else:
            problems.append(f"{source} must be {_ACCEPTED[kind]}.")


def _meant(name: str, settings: Iterable[str], prefix: str = "") -> str:
    bare = sorted(setting.removeprefix(prefix) for setting in settings)
    close = difflib.get_close_matches(name.removeprefix(prefix), bare, n=1, cutoff=0.7)
    return (
        f"did you mean {prefix}{close[0]}?"
        if close
        else f"accepted: {', '.join(prefix + setting for setting in bare)}."
    )


def _contradictions(config: Configuration, places: Mapping[str, str]) -> Iterator[str]:
    """Problems of settings that are accepted one by one, but contradict each other."""

    def source_of(name: str) -> str:
        return places.get(name, f"{name} (by default)")

    if 0 < config.reports_per_minute < config.max_batch:
        yield (
            f"{source_of('reports_per_minute')} is {config.reports_per_minute}, and {source_of('max_batch')} is "
            f"{config.max_batch}: a batch counts as its events, so a full batch would always fail. Reduce max_batch."
        )
    if bool(config.oidc_issuer) != bool(config.oidc_client):
        yield (
            f"{source_of('oidc_issuer')} and {source_of('oidc_client')} belong together: the address "
            "of the identity provider, and the name of this service there. Set both or neither."
        )
    for setting, needed in _NEEDED.items():
        missing = [name for name in needed if getattr(config, setting) and not getattr(config, name)]
        if missing:
            yield f"{source_of(setting)} needs {', '.join(missing)} too. Set all of them, or leave {setting} out."
    of_text = [name for name in ("sms_provider", "sms_account", "apprise_url") if getattr(config, name)]
    if len(of_text) > 1:
        yield f"{' and '.join(map(source_of, of_text))} each send text messages. Set one of them."
    if config.sqlite_file is not None:
        if not config.worker:
            yield (
                f"{source_of('worker')} is off, and {source_of('database')} is an SQLite file, which only one "
                "process may use: no timer would fire. Leave the worker on, or use PostgreSQL."
            )
        return
    if config.connections < config.threads + 2:
        yield (
            f"{source_of('connections')} is {config.connections}, and {source_of('threads')} {config.threads}: "
            "every thread needs a connection, the worker and the checks need two more. "
            f"Allow {config.threads + 2} connections."
        )
    if 0 < config.statement_timeout <= config.lock_timeout:
        yield (
            f"{source_of('lock_timeout')} is {shown(config.lock_timeout)}, and {source_of('statement_timeout')} "
            f"{shown(config.statement_timeout)}: a statement would end before its lock. Reduce lock_timeout."
        )


def _read_flag(text: str) -> bool:
    if text.lower() not in (*_YES, *_NO):
        raise ValueError(text)
    return text.lower() in _YES


_SECRETS = frozenset(
    {"approval_key", "oidc_secret", "mail_password", "push_key", "sms_token", "apprise_url", "inbound", "triggers"}
)
#: What else must be set where a setting of a channel is.
_NEEDED = {
    "mail_server": ("public_url", "mail_from", "mail_bounces", "mail_unsubscribe", "postal_address"),
    "mail_dkim_key": ("mail_server", "mail_dkim_selector", "mail_dkim_domain"),
    "mail_dkim_selector": ("mail_dkim_key",),
    "mail_dkim_domain": ("mail_dkim_key",),
    "push_key": ("public_url", "push_contact"),
    "post_paper": ("postal_address",),
    "sms_provider": ("public_url",),
    "sms_account": ("public_url", "sms_token", "sms_sender"),
    "apprise_url": ("public_url",),
}
_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
_READERS: Mapping[str, Any] = {"str": str, "int": int, "float": float, "bool": _read_flag}
_ACCEPTED = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false"}
