"""The queue of a person after a revocation: what is not permitted any more ends in the same transaction."""

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
    """Ends the messages of a person that are not permitted any more; returns the ids of those that are under way.

    Every other reason is left to the sender, as this process may have no channel set up. So is a message that cannot be
    weighed: it must not undo the revocation.
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
        if isinstance(weighed.decision, Final) and weighed.decision.reason == "no_permission":
            store_decision(connection, weighed, now)
    return [stored.id for stored in messages_of_person(connection, person, SENDING, MOST)]
