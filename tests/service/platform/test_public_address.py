"""Which addresses that others chose may be called."""

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


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_with_a_second_meaning_or_a_private_host_is_refused(url):
    with pytest.raises(AddressRefused) as refusal:
        OutgoingClient(OutgoingRules(), resolve=public_resolver).check(url)
    assert len(url) < 9 or url not in str(refusal.value)


@pytest.mark.parametrize("url", ACCEPTED)
def test_an_https_address_of_the_public_internet_is_accepted(url):
    OutgoingClient(OutgoingRules(), resolve=public_resolver).check(url)


@pytest.mark.parametrize(
    "addresses",
    [["93.184.216.34", "127.0.0.1"], ["2a00:1450::1", "::ffff:10.0.0.1"], ["93.184.216.34", "fe80::1%lo"]],
)
def test_every_address_of_a_host_must_be_public(addresses):
    with pytest.raises(AddressRefused):
        OutgoingClient(OutgoingRules(), resolve=lambda host: addresses).check("https://hook.example/")


@pytest.mark.parametrize("reach", [Reach.PUBLIC, Reach.LOOPBACK])
def test_only_the_operator_reaches_the_private_network(reach):
    rules = OutgoingRules(reach=reach, ports=frozenset({80, 443}))
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://93.184.216.34/"):
        with pytest.raises(AddressRefused):
            OutgoingClient(rules).check(url)
    OutgoingClient(OutgoingRules(reach=Reach.OPERATOR)).check("http://10.0.0.1:8080/send")


def test_another_port_needs_a_setting():
    rules = OutgoingRules(ports=frozenset({443, 8443}))
    OutgoingClient(rules, resolve=public_resolver).check("https://hook.example:8443/")
    with pytest.raises(AddressRefused, match="443, 8443"):
        OutgoingClient(rules, resolve=public_resolver).check("https://hook.example:8080/")


def test_a_host_without_an_address_is_unreachable():
    def no_address(host: str) -> list[str]:
        raise OSError

    for resolve in (no_address, lambda host: []):
        with pytest.raises(CallFailed, match="unreachable") as failure:
            OutgoingClient(OutgoingRules(), resolve=resolve).check("https://hook.example/")
        assert not failure.value.began


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "2002:808:808::1", "192.0.1.1"])
def test_public_addresses(address):
    assert is_public(address)
