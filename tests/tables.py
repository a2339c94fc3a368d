"""The tables that a test may empty: all but the key of the digests, which is made with the database."""

from service.platform.database.tables import digest_keys, metadata

EMPTIED = [table for table in reversed(metadata.sorted_tables) if table is not digest_keys]
