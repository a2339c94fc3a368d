"""CloudEvents 1.0 in their JSON format (https://cloudevents.io)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def cloud_event(
    *, id: str, event_type: str, source: str, subject: str, time: datetime, data: Mapping[str, Any]
) -> dict[str, Any]:
    """The JSON object of an event; an empty subject is left out.

    Args:
        id: unique among the events of its source.
        event_type: the kind of event, such as `journeys.state.entered`.
        source: the context in which it happened, a URI reference.
        subject: the thing that it is about.
        time: when it happened.
        data: its JSON value.
    """
    event = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": event_type,
        "time": time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    return event | ({"subject": subject} if subject else {})
