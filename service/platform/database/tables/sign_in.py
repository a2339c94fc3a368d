"""Tables: sessions of patients, how they sign in, and the tokens of their apps. It runs no SQL.

Rows of a person are deleted with the person, by the database itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant


def _person(*, nullable: bool = False) -> Column[Any]:
    return Column("person", Text, ForeignKey("persons.id", ondelete="CASCADE"), nullable=nullable)


#: Sessions of signed-in patients, by the digest of the cookie.
patient_sessions = declare_table(
    "patient_sessions",
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    _person(),
    Column("way", Text, nullable=False),  # code, provider, passkey
    Column("browser", Text, nullable=False),  # chrome, edge, firefox, safari, other
    Column("system", Text, nullable=False),  # android, ios, linux, mac, windows, other
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(None, "person"),
)

#: Codes to sign in that were asked for, whether anybody has the address or not. `browser` is the digest of the cookie.
#: `code` is the code of `contact_codes` that was made for it, where a patient has confirmed the address.
sign_in_requests = declare_table(
    "sign_in_requests",
    Column("id", Text, primary_key=True),
    Column("browser", Text, nullable=False),
    Column("channel", Text, nullable=False),  # email, sms
    Column("address_digest", Text, nullable=False),
    _person(nullable=True),
    Column("code", Text),
    Column("requested_at", Instant, nullable=False),
    Column("looked_up_at", Instant),
    Column("tries", Integer, nullable=False),
    Column("ended_at", Instant),
    Index(None, "browser", "requested_at"),
    Index(None, "address_digest", "requested_at"),
    Index(None, "looked_up_at"),
    Index(None, "person"),
)

#: The logins of patients at providers, by the keyed digest of the provider and its name for the patient.
patient_logins = declare_table(
    "patient_logins",
    Column("id", Text, primary_key=True),
    _person(),
    Column("provider", Text, nullable=False),
    Column("subject_digest", Text, nullable=False, unique=True),
    Column("payload", LargeBinary, nullable=False),  # the name to be called
    Column("created_at", Instant, nullable=False),
    Index(None, "person"),
)

#: Logins that a provider recognised and no patient has, until the patient names a code too; by the digest of the
#: browser's cookie.
unlinked_logins = declare_table(
    "unlinked_logins",
    Column("browser", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("subject_digest", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "created_at"),
)

#: Passkeys of patients, by the keyed digest of the credential's id. `sign_count` is that of the last use.
passkeys = declare_table(
    "passkeys",
    Column("id", Text, primary_key=True),
    _person(),
    Column("credential_digest", Text, nullable=False, unique=True),
    Column("payload", LargeBinary, nullable=False),  # the id of the credential and its public key
    Column("browser", Text, nullable=False),  # in which it was made, as of sessions
    Column("system", Text, nullable=False),
    Column("sign_count", BigInteger().with_variant(Integer(), "sqlite"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index(None, "person"),
)

#: Tokens that signed-in patients made for their apps, with the names that they gave them.
app_tokens = declare_table(
    "app_tokens",
    Column("token", Text, ForeignKey("tokens.id"), primary_key=True),
    _person(),
    Column("payload", LargeBinary, nullable=False),
    Index(None, "person"),
)
