"""Whether a supplier says that there is stock, and whether it states a cost or we estimate it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("supplier_offer", "offer_observation")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(
            table,
            sa.Column("in_stock", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        )
        op.add_column(table, sa.Column("cost_estimated", sa.Boolean(), nullable=True))


def downgrade() -> None:
    for table in _TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("cost_estimated")
            batch.drop_column("in_stock")
