"""A mail as bytes: its headers, its parts, the sender that identifies it when it bounces, and its DKIM signature."""

from __future__ import annotations

import base64
import hmac
import html
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from service.outreach.port import Envelope, Reason, Unsendable, checked_key

_MAILBOX = re.compile(
    r"(?P<local>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(?P<domain>[A-Za-z0-9.-]+)"
)
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.(?!-)[A-Za-z0-9-]{1,63})*")
_UNSUBSCRIBE_URL = re.compile(r"https://[!-;=?-~]{1,800}")
_LONGEST_LOCAL_PART = 64
_DIGEST_LETTERS = 16

#: Headers whose addresses break where they are folded.
_UNFOLDED = frozenset({"list-unsubscribe", "list-unsubscribe-post", "list-id"})
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


def is_mailbox(address: str) -> bool:
    """Whether an address is local-part@domain, in ASCII and without quotes."""
    match = _MAILBOX.fullmatch(address)
    return (
        match is not None
        and len(match["local"]) <= _LONGEST_LOCAL_PART
        and len(match["domain"]) <= 253
        and _DOMAIN.fullmatch(match["domain"]) is not None
    )


def tagged_mailbox(mailbox: str, key: str, secret: bytes) -> str:
    """Return `bounce+<key>-<digest>@domain`: a mailbox that names a message, and that nobody else can make up.

    Raises:
        ValueError: the key is not valid, or the local part becomes longer than 64 characters.
    """
    local, _, domain = mailbox.partition("@")
    tagged = f"{local}+{checked_key(key)}-{_digest(mailbox, key, secret)}"
    if len(tagged) > _LONGEST_LOCAL_PART:
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
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=_checked(envelope.address, is_mailbox(envelope.address), Reason.BAD_ADDRESS))
    subject = _checked(envelope.subject, bool(envelope.subject.strip()))
    message["Subject"] = subject if subject.isascii() else _SUBJECT
    message["Date"] = now
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = _checked(envelope.locale, envelope.locale.isascii())
    if envelope.list_id:
        message["List-Id"] = f"<{_checked(envelope.list_id, bool(_DOMAIN.fullmatch(envelope.list_id)))}>"
    if (unsubscribe := envelope.unsubscribe) is not None:
        url = _checked(unsubscribe.url, bool(_UNSUBSCRIBE_URL.fullmatch(unsubscribe.url)))
        mailbox = _checked(unsubscribe.mailbox, is_mailbox(unsubscribe.mailbox))
        message["List-Unsubscribe"] = f"<{url}>, <mailto:{mailbox}?subject=unsubscribe>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if not envelope.text.strip():
        raise Unsendable(Reason.BAD_CONTENT)
    footer = f"\n\n-- \n{envelope.footer}\n" if envelope.footer else "\n"
    message.set_content(envelope.text.rstrip() + footer, cte="quoted-printable")
    if envelope.html is not None:
        page = _with_footer(envelope.html, envelope.footer)
        message.add_alternative(page, subtype="html", cte="quoted-printable")
    content = message.as_bytes()
    if not subject.isascii():
        # The folding of EmailMessage loses blanks between the words that it encodes.
        encoded = Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
        content = content.replace(f"Subject: {_SUBJECT}".encode(), f"Subject: {encoded}".encode(), 1)
    return content if sender.dkim is None else signed(content, sender.dkim)


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


class _Policy(EmailPolicy):
    """Folds at 76 characters (encoded words and quoted-printable end there), but no header that holds addresses."""

    def fold_binary(self, name: str, value: str) -> bytes:
        policy = _WIDE if name.lower() in _UNFOLDED else _NARROW
        return policy.fold_binary(name, value)


_NARROW = SMTP.clone(max_line_length=76)
_WIDE = SMTP.clone(max_line_length=998)
_SUBJECT = "subject-to-be-encoded"
_POLICY = _Policy(linesep="\r\n", max_line_length=76)


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
    return any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in value)
