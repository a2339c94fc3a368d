"""The queue of a person after a revocation: what may not go any more is final at once, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from journeys.outreach import Final
from service.outreach.outbox import Outbox
from service.outreach.send import store_decision
from service.outreach.store.messages import SCHEDULED, SENDING, messages_of_person
from service.outreach.weigh import weigh
from service.persons.store import load_person
from service.platform.logs import log, where

MOST = 1_000


def clear_queue(outbox: Outbox, connection: Connection, person: str, now: datetime) -> list[str]:
    """Ends the messages of a person that may not go any more; returns the ids of those that are under way.

    A message that cannot be weighed is left to the gate, so that a revocation never fails for it.
    """
    owner = load_person(connection, person)
    assert owner is not None
    for stored in messages_of_person(connection, person, SCHEDULED, MOST):
        try:
            weighed = weigh(outbox, connection, stored, owner, now)
        except SQLAlchemyError:
            raise
        except Exception as error:
            log().error("message-not-weighed", message=stored.id, **where(error))
            continue
        if isinstance(weighed.decision, Final):
            store_decision(connection, weighed, now)
    return [stored.id for stored in messages_of_person(connection, person, SENDING, MOST)]
