"""Compares what a story expects with what happened, and puts what became of messages into the words of a story."""

from __future__ import annotations

from collections.abc import Iterable

from journeys.authoring.stories.script import Plain
from journeys.outreach.simulate import SimulatedMessage


def how_messages_went(decided: Iterable[SimulatedMessage]) -> dict[str, Plain]:
    """The messages that left, in order, and the reasons of those that may not, by piece."""
    sends: list[dict[str, str]] = []
    reasons: dict[str, list[str]] = {}
    for message in decided:
        if message.channel is not None:
            at = message.local.replace(tzinfo=None).isoformat(timespec="minutes")
            sends.append({"piece": message.piece, "channel": message.channel, "at": at})
        else:
            reasons.setdefault(message.piece, []).append(str(message.reason))
    return {"sends": sends, "suppressed": {piece: ", ".join(texts) for piece, texts in reasons.items()}}


def agree(key: str, expected: Plain, actual: Plain) -> bool:
    """Whether an actual value meets the expectation of a key.

    Only the listed tracks are compared, and only the listed keys of a message. The order counts for messages alone.
    """
    if key == "suppressed":
        return expected == actual
    if key == "sends":
        return _agree_on_messages(expected, actual)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(actual.get(name) == value for name, value in expected.items())
    if isinstance(actual, list):
        expected_items = [expected] if isinstance(expected, str) and expected else expected
        return sorted(map(str, expected_items or [])) == sorted(map(str, actual))
    return expected == actual


def _agree_on_messages(expected: Plain, actual: Plain) -> bool:
    if not isinstance(expected, list) or not isinstance(actual, list) or len(expected) != len(actual):
        return False
    return all(
        isinstance(message, dict) and isinstance(listed, dict) and listed.items() <= message.items()
        for listed, message in zip(expected, actual, strict=True)
    )
