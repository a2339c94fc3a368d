"""What a mail is on the wire."""

import base64
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from service.outreach.mail_message import DkimKey, MailSender, key_of_mailbox, mail_bytes, tagged_mailbox
from service.outreach.port import Accepted, Reason, Unsendable, Unsubscribe
from service.outreach.setup import make_outbox
from service.platform.configuration import Configuration
from service.platform.setting_values import ConfigurationError
from tests.service.outreach.envelopes import KEY, NOW, UNSUBSCRIBE, envelope
from tests.service.outreach.mail_servers import Inbox, mail_server

SECRET = b"s" * 32
SENDER = MailSender(
    name="Clínica Norte", address="care@clinic.example", bounce_mailbox="bounce@mail.clinic.example", secret=SECRET
)
BREAKS = ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\x00b", "a\x85b", "a\u2028b", "a\u2029b", "a\x0bb"]


def own_lines(content: str) -> str:
    return content.replace("\r\n", "\n")


def header_lines(content: bytes) -> list[bytes]:
    return content.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_a_mail_has_both_parts_with_the_footer_and_the_headers_of_automatic_mail():
    mail = message_from_bytes(mail_bytes(envelope(), KEY, SENDER, NOW), policy=default)
    plain, html = mail.iter_parts()
    assert own_lines(plain.get_content()) == (
        "Hola Rosa Canaria:\n.\nmañana a las 9.\n\n-- \nClínica Norte\nCalle Mayor 1 & 2\n"
    )
    assert "<b>Rosa Canaria</b></p><p>Clínica Norte<br>\nCalle Mayor 1 &amp; 2</p></body>" in own_lines(
        html.get_content()
    )
    assert {name: mail[name] for name in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted")} == {
        "From": "Clínica Norte <care@clinic.example>",
        "To": "rosa.canaria@patient.example",
        "Subject": "Su cita en la clínica",
        "Date": "Mon, 30 Nov 2026 09:00:00 +0000",
        "Message-ID": f"<{KEY}@clinic.example>",
        "Auto-Submitted": "auto-generated",
    }


def test_unsubscribing_by_one_click_is_unbroken_on_the_wire():
    """A mail program that meets an encoded or folded address shows no button."""
    lines = header_lines(mail_bytes(envelope(), KEY, SENDER, NOW))
    expected = f"List-Unsubscribe: <{UNSUBSCRIBE.url}>, <mailto:{UNSUBSCRIBE.mailbox}?subject=unsubscribe>"
    assert expected.encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"List-Id: <reminders.clinic.example>" in lines


def test_a_text_mail_needs_no_html_and_no_list():
    content = mail_bytes(envelope(html=None, unsubscribe=None, list_id="", footer=""), KEY, SENDER, NOW)
    mail = message_from_bytes(content, policy=default)
    assert mail.get_content_type() == "text/plain"
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None


LETTERS = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
WORDS = st.text(LETTERS, min_size=1, max_size=120).map(lambda text: " ".join(text.split())).filter(bool)


@given(subject=WORDS, text=st.text(LETTERS | st.just("\n"), max_size=1500).map(lambda text: f"x{text}x"))
def test_every_subject_and_text_arrives_and_every_line_fits(subject, text):
    """No line is longer than RFC 5322 recommends (2.1.1)."""
    content = mail_bytes(envelope(subject=subject, text=text, footer="", unsubscribe=None), KEY, SENDER, NOW)
    mail = message_from_bytes(content, policy=default)
    assert mail["Subject"] == subject
    assert own_lines(next(mail.iter_parts()).get_content()) == text + "\n"
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert content.isascii()


@pytest.mark.parametrize("text", BREAKS)
@pytest.mark.parametrize("field", ["subject", "list_id", "locale", "url", "mailbox", "address"])
def test_no_value_breaks_out_of_its_header(field, text):
    if field in ("url", "mailbox"):
        links = {"url": UNSUBSCRIBE.url, "mailbox": UNSUBSCRIBE.mailbox, field: text}
        broken = envelope(unsubscribe=Unsubscribe(**links))
    else:
        broken = envelope(**{field: text})
    with pytest.raises(Unsendable):
        mail_bytes(broken, KEY, SENDER, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"address": "rosa"}, Reason.BAD_ADDRESS),
        ({"address": "rosa@a@b.example"}, Reason.BAD_ADDRESS),
        ({"address": "rosa@b.example, x@y.example"}, Reason.BAD_ADDRESS),
        ({"address": "rosa@b.example> SIZE=1"}, Reason.BAD_ADDRESS),
        ({"address": "<rosa@b.example>"}, Reason.BAD_ADDRESS),
        ({"address": "rosa@-b.example"}, Reason.BAD_ADDRESS),
        ({"address": "rosa..c@b.example"}, Reason.BAD_ADDRESS),
        ({"address": "ñ@b.example"}, Reason.BAD_ADDRESS),
        ({"address": "r" * 65 + "@b.example"}, Reason.BAD_ADDRESS),
        ({"subject": ""}, Reason.BAD_CONTENT),
        ({"text": " \n"}, Reason.BAD_CONTENT),
        ({"list_id": "two words"}, Reason.BAD_CONTENT),
        ({"unsubscribe": Unsubscribe("http://clinic.example/u/1", "u@clinic.example")}, Reason.BAD_CONTENT),
        ({"unsubscribe": Unsubscribe("https://clinic.example/>,<x", "u@clinic.example")}, Reason.BAD_CONTENT),
    ],
)
def test_an_envelope_that_is_not_a_mail_is_refused(changes, reason):
    with pytest.raises(Unsendable) as refusal:
        mail_bytes(envelope(**changes), KEY, SENDER, NOW)
    assert refusal.value.reason is reason


