"""Tables: tokens of applications, accounts of staff and their sessions. It runs no SQL."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Text

from service.platform.database.tables.declaration import declare_table
from service.platform.database.types import Instant

#: API tokens; of the secret only a digest is stored. `minted_by` is the token that minted it, with which it is revoked;
#: `enrollments` are the ids, with blanks between them, of the enrollments that bind it (NULL: all of its patient);
#: `caregiver` is whose token it is, if it reports as the family.
tokens = declare_table(
    "tokens",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("reports_as", Text, nullable=False),
    Column("patient_ref", Text),
    Column("journey", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("minted_by", Text),
    Column("enrollments", Text),
    Column("caregiver", Text),
    Index(None, "minted_by"),
    Index(None, "caregiver"),
)

#: The accounts of people who write, review, publish and care. Each has either a `password` (a slow hash) or a
#: `subject`, the name that the organisation's identity provider has for them.
accounts = declare_table(
    "accounts",
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("printed_name", Text, nullable=False),
    Column("password", Text),
    Column("subject", Text, unique=True),
    Column("roles", Text, nullable=False),
    Column("functions", Text, nullable=False),
    Column("locales", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    Column("email", Text),  # where the digest of the inbox goes
    Column("digest_off_at", Instant),  # the account wants no digest; NULL: it does
)

#: The digests of an account: `day` is the last day (UTC) that a worker has claimed, or empty where the claim was given
#: back; `told_until` is the instant of the last inbox that was sent. NULL: none was.
account_digests = declare_table(
    "account_digests",
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("day", Text, nullable=False),
    Column("told_until", Instant),
)

#: Sessions of signed-in staff, by the digest of the cookie. `kept` is a form that came after the session had ended by
#: idleness, until its account signs in again.
account_sessions = declare_table(
    "account_sessions",
    Column("digest", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("way", Text, nullable=False),  # password, provider, code
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # by the provider, for one signature
    Column("signed_at", Instant),  # the first time; from then on the password alone confirms
    Column("ended_at", Instant),
    Column("kept", LargeBinary),
    Column("kept_at", Instant),
    Index(None, "account"),
    Index(None, "kept_at"),
)

#: Failed sign-ins, by the digest of the entered name.
account_failures = declare_table(
    "account_failures",
    Column("id", Text, primary_key=True),
    Column("name_digest", Text, nullable=False),
    Column("failed_at", Instant, nullable=False),
    Index(None, "name_digest", "failed_at"),
)

#: Sign-ins that wait for the identity provider, by the digest of the cookie.
account_arrivals = declare_table(
    "account_arrivals",
    Column("digest", Text, primary_key=True),
    Column("secrets", LargeBinary, nullable=False),  # state, nonce, verifier of the code
    Column("back", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)
