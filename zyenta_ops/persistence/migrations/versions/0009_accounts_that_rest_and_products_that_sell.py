"""Until when a supplier wants to be left alone, and when a watched product was last sold."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier_account", sa.Column("paused_until", UtcDateTime(), nullable=True))
    op.add_column("watched_product", sa.Column("sold_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("watched_product") as batch:
        batch.drop_column("sold_at")
    with op.batch_alter_table("supplier_account") as batch:
        batch.drop_column("paused_until")
