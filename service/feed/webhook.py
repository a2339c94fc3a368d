"""Webhooks: CloudEvents 1.0 as JSON with the signatures of Standard Webhooks, to addresses that others chose."""

from __future__ import annotations

import json
from datetime import UTC

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from journeys.feed.cloud_event import cloud_event
from service.outreach.http_answers import outcome_of_failure, retry_after
from service.outreach.port import Accepted, EventEnvelope, Outcome, Permanent, Reason, Transient, checked_key
from service.platform.clock import Clock
from service.platform.outgoing import CallFailed, OutgoingClient
from service.platform.public_address import AddressRefused

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"


class WebhookChannel:
    """Sends events to other systems; `Channel` for webhooks. Threads may share it.

    A receiver tells repeats by `webhook-id`, which is also the event's id: so a lost answer is transient.
    """

    def __init__(self, clock: Clock, client: OutgoingClient) -> None:
        """`client`: one whose rules permit only the public internet."""
        self._clock = clock
        self._client = client

    def send(self, envelope: EventEnvelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`. Only 410 is permanent: a receiver that fails may be repaired."""
        body = event_json(envelope, key)
        now = self._clock().astimezone(UTC)  # the library takes the wall clock of any zone for UTC
        try:
            signatures = [Webhook(secret).sign(key, now, body) for secret in envelope.secrets]
        except (ValueError, EmptyWebhookSecretError):
            signatures = []
        if not signatures:
            return Permanent(Reason.BAD_CONTENT)
        headers = {
            "Content-Type": MEDIA_TYPE,
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        try:
            answer = self._client.call(envelope.url, body=body.encode(), headers=headers)
        except AddressRefused:
            return Permanent(Reason.BAD_ADDRESS)
        except CallFailed as error:
            return outcome_of_failure(error, tells_repeats=True)
        if 200 <= answer.status < 300:
            return Accepted()
        code = str(answer.status)
        if answer.status == 410:
            return Permanent(Reason.ENDED, code)
        reason = Reason.PROVIDER_FAILED if answer.status >= 500 else Reason.REFUSED
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        return Transient(Reason.BUSY if answer.status == 429 else reason, code, wait)


def event_json(envelope: EventEnvelope, key: str) -> str:
    """Return a CloudEvent in its JSON format: the same text at each attempt.

    Raises:
        ValueError: the key is not valid.
    """
    event = cloud_event(
        id=checked_key(key),
        event_type=envelope.type,
        source=envelope.source,
        subject=envelope.subject,
        time=envelope.time,
        data=envelope.data,
    )
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
