"""A mail as bytes: its headers, its parts, the sender that identifies it when it bounces, and its DKIM signature."""

from __future__ import annotations

import base64
import hmac
import html
import re
import secrets
from binascii import b2a_qp
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from service.outreach.port import Envelope, Reason, Unsendable, checked_key
from service.platform.mailbox import DOMAIN, LONGEST_LOCAL_PART, is_mailbox

_UNSUBSCRIBE_URL = re.compile(r"https://[!-;=?-~]{1,800}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: Control characters, separators of lines and paragraphs, and halves of pairs (Cc, Zl, Zp and Cs of Unicode).
_LINE_LENGTH = 76
_DIGEST_LETTERS = 16

#: RFC 8058 asks for a signature over both List-Unsubscribe headers; dkimpy leaves the second out by default.
_SIGNED = (
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-language"),
    *("auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """The key that signs mail of a domain: `private_key` is RSA in PEM, its public half a DNS record of `selector`."""

    domain: str
    selector: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSender:
    """Who mail is from. Bounces go to `bounce_mailbox`, tagged for each message with a digest keyed by `secret`."""

    name: str
    address: str
    bounce_mailbox: str
    secret: bytes = field(repr=False)
    dkim: DkimKey | None = None

    def __post_init__(self) -> None:
        """Check it.

        Raises:
            ValueError: an address is malformed, or the name has a control character.
        """
        for address in (self.address, self.bounce_mailbox):
            if not is_mailbox(address):
                raise ValueError("A mail address must be local-part@domain in ASCII.")
        if _has_control(self.name):
            raise ValueError("The name of a sender must have no control characters.")


def tagged_mailbox(mailbox: str, key: str, secret: bytes) -> str:
    """Return `bounce+<key>-<digest>@domain`: a mailbox that names a message, and that nobody else can make up.

    Raises:
        ValueError: the key is not valid, or the local part becomes longer than 64 characters.
    """
    local, _, domain = mailbox.partition("@")
    tagged = f"{local}+{checked_key(key)}-{_digest(mailbox, key, secret)}"
    if len(tagged) > LONGEST_LOCAL_PART:
        raise ValueError("A mailbox that is tagged must have at most 10 characters before its @.")
    return f"{tagged}@{domain}"


def key_of_mailbox(address: str, mailbox: str, secret: bytes) -> str | None:
    """Return the key of the message that a tagged address names, or None where this service did not make it.

    Servers on the way may change the case of letters.
    """
    local, _, domain = mailbox.lower().partition("@")
    pattern = rf"{re.escape(local)}\+([a-z0-9-]+)-([a-z2-7]{{{_DIGEST_LETTERS}}})@{re.escape(domain)}"
    match = re.fullmatch(pattern, address.lower(), re.ASCII)
    if match is None or not hmac.compare_digest(match[2], _digest(mailbox, match[1], secret)):
        return None
    return match[1]


def mail_bytes(envelope: Envelope, key: str, sender: MailSender, now: datetime) -> bytes:
    """Return a mail as it is sent, signed where the sender has a key.

    Raises:
        Unsendable: a part is missing, or a value would break out of its header.
    """
    subject = _checked(envelope.subject, bool(envelope.subject.strip()))
    headers = [
        _from(sender.name, sender.address),
        f"To: {_checked(envelope.address, is_mailbox(envelope.address), Reason.BAD_ADDRESS)}",
        f"Subject: {_encoded(subject, 'Subject')}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: {message_id(key, sender)}",
        "Auto-Submitted: auto-generated",
        f"Content-Language: {_checked(envelope.locale, envelope.locale.isascii())}",
    ]
    if envelope.list_id:
        headers.append(f"List-Id: <{_checked(envelope.list_id, bool(DOMAIN.fullmatch(envelope.list_id)))}>")
    if (unsubscribe := envelope.unsubscribe) is not None:
        url = _checked(unsubscribe.url, bool(_UNSUBSCRIBE_URL.fullmatch(unsubscribe.url)))
        mailbox = _checked(unsubscribe.mailbox, is_mailbox(unsubscribe.mailbox))
        headers.append(f"List-Unsubscribe: <{url}>, <mailto:{mailbox}?subject=unsubscribe>")
        headers.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    headers.append("MIME-Version: 1.0")
    if not envelope.text.strip():
        raise Unsendable(Reason.BAD_CONTENT)
    footer = f"\n\n-- \n{envelope.footer}\n" if envelope.footer else "\n"
    body = _part("plain", envelope.text.rstrip() + footer)
    if envelope.html is not None:
        body = _alternatives(body, _part("html", _with_footer(envelope.html, envelope.footer)))
    content = "\r\n".join([*headers, ""]).encode("ascii") + body
    return content if sender.dkim is None else signed(content, sender.dkim)


def _part(subtype: str, text: str) -> bytes:
    """The headers and the content of a part; its lines have at most 76 characters.

    `EmailMessage` takes sixteen times as long for the same mail.
    """
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(lines.encode()).replace(b"=\n", b"=\r\n")


def _alternatives(*parts: bytes) -> bytes:
    """The headers and the content of a part that is shown in one of several forms.

    Nothing that is encoded as quoted-printable has the characters of the boundary.
    """
    boundary = f"=_{secrets.token_hex(12)}"
    head = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    between = f"--{boundary}".encode()
    return head.encode() + b"".join(b"%b\r\n%b\r\n" % (between, part) for part in parts) + between + b"--\r\n"


@lru_cache(maxsize=8)
def _from(name: str, address: str) -> str:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(name, addr_spec=address)
    return message.as_string(policy=SMTP).rstrip()


def _encoded(text: str, name: str) -> str:
    """The value of a header, in lines of at most 76 characters."""
    if text.isascii() and len(f"{name}: {text}") <= _LINE_LENGTH:  # `Header` is slow
        return text
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=name).encode(linesep="\r\n")


def message_id(key: str, sender: MailSender) -> str:
    """Return the Message-ID of a message: the same at each attempt, as bounces and complaints quote it."""
    return f"<{key}@{sender.address.partition('@')[2]}>"


def signed(content: bytes, key: DkimKey) -> bytes:
    """Return a mail with its DKIM signature (RFC 6376) in front; nobody can add a second From to it.

    Raises:
        ValueError: the key cannot sign.
        RuntimeError: the extra `mail` is not installed.
    """
    try:
        import dkim  # type: ignore[import-untyped]
    except ImportError:
        raise RuntimeError("DKIM needs dkimpy: install the extra 'mail' (patient-journeys[mail]).") from None
    head = b"\r\n" + content.partition(b"\r\n\r\n")[0].lower()
    present = [name.encode() for name in _SIGNED if b"\r\n%b:" % name.encode() in head]
    try:
        signature = dkim.sign(
            content,
            key.selector.encode(),
            key.domain.encode(),
            key.private_key.encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*present, b"from"],
        )
    except dkim.DKIMException:
        raise ValueError("The DKIM key must be an RSA private key in PEM, with a selector and a domain.") from None
    return bytes(signature) + content


def _digest(mailbox: str, key: str, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{mailbox.lower()} {key}".encode(), "sha256")
    return base64.b32encode(digest[:10]).decode().lower()


def _with_footer(page: str, footer: str) -> str:
    """HTML with lines of plain text at its end."""
    lines = "<br>\n".join(html.escape(line) for line in footer.splitlines())
    body, end, rest = page.rpartition("</body>")
    return f"{body or rest}<p>{lines}</p>{end}{rest if end else ''}" if footer else page


def _checked(value: str, is_valid: bool, reason: Reason = Reason.BAD_CONTENT) -> str:
    if not is_valid or _has_control(value):
        raise Unsendable(reason)
    return value


def _has_control(value: str) -> bool:
    return _CONTROL.search(value) is not None
