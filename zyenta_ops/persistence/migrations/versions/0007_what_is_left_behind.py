"""Published stock follows reserved units; syncs begun and answers in use are found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("product_variant", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("applied_reserved", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
    with op.batch_alter_table("sync_log", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sync_log_unfinished",
            ["supplier_key"],
            unique=False,
            sqlite_where=sa.text("status = 'STARTED'"),
            postgresql_where=sa.text("status = 'STARTED'"),
        )
    with op.batch_alter_table("watched_product", schema=None) as batch_op:
        batch_op.create_index("ix_watched_product_raw", ["raw"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("watched_product", schema=None) as batch_op:
        batch_op.drop_index("ix_watched_product_raw")
    with op.batch_alter_table("sync_log", schema=None) as batch_op:
        batch_op.drop_index("ix_sync_log_unfinished")
    with op.batch_alter_table("product_variant", schema=None) as batch_op:
        batch_op.drop_column("applied_reserved")
