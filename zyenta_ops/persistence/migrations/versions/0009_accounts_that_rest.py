"""Until when a supplier wants to be left alone, with the account that was told so."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("supplier_account", sa.Column("paused_until", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("supplier_account") as batch:
        batch.drop_column("paused_until")
