"""Suppliers say by themselves which products changed."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("watched_product", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hinted_at", types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("watched_product", schema=None) as batch_op:
        batch_op.drop_column("hinted_at")
