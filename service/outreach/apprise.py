"""Text messages by any provider that Apprise knows, for breadth: Apprise returns no id, and tells no failure apart.

Where a provider's receipts matter, use `sms.py`.
"""

from __future__ import annotations

import logging
from importlib import import_module
from urllib.parse import quote

from service.outreach.port import Accepted, AnswerLost, Envelope, Outcome, Permanent, Reason, Unsendable, checked_key
from service.outreach.sms import number_of, text_of
from service.platform.clock import Clock

TO = "{to}"
LONGEST_CALL = 9.0
#: Seconds.
_EXAMPLE = "+15055550178"
_TALKATIVE = ("apprise", "charset_normalizer", "oauthlib", "requests", "requests_oauthlib", "urllib3")
#: Libraries whose debug logs have bodies, numbers, addresses and keys.
_MEANT = f"apprise_url must be an address that Apprise knows, with {TO} in the place of the recipient's number."


class AppriseChannel:
    """Sends text messages by Apprise; `Channel` for text messages. Threads may share it.

    Whatever fails leaves open whether the provider has the message, as Apprise does not say why.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        """`url`: an address of Apprise's, with `{to}` in the place of the recipient's number.

        Raises:
            ValueError: Apprise does not know the address, or it has no `{to}`.
            RuntimeError: the extra `apprise` is not installed.
        """
        try:
            self._apprise = import_module("apprise")
        except ImportError:
            raise RuntimeError("This needs apprise: install the extra 'apprise' (patient-journeys[apprise]).") from None
        _silence()
        self._asset = self._apprise.AppriseAsset(
            allow_templates=False,
            async_mode=False,
            http_redirects=False,
            service_timeout=LONGEST_CALL,
            storage_mode="memory",
        )
        self._url = url
        self._clock = clock
        if TO not in url or self._service(_EXAMPLE) is None:
            raise ValueError(_MEANT)

    def send(self, envelope: Envelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`."""
        checked_key(key)
        try:
            service, text = self._service(number_of(envelope)), text_of(envelope)
        except Unsendable as error:
            return Permanent(error.reason)
        if envelope.useful_until <= self._clock():
            return Permanent(Reason.EXPIRED)
        if service is None:
            return Permanent(Reason.BAD_ADDRESS)
        sender = self._apprise.Apprise(service, asset=self._asset)
        try:
            is_accepted = bool(sender.notify(body=text, body_format="text"))
        except Exception:  # a plugin may raise anything, with the number in its message
            is_accepted = False
        return Accepted() if is_accepted else AnswerLost(Reason.PROVIDER_FAILED)

    def _service(self, number: str) -> object | None:
        """Apprise's object for a number; None where it does not accept it."""
        url = self._url.replace(TO, quote(number, safe=""))
        service: object | None = self._apprise.Apprise.instantiate(url, asset=self._asset)
        return service


def _silence() -> None:
    """Keeps what these libraries log, and loggers that they make later, from every handler."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
