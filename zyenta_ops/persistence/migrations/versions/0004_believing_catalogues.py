"""How a source was read, when an absence counted, and in which currency a cost was."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Versions known from before were read with some configuration that nobody noted: with no
    # reader they match none, and the next sweep reads the source once more.
    op.add_column("catalog_sweep", sa.Column("reader", sa.String(32), nullable=True))
    op.add_column("supplier_offer", sa.Column("missed_at", types.UtcDateTime(), nullable=True))
    op.add_column("offer_observation", sa.Column("missed_at", types.UtcDateTime(), nullable=True))
    op.add_column(
        "offer_observation", sa.Column("previous_cost_currency", sa.String(3), nullable=True)
    )


def downgrade() -> None:
    for table, column in (
        ("offer_observation", "previous_cost_currency"),
        ("offer_observation", "missed_at"),
        ("supplier_offer", "missed_at"),
        ("catalog_sweep", "reader"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
