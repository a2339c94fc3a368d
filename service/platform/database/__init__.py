"""The database: its tables, how it is opened and migrated, how values are spelled in it. It knows no use case."""

from service.platform.database.backups import backup, restore
from service.platform.database.engine import Database, open_database
from service.platform.database.examination import Finding, examine, not_durable
from service.platform.database.migration_lock import AlreadyMoving, moving_alone
from service.platform.database.schema import current_revision, downgrade, head_revision, require_known, upgrade
from service.platform.database.serving_lock import AlreadyServed, serving_alone
from service.platform.database.sqlite_file import DatabaseRefused, data_version, make_file

__all__ = [
    "AlreadyMoving",
    "AlreadyServed",
    "Database",
    "DatabaseRefused",
    "Finding",
    "backup",
    "current_revision",
    "data_version",
    "downgrade",
    "examine",
    "head_revision",
    "make_file",
    "moving_alone",
    "not_durable",
    "open_database",
    "require_known",
    "restore",
    "serving_alone",
    "upgrade",
]
