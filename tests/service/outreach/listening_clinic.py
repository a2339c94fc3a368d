"""A clinic that sends, and hears what comes back."""

from __future__ import annotations

import json
from datetime import timedelta

from journeys.outreach.incoming import ProviderReceipt
from service.outreach.listen import IncomingReceipt, IncomingWords, take_receipt, take_words
from service.outreach.port import Accepted
from service.platform.database.tables import contacts, inbound, permission_entries, receipts, tasks
from service.platform.inbound_sources import InboundSource
from tests.service.outreach.people_reached import Reaching
from tests.service.outreach.test_send import DUE

MAIL, TEXTS = InboundSource("email-test", "email"), InboundSource("sms", "sms")


class Listening(Reaching):
    """A clinic that hears what comes back."""

    def send(self, patient: str = "p1", answer: object = None) -> str:
        """Sends the patient the first reminder; returns the id of the message."""
        enrollment = self.reachable_patient(patient)
        self.mail.answers = [answer or Accepted(f"provider-{patient}")]
        if self.clinic.clock().isoformat() < DUE:
            self.clinic.clock.set(DUE)
        self.work()
        return next(row.id for row in self.messages() if row.enrollment == enrollment)

    def tell(self, kind: str, id: str = "r1", *, status: str = "", after: timedelta | None = None, **named) -> None:
        at = self.clinic.clock() + (after or timedelta())
        receipt = IncomingReceipt(receipt=ProviderReceipt(id, at, kind, status), **named)
        take_receipt(self.clinic.service, MAIL, receipt)

    def write(self, text: str, id: str = "w1", sender: str = "p1@example.org", source: InboundSource = MAIL) -> None:
        words = IncomingWords.of_text(source, id=id, sender=sender, text=text, at=self.clinic.clock())
        take_words(self.clinic.service, source, words)

    def rows(self, table) -> list:
        return self.clinic.rows(table)

    def contact(self) -> str:
        (row,) = self.rows(contacts)
        return row.status

    def revocations(self) -> list[dict]:
        rows = [row for row in self.rows(permission_entries) if row.kind == "revoke"]
        return [json.loads(row.payload) for row in rows]

    def everything(self) -> list:
        return [self.rows(table) for table in (contacts, permission_entries, inbound, receipts, tasks)] + [
            self.messages()
        ]
