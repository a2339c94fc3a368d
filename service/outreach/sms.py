"""Text messages over a provider's HTTP interface: any that configuration describes, and Twilio's."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import phonenumbers

from service.outreach.http_answers import json_at, outcome_of_failure, outcome_of_refusal
from service.outreach.port import (
    Envelope,
    OptedOut,
    Outcome,
    Permanent,
    Reason,
    Transient,
    Unsendable,
    accepted,
    checked_key,
)
from service.platform.clock import Clock
from service.platform.outgoing import CallFailed, OutgoingClient
from service.platform.public_address import TargetUrl

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PLACEHOLDER = re.compile(r"\{(to|text|key)\}")
#: Twilio keeps a message for at most ten hours (its error 90007).
_TWILIO_LONGEST = 36_000
_TWILIO_OPTED_OUT = 21610
_TWILIO_QUEUE_FULL = 21611


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProvider:
    """How to call a provider. The strings of `body` (JSON) may have the placeholders `{to}`, `{text}` and `{key}`.

    `headers` may have `{key}` alone. `id_path` and `code_path`: where the JSON of an answer has the message's id and
    the provider's own code, each as keys and positions (`("messages", 0, "id")`). A number is opted out where the
    status is in `opted_out_statuses`, or the code in `opted_out_codes`. `tells_repeats`: the provider sends a `{key}`
    once, however often it comes.
    """

    url: str = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    id_path: tuple[str | int, ...] = ()
    code_path: tuple[str | int, ...] = ()
    opted_out_statuses: frozenset[int] = frozenset()
    opted_out_codes: frozenset[str] = frozenset()
    tells_repeats: bool = False

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: the template names no recipient or no text, or a header would tell them.
        """
        names = set(_placeholders(dict(self.body)))
        if not {"to", "text"} <= names:
            raise ValueError("The body of a text provider must have the placeholders {to} and {text}.")
        if self.tells_repeats and "key" not in names | set(_placeholders(dict(self.headers))):
            raise ValueError("A provider that tells repeats needs {key} in its body or its headers.")
        if not set(_placeholders(dict(self.headers))) <= {"key"}:
            raise ValueError("The headers of a text provider may have the placeholder {key} alone.")
        if any(not text.isascii() or not text.isprintable() for pair in self.headers.items() for text in pair):
            raise ValueError("The headers of a text provider must be printable ASCII.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """An account at Twilio, or at a provider with its interface. `sender`: a number, or a Messaging Service (MG…)."""

    account: str
    token: str = field(repr=False)
    sender: str
    url: str = "https://api.twilio.com"


class TextChannel:
    """Sends text messages by a configured provider; `Channel` for text messages. Threads may share it."""

    def __init__(self, provider: TextProvider, clock: Clock, client: OutgoingClient) -> None:
        """`client`: one whose rules permit the operator's own addresses.

        Raises:
            ValueError: the provider's address is malformed.
        """
        TargetUrl(provider.url, ports=None, http=True)
        self._provider = provider
        self._clock = clock
        self._client = client

    def send(self, envelope: Envelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`."""
        provider = self._provider
        try:
            values = {"to": number_of(envelope), "text": text_of(envelope), "key": checked_key(key)}
        except Unsendable as error:
            return Permanent(error.reason)
        headers = {"Content-Type": "application/json", **_filled(dict(provider.headers), values)}
        body = json.dumps(_filled(dict(provider.body), values)).encode()
        try:
            answer = self._client.call(provider.url, body=body, headers=headers, method=provider.method)
        except CallFailed as error:
            return outcome_of_failure(error, tells_repeats=provider.tells_repeats)
        code = str(json_at(answer, provider.code_path)) if provider.code_path else ""
        if answer.status in provider.opted_out_statuses:
            return OptedOut(str(answer.status))
        if code in provider.opted_out_codes:
            return OptedOut(code)
        if 200 <= answer.status < 300:
            return accepted(json_at(answer, provider.id_path) if provider.id_path else None, address=envelope.address)
        return outcome_of_refusal(answer, self._clock())


class TwilioChannel:
    """Sends text messages by Twilio; `Channel` for text messages. Threads may share it.

    Twilio knows no key of ours: an answer that is lost leaves open whether the message was sent.
    """

    def __init__(self, account: TwilioAccount, clock: Clock, client: OutgoingClient) -> None:
        """`client`: one whose rules permit the operator's own addresses.

        Raises:
            ValueError: the provider's address is malformed.
        """
        self._url = f"{account.url}/2010-04-01/Accounts/{account.account}/Messages.json"
        TargetUrl(self._url, ports=None, http=True)
        self._account = account
        self._clock = clock
        self._client = client
        login = base64.b64encode(f"{account.account}:{account.token}".encode()).decode()
        self._headers = {
            "Authorization": f"Basic {login}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }

    def send(self, envelope: Envelope, key: str) -> Outcome:
        """Make one attempt; see `Channel`."""
        checked_key(key)
        account = self._account
        left = int((envelope.useful_until - self._clock()).total_seconds())
        try:
            form = {"To": number_of(envelope), "Body": text_of(envelope)}
        except Unsendable as error:
            return Permanent(error.reason)
        if left < 1:
            return Permanent(Reason.EXPIRED)
        form["MessagingServiceSid" if account.sender.startswith("MG") else "From"] = account.sender
        form["ValidityPeriod"] = str(min(left, _TWILIO_LONGEST))
        try:
            answer = self._client.call(self._url, body=urlencode(form).encode(), headers=self._headers)
        except CallFailed as error:
            return outcome_of_failure(error, tells_repeats=False)
        if 200 <= answer.status < 300:
            return accepted(json_at(answer, ("sid",)), address=envelope.address)
        match json_at(answer, ("code",)):
            case code if code == _TWILIO_OPTED_OUT:
                return OptedOut(str(code))
            case code if code == _TWILIO_QUEUE_FULL:
                return Transient(Reason.BUSY, str(code))
            case int(code) if answer.status == 400 and 0 < code < 100_000:
                return Permanent(Reason.REFUSED, str(code))
        return outcome_of_refusal(answer, self._clock())


def number_of(envelope: Envelope) -> str:
    """The recipient's number in E.164.

    Raises:
        Unsendable: it has another form, or no number of its country is that long.
    """
    try:
        if _E164.fullmatch(envelope.address) and phonenumbers.is_possible_number(phonenumbers.parse(envelope.address)):
            return envelope.address
    except phonenumbers.NumberParseException:
        pass
    raise Unsendable(Reason.BAD_ADDRESS)


def text_of(envelope: Envelope) -> str:
    """The words of a text message.

    Raises:
        Unsendable: there are none.
    """
    if not envelope.text.strip():
        raise Unsendable(Reason.BAD_CONTENT)
    return envelope.text


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    """A template with values for its placeholders; a placeholder within a value stays what it is."""
    match template:
        case str():
            return _PLACEHOLDER.sub(lambda match: values[match[1]], template)
        case dict():
            return {name: _filled(part, values) for name, part in template.items()}
        case list() | tuple():
            return [_filled(part, values) for part in template]
    return template


def _placeholders(template: Any) -> Iterator[str]:
    match template:
        case str():
            yield from _PLACEHOLDER.findall(template)
        case dict():
            for part in template.values():
                yield from _placeholders(part)
        case list() | tuple():
            for part in template:
                yield from _placeholders(part)
