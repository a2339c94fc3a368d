"""Keyed digests: what must be found again or be unique, but must not be read. It knows no feature."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection, select

from service.platform.database.tables import digest_keys

_KEY = select(digest_keys.c.key)


class Digests:
    """Makes the keyed digests (HMAC-SHA-256) of one database, whose key it reads once."""

    def __init__(self) -> None:
        self._key: bytes | None = None

    def digest_of(self, connection: Connection, kind: str, text: str) -> str:
        """The digest of a text, 64 hexadecimal digits; texts of different kinds never have the same digest."""
        if self._key is None:
            self._key = connection.execute(_KEY).scalar_one()
        return hmac.digest(self._key, f"{kind}\n{text}".encode(), "sha256").hex()
