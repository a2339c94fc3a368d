"""The database: its tables, how it is opened and migrated, how values are spelled in it. It knows no use case."""

from service.platform.database.backups import backup, restore
from service.platform.database.engine import Database, DatabaseRefused, open_database
from service.platform.database.examination import Finding, examine, not_durable
from service.platform.database.migration_lock import AlreadyMoving, moving_alone
from service.platform.database.schema import current_revision, downgrade, head_revision, upgrade
from service.platform.database.serving_lock import AlreadyServed, serving_alone

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
