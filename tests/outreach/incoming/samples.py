"""Mails as the usual programs and servers write them, made up by us."""

from pathlib import Path

from journeys.outreach.incoming import read_mail

MAILS = Path(__file__).parent / "mails"
OWN = ("care@clinic.example", "bounces@clinic.example")


def raw(name: str) -> bytes:
    """Return a sample with the line ends of the wire."""
    return (MAILS / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")


def mail(name, envelope=None):
    return read_mail(raw(name), OWN, envelope)


def personal(*fields: str, body: str = "Hello"):
    """Return the bytes of a person's mail with more header fields."""
    return "\r\n".join(("From: ana@mail.example", "To: care@clinic.example", *fields, "", body)).encode()
