"""SQL of the tokens of patients' apps. It decides nothing."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select

from service.access.store import tokens
from service.access.store.tokens import Token
from service.platform.database.payload import seal, unseal
from service.platform.database.statements import Prepared
from service.platform.database.tables import app_tokens

_INSERT = Prepared(insert(app_tokens))
_OF_PERSON = Prepared(select(app_tokens).where(app_tokens.c.person == bindparam("person")).order_by(app_tokens.c.token))


def add_app(connection: Connection, token: str, person: str, name: str) -> None:
    """Stores the name that a person gave to the app of a token."""
    _INSERT.run(connection, {"token": token, "person": person, "payload": seal({"name": name})})


def apps_of_person(connection: Connection, person: str) -> list[tuple[Token, str]]:
    """The tokens of a person's apps with the names of these, valid or not, oldest first."""
    rows = _OF_PERSON.all(connection, {"person": person})
    pairs = [(tokens.find(connection, row.token), unseal(row.payload)["name"]) for row in rows]
    return [(token, name) for token, name in pairs if token is not None]
