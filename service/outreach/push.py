"""Push messages to browsers: encrypted for one of them (RFC 8291), signed by us (RFC 8292), posted to its push service.

The libraries encrypt and sign; the call is ours, because the subscriber's browser chose the address.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from service.outreach.http_answers import outcome_of_failure, outcome_of_refusal
from service.outreach.port import Accepted, Envelope, Outcome, Permanent, Reason, Unsendable, checked_key
from service.platform.clock import Clock
from service.platform.outgoing import CallFailed, OutgoingClient
from service.platform.public_address import AddressRefused

#: A push service accepts 4,096 bytes; encryption takes 103 of them (RFC 8291).
_LONGEST_PAYLOAD = 3993
_LONGEST_TOPIC = 32
_SIGNATURE_LIFE = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushKey:
    """The key by which push services know this service: P-256, in PEM or base64url; `contact` is `mailto:` or https."""

    private_key: str = field(repr=False)
    contact: str


class PushChannel:
    """Sends push messages; `Channel` for push. Threads may share it.

    A browser's service worker receives JSON: `id` (the key: a tag that replaces a repeat), `title`, `body`, `lang`.
    """

    def __init__(self, key: PushKey, clock: Clock, client: OutgoingClient) -> None:
        """`client`: one whose rules permit only the public internet.

        Raises:
            ValueError: the key cannot sign, or the contact is neither a `mailto:` nor an https address.
            RuntimeError: the extra `push` is not installed.
        """
        try:
            import py_vapid  # type: ignore[import-untyped]
            import pywebpush  # type: ignore[import-untyped]
        except ImportError:
            raise RuntimeError("Push needs pywebpush: install the extra 'push' (patient-journeys[push]).") from None
        self._pywebpush = pywebpush
        self._contact = key.contact
        self._clock = clock
        self._client = client
        try:
            is_pem = "-----BEGIN" in key.private_key
            read = py_vapid.Vapid.from_pem if is_pem else py_vapid.Vapid.from_string
            self._vapid = read(key.private_key.strip().encode() if is_pem else key.private_key.strip())
            self._authorization("https://push.example")
        except (ValueError, TypeError, AttributeError, py_vapid.VapidException):
            raise ValueError(
                "A push key must be a P-256 private key in PEM or base64url, with a contact mailto:… or https://…"
            ) from None

    def send(self, envelope: Envelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`."""
        payload = {"id": checked_key(key), "title": envelope.subject, "body": envelope.text, "lang": envelope.locale}
        left = int((envelope.useful_until - self._clock()).total_seconds())
        if left < 1:
            return Permanent(Reason.EXPIRED)
        try:
            endpoint, headers, body = self._request(envelope, json.dumps(payload, ensure_ascii=False).encode())
            answer = self._client.call(endpoint, body=body, headers={**headers, "TTL": str(left)})
        except Unsendable as error:
            return Permanent(error.reason)
        except AddressRefused:
            return Permanent(Reason.BAD_ADDRESS)
        except CallFailed as error:
            return outcome_of_failure(error, tells_repeats=False)
        if 200 <= answer.status < 300:
            return Accepted()  # what a push service calls the message is an address
        if answer.status in (404, 410):
            return Permanent(Reason.ENDED, str(answer.status))
        return outcome_of_refusal(answer, self._clock())

    def _request(self, envelope: Envelope, payload: bytes) -> tuple[str, dict[str, str], bytes]:
        """The endpoint of a subscription, the headers, and a body that only its browser can read.

        Raises:
            Unsendable: it is not a subscription, or the message is too long.
        """
        if len(payload) > _LONGEST_PAYLOAD:
            raise Unsendable(Reason.TOO_LARGE)
        try:
            subscription: Any = json.loads(envelope.address)
            endpoint = str(subscription["endpoint"])
            pusher = self._pywebpush.WebPusher({"endpoint": endpoint, "keys": dict(subscription["keys"])})
            body = bytes(pusher.encode(payload)["body"])
            headers = {
                "Authorization": self._authorization("{0.scheme}://{0.netloc}".format(urlsplit(endpoint))),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "Urgency": "high" if envelope.urgent else "normal",
            }
            if envelope.topic:
                headers["Topic"] = _topic(envelope.topic, bytes(pusher.auth_key))
        except Exception:
            # Four libraries read a subscription, each with errors of its own; our own key was checked at the start.
            raise Unsendable(Reason.BAD_ADDRESS) from None
        return endpoint, headers, body

    def _authorization(self, origin: str) -> str:
        expires = int((self._clock() + _SIGNATURE_LIFE).timestamp())
        return str(self._vapid.sign({"aud": origin, "sub": self._contact, "exp": expires})["Authorization"])


def _topic(topic: str, secret: bytes) -> str:
    """A topic as a push service may see it (RFC 8030): equal for equal topics of a subscription, and says nothing."""
    digest = hmac.digest(secret, topic.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode()[:_LONGEST_TOPIC]
