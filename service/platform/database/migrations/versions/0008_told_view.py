"""The told view as a fold of its own; enrollments know the rules by which they were folded.

The columns that said what a told view was made of go, and every told view is emptied: `db upgrade` and `serve` fold
enrollments of earlier rules again (`service/operations/refold.py`).
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Drops the columns, and keeps of each ledger what it says of effects."""
    with op.batch_alter_table("enrollments") as table:
        for column in ("told_release", "told_log", "told_cut"):
            table.drop_column(column)
        table.add_column(sa.Column("rules", sa.Integer(), nullable=False, server_default="1"))
    op.create_index("ix_enrollments_rules", "enrollments", ["rules"])
    _rewrite_ledgers(lambda ledger: ledger["effects"])


def downgrade() -> None:
    """Adds the columns again, empty: the version before folds no told view by itself."""
    op.drop_index("ix_enrollments_rules", "enrollments")
    with op.batch_alter_table("enrollments") as table:
        table.drop_column("rules")
        table.add_column(sa.Column("told_release", sa.Text(), nullable=True))
        table.add_column(sa.Column("told_log", sa.Integer(), nullable=True))
        table.add_column(sa.Column("told_cut", sa.Text(), nullable=True))
    _rewrite_ledgers(lambda ledger: {"effects": ledger, "holds": {}})


def _rewrite_ledgers(rewrite: Callable[[Any], Any]) -> None:
    connection = op.get_bind()
    enrollments = sa.table(
        "enrollments", sa.column("id"), sa.column("ledger", sa.LargeBinary), sa.column("told", sa.LargeBinary)
    )
    after = ""
    while rows := connection.execute(
        sa.select(enrollments.c.id, enrollments.c.ledger)
        .where(enrollments.c.id > after)
        .order_by(enrollments.c.id)
        .limit(500)
    ).all():
        for row in rows:
            ledger = rewrite(json.loads(bytes(row.ledger)))
            text = json.dumps(ledger, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            connection.execute(
                sa.update(enrollments).where(enrollments.c.id == row.id).values(ledger=text.encode(), told=None)
            )
        after = rows[-1].id
