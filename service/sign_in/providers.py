"""The providers with which patients sign in, from a TOML file: read and checked once, when the process starts."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.access.provider import Provider
from service.platform.setting_values import ConfigurationError

#: What a provider is asked for; it decides itself what it gives.
SCOPE = "openid profile email phone"
SCOPE_OF_FHIR = "openid fhirUser launch/patient patient/*.rs"
MOST_PROVIDERS = 20
_KEY = re.compile(r"[a-z][a-z0-9-]{0,30}")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientProvider:
    """A provider with which patients sign in.

    Attributes:
        key: names it in addresses and rows.
        title: what patients call it.
        issuer, client, secret: see `Provider`.
        verifies: the domains of the e-mail addresses that it is trusted to verify; `*` means every domain.
        verifies_numbers: whether it is trusted to verify mobile numbers.
        fhir: the address of the FHIR server whose provider it is (SMART App Launch); else empty.
        journey, mapping: the journey that reads the record there, and the file of its mapping.
    """

    key: str
    title: str
    issuer: str
    client: str
    secret: str = ""
    verifies: tuple[str, ...] = ()
    verifies_numbers: bool = False
    fhir: str = ""
    journey: str = ""
    mapping: str = ""

    @property
    def provider(self) -> Provider:
        """The provider, as its client."""
        return Provider(self.issuer, self.client, self.secret, SCOPE_OF_FHIR if self.fhir else SCOPE, self.fhir)

    def is_trusted_with(self, email: str) -> bool:
        """Whether an e-mail address is of a domain whose addresses this provider is trusted to verify."""
        domain = email.rpartition("@")[2].lower()
        return "*" in self.verifies or domain in self.verifies


_TYPES: Mapping[str, type] = {
    "title": str,
    "issuer": str,
    "client": str,
    "secret": str,
    "verifies": list,
    "verifies_numbers": bool,
    "fhir": str,
    "journey": str,
    "mapping": str,
}
_NEEDED = ("title", "issuer", "client")
_OF_FHIR = ("fhir", "journey", "mapping")
assert {field.name for field in fields(PatientProvider)} == {"key", *_TYPES}


def read_providers(file: str) -> dict[str, PatientProvider]:
    """The providers that a file describes, by key and in its order; none for an empty name.

    Raises:
        ConfigurationError: with every problem of the file.
    """
    if not file:
        return {}
    try:
        tables = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError([f"patient_providers must name a TOML file that can be read, not {file}."]) from None
    problems = [problem for key, table in tables.items() for problem in _problems(file, key, table)]
    if len(tables) > MOST_PROVIDERS:
        problems.append(f"{file} may describe {MOST_PROVIDERS} providers.")
    if problems:
        raise ConfigurationError(problems)
    return {key: _read(key, table) for key, table in tables.items()}


def _read(key: str, table: dict[str, Any]) -> PatientProvider:
    domains = tuple(domain.lower() for domain in table.get("verifies", ()))
    return PatientProvider(key=key, **table | {"verifies": domains})


def _problems(file: str, key: str, table: Any) -> list[str]:
    place = f"{file}: [{key}]"
    if not _KEY.fullmatch(key) or not isinstance(table, dict):
        return [f"{place} must be a table whose name has 1 to 31 lower-case letters, digits and '-'."]
    problems = [f"{place} needs {name}." for name in _NEEDED if not table.get(name)]
    for name, value in table.items():
        kind = _TYPES.get(name)
        if kind is None:
            problems.append(f"{place} has the unknown field {name}; accepted: {', '.join(_TYPES)}.")
        elif type(value) is not kind or (isinstance(value, list) and not all(isinstance(part, str) for part in value)):
            problems.append(f"{place} {name} must be {_WORDS[kind]}.")
    if any(table.get(name) for name in _OF_FHIR):
        missing = [name for name in _OF_FHIR if not table.get(name)]
        problems += [f"{place} needs {name}: {', '.join(_OF_FHIR)} go together." for name in missing]
    for name in ("issuer", "fhir"):
        address = table.get(name)
        if isinstance(address, str) and address and not _is_safe(address):
            problems.append(f"{place} {name} must be an https address.")
    return problems


def _is_safe(address: str) -> bool:
    """Whether an address is https, or of this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))


_WORDS: Mapping[type, str] = {str: "a text", list: "a list of domains", bool: "true or false"}
