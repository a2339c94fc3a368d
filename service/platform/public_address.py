"""Which addresses of the web may be called when others chose them. It resolves names and connects to nothing."""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence

#: Gives the IP addresses of a host name; raises OSError where it has none.
Resolve = Callable[[str], Sequence[str]]

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>/[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]*)?"
)
_LONGEST_URL = 2048
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
#: A host whose last label is a number is an IPv4 address for some parsers: 2130706433, 0x7f.1, 017700000001.
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: Not global in IANA's registries, but global in `ipaddress` of Python 3.11.
_NOT_GLOBAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))


class AddressRefused(ValueError):
    """The address may not be called. The message says what would be accepted, and never contains the address."""


class TargetUrl:
    """The parts of an address that has the same meaning for every parser.

    `ports`: the accepted ports, None for all; `http`: whether http is accepted. `literal` is the IP address that the
    host is, or None; `authority` the value of the Host header.

    Raises:
        AddressRefused: other addresses.
    """

    def __init__(self, url: str, *, ports: frozenset[int] | None, http: bool) -> None:
        match = _URL.fullmatch(url) if len(url) <= _LONGEST_URL else None
        if match is None:
            raise AddressRefused(
                "The address must be https://host/path: ASCII, without a user, a fragment or spaces, at most "
                f"{_LONGEST_URL} characters."
            )
        self.scheme: str = match["scheme"]
        self.host: str = match["host"].strip("[]").lower()
        self.literal = _literal(match["host"])
        self.port = port = int(match["port"]) if match["port"] else {"http": 80, "https": 443}[self.scheme]
        self.authority = match["host"] + (f":{port}" if match["port"] else "")
        self.target: str = match["target"] or "/"
        if not 0 < port < 65_536 or (ports is not None and port not in ports):
            accepted_ports = "from 1 to 65535" if ports is None else f"one of {', '.join(map(str, sorted(ports)))}"
            raise AddressRefused(f"The port must be {accepted_ports}.")
        if self.scheme != "https" and not http:
            raise AddressRefused("The address must be https.")


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet; of one that carries an IPv4 address, that must be too."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_GLOBAL)


def system_addresses(host: str) -> list[str]:
    """The addresses of a host, as the system resolves it."""
    records = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(record[4][0]) for record in records))


def resolved_in_time(resolve: Resolve, host: str, by: float) -> Sequence[str]:
    """Return the addresses of a host, by an instant of the monotonic clock.

    A name server may never answer, so it is asked in a thread, which is left behind then.

    Raises:
        OSError: it has none, or not in time.
    """
    results: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put(resolve(host))
        except (OSError, UnicodeError) as error:
            results.put(OSError(type(error).__name__))

    threading.Thread(target=work, name="resolve", daemon=True).start()
    try:
        result = results.get(timeout=max(by - time.monotonic(), 0.001))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(result, OSError):
        raise result
    return result


def _literal(host: str) -> str | None:
    """The IP address that a host is, or None where it is a name."""
    try:
        if host.startswith("["):
            return str(ipaddress.IPv6Address(host[1:-1]))
        if _NUMERIC_HOST.fullmatch(host):
            return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise AddressRefused("An IPv4 host must be four decimal numbers, an IPv6 host [..] in brackets.") from None
    if not _HOST_NAME.fullmatch(host):
        raise AddressRefused("The host must be a name of letters, digits and hyphens, with dots between its labels.")
    return None
