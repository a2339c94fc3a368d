"""Clients of tests that reach servers on loopback, with short limits."""

from service.platform.outgoing import OutgoingClient, OutgoingRules, Reach

SECONDS = 0.5


def operator_client() -> OutgoingClient:
    return OutgoingClient(OutgoingRules(reach=Reach.OPERATOR, connect_seconds=0.3, total_seconds=SECONDS))


def loopback_client(port: int) -> OutgoingClient:
    rules = OutgoingRules(reach=Reach.LOOPBACK, ports=frozenset({port}), connect_seconds=0.3, total_seconds=SECONDS)
    return OutgoingClient(rules)
