"""Envelopes of tests, full of values that must appear nowhere but on the wire."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from service.outreach.port import Envelope, Unsubscribe

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
KEY = "0193f0c0a1b2c3d4e5f60718293a4b5c"
UNSUBSCRIBE = Unsubscribe("https://clinic.example/u/" + "t" * 300, "unsubscribe+abc@clinic.example")


def clock() -> datetime:
    return NOW


def envelope(**changes) -> Envelope:
    basis = Envelope(
        address="rosa.canaria@patient.example",
        subject="Su cita en la clínica",
        text="Hola Rosa Canaria:\n.\nmañana a las 9.",
        html="<html><body><p>Hola <b>Rosa Canaria</b></p></body></html>",
        footer="Clínica Norte\nCalle Mayor 1 & 2",
        locale="es",
        list_id="reminders.clinic.example",
        unsubscribe=UNSUBSCRIBE,
        useful_until=NOW + timedelta(hours=2),
    )
    return replace(basis, **changes)
