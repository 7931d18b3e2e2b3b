"""Money comes and goes: when it did is known of every payment and of what went back."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("payment_fact") as table:
        table.add_column(sa.Column("moved_at", types.UtcDateTime(), nullable=True))
    fact = sa.table("payment_fact", sa.column("as_of"), sa.column("moved_at"))
    # Until it is read again: what is known is when it was seen.
    op.execute(sa.update(fact).values(moved_at=fact.c.as_of))
    with op.batch_alter_table("payment_fact") as table:
        table.alter_column("moved_at", existing_type=types.UtcDateTime(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("payment_fact") as table:
        table.drop_column("moved_at")
