"""Which addresses that others chose may be called."""

import httpcore2
import pytest

from service.platform.outgoing import CallFailed, OutgoingClient, OutgoingRules, Reach
from service.platform.public_address import AddressRefused, is_public

REFUSED = [
    "",
    "https://",
    "hook.example",
    "//hook.example/",
    "http://hook.example/",
    "HTTPS://hook.example/",
    "ftp://hook.example/",
    "file:///etc/passwd",
    "gopher://hook.example/",
    "https://hook.example:22/",
    "https://hook.example:0/",
    "https://hook.example:65536/",
    "https://hook.example:443443443/",
    "https://hook.example:/",
    "https://user@hook.example/",
    "https://user:secret@hook.example/",
    "https://hook.example:443@127.0.0.1/",
    "https://hook.example\\@127.0.0.1/",
    "https://hook.example#@127.0.0.1/",
    "https://hook.example/a b",
    "https://hook.example/\r\nX: y",
    "https://hook.example/\t",
    " https://hook.example/",
    "https://hook.example/#part",
    "https://hook.example./",
    "https://.hook.example/",
    "https://-hook.example/",
    "https://hook..example/",
    "https://hööк.example/",
    "https://１２７.0.0.1/",
    "https://hook.example/" + "a" * 2048,
    "https://" + "a" * 64 + ".example/",
    "https://localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://8.8.8.8.8/",
    "https://08.8.8.8/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://172.16.0.1/",
    "https://192.0.0.8/",
    "https://192.168.0.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::808:808]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a00:1::1]/",
    "https://[2001::1]/",
    "https://[2001:db8::1]/",
    "https://[fc00::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::1",
    "https://[8.8.8.8]/",
]
ACCEPTED = [
    "https://hook.example",
    "https://hook.example/",
    "https://hook.example:443/a/b?c=d%20e&f=[g]",
    "https://xn--hk-fkaa.example/",
    "https://0x7f.example/",
    "https://8.8.8.8/",
    "https://[2a00:1450:4003:80f::2004]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::808:808]/",
]
NAMES = {"localhost": ["127.0.0.1", "::1"], "intranet": ["10.1.2.3"]}


def public_resolver(host: str) -> list[str]:
    return NAMES.get(host, ["93.184.216.34"])


@pytest.fixture(autouse=True)
def dialled(monkeypatch) -> list[tuple[str, int]]:
    """Every address that is dialled; none of them answers."""
    addresses = []

    def refuse(self, host, port, *rest):
        addresses.append((host, port))
        raise httpcore2.ConnectError

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", refuse)
    return addresses


def call(url: str, resolve=public_resolver, **rules) -> None:
    OutgoingClient(OutgoingRules(**rules), resolve=resolve).call(url, body=b"", headers={})


def call_in_vain(url: str, *rest, **rules) -> None:
    """Calls an address that may be called."""
    with pytest.raises(CallFailed, match="unreachable") as failure:
        call(url, *rest, **rules)
    assert not failure.value.began


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_with_a_second_meaning_or_a_private_host_is_refused(url, dialled):
    with pytest.raises(AddressRefused) as refusal:
        call(url)
    assert len(url) < 9 or url not in str(refusal.value)
    assert dialled == []


@pytest.mark.parametrize("url", ACCEPTED)
def test_an_https_address_of_the_public_internet_is_called(url, dialled):
    call_in_vain(url)
    assert [port for _, port in dialled] == [443]


def test_the_addresses_that_were_checked_are_dialled(dialled):
    call_in_vain("https://hook.example/", lambda host: ["93.184.216.34", "2606:4700::1111"])
    assert dialled == [("93.184.216.34", 443), ("2606:4700::1111", 443)]


@pytest.mark.parametrize(
    "addresses",
    [["93.184.216.34", "127.0.0.1"], ["2a00:1450::1", "::ffff:10.0.0.1"], ["93.184.216.34", "fe80::1%lo"]],
)
def test_every_address_of_a_host_must_be_public(addresses, dialled):
    with pytest.raises(AddressRefused):
        call("https://hook.example/", lambda host: addresses)
    assert dialled == []


@pytest.mark.parametrize("reach", [Reach.PUBLIC, Reach.LOOPBACK])
def test_only_the_operator_reaches_the_private_network(reach, dialled):
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://93.184.216.34/"):
        with pytest.raises(AddressRefused):
            call(url, reach=reach, ports=frozenset({80, 443}))
    call_in_vain("http://10.0.0.1:8080/send", reach=Reach.OPERATOR)
    assert dialled == [("10.0.0.1", 8080)]


def test_another_port_needs_a_setting():
    ports = frozenset({443, 8443})
    call_in_vain("https://hook.example:8443/", ports=ports)
    with pytest.raises(AddressRefused, match="443, 8443"):
        call("https://hook.example:8080/", ports=ports)


def test_a_host_without_an_address_is_unreachable(dialled):
    def no_address(host: str) -> list[str]:
        raise OSError

    for resolve in (no_address, lambda host: []):
        call_in_vain("https://hook.example/", resolve)
    assert dialled == []


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "2002:808:808::1", "192.0.1.1"])
def test_public_addresses(address):
    assert is_public(address)
