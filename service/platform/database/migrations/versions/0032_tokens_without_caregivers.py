"""The tokens of families without a caregiver end; `journeys token list` names them."""

import sqlalchemy as sa
from alembic import op

from service.platform.clock import present
from service.platform.database.types import Instant

revision = "0032"
down_revision = "0031"

_tokens = sa.table("tokens", sa.column("reports_as"), sa.column("caregiver"), sa.column("revoked_at", Instant()))


def upgrade() -> None:
    """Ends them, bound to an enrollment or not: no patient has said what their holders may see."""
    is_without_caregiver = (_tokens.c.reports_as == "family") & _tokens.c.caregiver.is_(None)
    op.execute(
        _tokens.update().where(is_without_caregiver, _tokens.c.revoked_at.is_(None)).values(revoked_at=present())
    )


def downgrade() -> None:
    """Leaves them ended: a token that was ended is never valid again."""
