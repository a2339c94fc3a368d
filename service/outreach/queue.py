"""The queue of a person after a revocation: what may not go any more is final at once, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from journeys.outreach import Final
from service.outreach.outbox import Outbox
from service.outreach.send import store_decision
from service.outreach.store.messages import SCHEDULED, SENDING, messages_of_person
from service.outreach.weigh import weigh
from service.persons.store import load_person

MOST = 1_000


def clear_queue(outbox: Outbox, connection: Connection, person: str, now: datetime) -> list[str]:
    """Ends the messages of a person that may not go any more; returns the ids of those that are under way."""
    owner = load_person(connection, person)
    assert owner is not None
    for stored in messages_of_person(connection, person, SCHEDULED, MOST):
        weighed = weigh(outbox, connection, stored, owner, now)
        if isinstance(weighed.decision, Final):
            store_decision(connection, weighed, now)
    return [stored.id for stored in messages_of_person(connection, person, SENDING, MOST)]