def test_a_bounce_names_its_message_and_nobody_else_can():
    mailbox = SENDER.bounce_mailbox
    address = tagged_mailbox(mailbox, KEY, SECRET)
    assert len(address.partition("@")[0]) <= 64
    assert key_of_mailbox(address, mailbox, SECRET) == KEY
    assert key_of_mailbox(address.upper(), mailbox, SECRET) == KEY
    other_letter = "a" if address.partition("@")[0][-1] != "a" else "b"
    local, _, domain = address.partition("@")
    for forged in (
        f"{local[:-1]}{other_letter}@{domain}",
        address.replace(KEY[:4], "ffff"),
        f"{local}@other.example",
        tagged_mailbox(mailbox, KEY, b"another"),
        tagged_mailbox("unsub@mail.clinic.example", KEY, SECRET).replace("unsub", "bounce"),
        mailbox,
        "",
    ):
        assert key_of_mailbox(forged, mailbox, SECRET) is None


@pytest.mark.parametrize(
    "key", ["", "short", "UPPER-CASE-KEY", "with space in it", "a" * 37, "line\nbreak1", "a@b.example"]
)
def test_a_key_fits_into_a_mailbox(key):
    with pytest.raises(ValueError, match="8 to 36"):
        tagged_mailbox("bounce@clinic.example", key, SECRET)


# --- DKIM ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def signing_sender(rsa_key) -> MailSender:
    pem = rsa_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    key = DkimKey(domain="clinic.example", selector="s1", private_key=pem.decode())
    return MailSender(
        name="Clinic", address="care@clinic.example", bounce_mailbox="b@clinic.example", secret=SECRET, dkim=key
    )


@pytest.fixture
def dns_record(rsa_key):
    public = rsa_key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    return lambda name, timeout=5: record if name == b"s1._domainkey.clinic.example." else None


def test_a_signed_mail_verifies_and_covers_the_unsubscribe_headers(signing_sender, dns_record):
    content = mail_bytes(envelope(), KEY, signing_sender, NOW)
    assert dkim.verify(content, dnsfunc=dns_record)
    assert content.startswith(b"DKIM-Signature:")
    for name in (b"List-Unsubscribe: <", b"List-Unsubscribe-Post: ", b"List-Id: <", b"Subject: ", b"To: "):
        assert not dkim.verify(content.replace(b"\r\n" + name, b"\r\n" + name + b"x"), dnsfunc=dns_record), name
    names = re.search(rb"h=([^;]+);", content)[1].split(b":")
    assert [name.strip() for name in names].count(b"from") == 2, "a second From would pass with some verifiers"


def test_a_mail_without_a_list_is_signed_too(signing_sender, dns_record):
    content = mail_bytes(envelope(unsubscribe=None, list_id=""), KEY, signing_sender, NOW)
    assert dkim.verify(content, dnsfunc=dns_record)


def configuration(port: int, dkim_key: Path) -> Configuration:
    return Configuration(
        public_url="https://guide.example.org",
        mail_server=f"127.0.0.1:{port}",
        mail_security="none",
        mail_from="Clinic <care@clinic.example>",
        mail_bounces="bounce@clinic.example",
        mail_unsubscribe="stop@clinic.example",
        mail_dkim_key=str(dkim_key),
        mail_dkim_selector="s1",
        mail_dkim_domain="clinic.example",
        postal_address="1 Main St",
    )


def test_the_key_of_the_settings_signs_mail_on_the_wire(clinic, tmp_path, signing_sender, dns_record):
    file = tmp_path / "dkim.pem"
    file.write_text(signing_sender.dkim.private_key)
    inbox = Inbox()
    with mail_server(inbox) as port:
        outbox = make_outbox(clinic.service, configuration(port, file))
        assert isinstance(outbox.channels["email"].channel.send(envelope(), KEY), Accepted)
        outbox.close()
    ((_, _, content),) = inbox.mails
    assert dkim.verify(content, dnsfunc=dns_record)
    assert UNSUBSCRIBE.url.encode() in content  # 300 characters, in one piece
    names = re.search(rb"h=([^;]+);", content)[1].split(b":")
    assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= {name.strip() for name in names}


def test_a_key_file_that_cannot_be_used_is_told_at_the_start(clinic, tmp_path):
    file = tmp_path / "dkim.pem"
    with pytest.raises(ConfigurationError, match="mail_dkim_key must be a readable file"):
        make_outbox(clinic.service, configuration(25, file))
    file.write_text("nothing")
    with pytest.raises(ConfigurationError, match="RSA private key"):
        make_outbox(clinic.service, configuration(25, file))
