"""The person of a story as a recipient of messages: time zone, channels, quiet hours, topics, and what they
allow."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, time, tzinfo

from journeys.definition.reading import Node, Shape, kinds
from journeys.definition.reading.forms import FileForm, FormField
from journeys.definition.reading.kinds import TEXTS, Kind
from journeys.outreach.local_time import QuietHours
from journeys.outreach.message import Recipient
from journeys.outreach.preferences import Preferences
from journeys.outreach.simulate import SIMULATED_CHANNELS, simulated_recipient

UNKNOWN_ZONE = "unknown"
EASY_TO_REACH = simulated_recipient()
#: The person of a story that says nothing of them.


def _read_zone(shape: Shape, node: Node | None, label: str) -> tzinfo | None:
    name = shape.text(node, label)
    if node is None or not name:
        return UTC
    if name == UNKNOWN_ZONE:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        message = f"{label} is '{name[:40]}'; write an IANA time zone such as America/Chicago, or {UNKNOWN_ZONE}."
        shape.problem(node.mark, message)
        return None


def _read_quiet(shape: Shape, node: Node | None, label: str) -> QuietHours | None:
    text = shape.text(node, label)
    if node is None or not text:
        return None
    try:
        start, end = map(time.fromisoformat, text.split("-"))
        return QuietHours(start, end)
    except ValueError:
        shape.problem(node.mark, f"{label} is '{text[:40]}'; write two different times, such as \"22:00-07:00\".")
        return None


def _read_channels(shape: Shape, node: Node | None, label: str) -> tuple[str, ...] | None:
    if node is None:
        return None
    channels = shape.texts(node, label)
    for channel in channels:
        if channel.text not in SIMULATED_CHANNELS:
            accepted = ", ".join(SIMULATED_CHANNELS)
            shape.problem(channel.mark, f"'{channel.text[:40]}' in {label} is unknown. Accepted: {accepted}.")
    return tuple(channel.text for channel in channels)


ZONE = Kind(f"an IANA time zone, or `{UNKNOWN_ZONE}`", _read_zone, kinds.fixed(kinds.TEXT_SCHEMA))
QUIET = Kind('two times (`"22:00-07:00"`)', _read_quiet, kinds.fixed(kinds.TEXT_SCHEMA))
CHANNELS = kinds.some_of(SIMULATED_CHANNELS, _read_channels)


class RecipientForm(FileForm):
    """The person of a story as a recipient of messages, `person`."""

    zone = FormField(ZONE, "The time zone of the person; UTC unless given.")
    channels = FormField(CHANNELS, "The order of channels that the person wants; the quickest first unless given.")
    quiet = FormField(QUIET, "Quiet hours of the person's own, beside those of the programme.")
    topics_off = FormField(TEXTS, "Topics of messages that the person switched off.")
    allows = FormField(
        CHANNELS, "The channels on which the person allows messages, for all purposes but marketing; all unless given."
    )


def recipient_of(form: RecipientForm) -> Recipient:
    """The recipient that a form declares."""
    allows = form.allows
    preferences = Preferences(
        channels=form.channels or (), quiet=form.quiet, topics_off=frozenset(topic.text for topic in form.topics_off)
    )
    return simulated_recipient(form.zone, SIMULATED_CHANNELS if allows is None else allows, preferences)


def recipient_as_written(recipient: Recipient) -> dict[str, str | list[str]]:
    """The form of a recipient that `recipient_of` declared: only the keys that differ from a story without `person`."""
    preferences = recipient.preferences
    allows = [entry.channel for entry in recipient.permissions if entry.channel is not None]
    written: dict[str, str | list[str]] = {}
    if recipient.zone != UTC:
        written["zone"] = str(recipient.zone) if recipient.zone is not None else UNKNOWN_ZONE
    if preferences.channels:
        written["channels"] = list(preferences.channels)
    if preferences.quiet is not None:
        written["quiet"] = f"{preferences.quiet.start:%H:%M}-{preferences.quiet.end:%H:%M}"
    if preferences.topics_off:
        written["topics_off"] = sorted(preferences.topics_off)
    if allows != list(SIMULATED_CHANNELS):
        written["allows"] = allows
    return written
