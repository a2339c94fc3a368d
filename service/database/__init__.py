"""The database: its tables, how it is opened and migrated, how values are spelled in it. It knows no use case."""

from service.database.copies import backup, restore
from service.database.doctor import Finding, examine, not_durable
from service.database.engine import Database, DatabaseRefused, open_database
from service.database.moving import AlreadyMoving, moving_alone
from service.database.schema import current_revision, downgrade, head_revision, upgrade
from service.database.serving import AlreadyServed, serving_alone

__all__ = [
    "AlreadyMoving",
    "AlreadyServed",
    "Database",
    "DatabaseRefused",
    "Finding",
    "backup",
    "current_revision",
    "downgrade",
    "examine",
    "head_revision",
    "moving_alone",
    "not_durable",
    "open_database",
    "restore",
    "serving_alone",
    "upgrade",
]
