"""Customers and storefronts are told of orders."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHANNELS = ["EMAIL", "WEBHOOK"]
STATUSES = ["PENDING", "SENDING", "SENT", "FAILED", "SUPPRESSED", "WITHDRAWN"]


def upgrade() -> None:
    with op.batch_alter_table("store") as table:
        table.add_column(
            sa.Column("voice", types.Document, server_default=sa.text("'{}'"), nullable=False)
        )
    with op.batch_alter_table("order") as table:
        table.add_column(sa.Column("locale", sa.String(6), server_default="", nullable=False))
    with op.batch_alter_table("outbox_message") as table:
        table.add_column(sa.Column("expires_at", types.UtcDateTime(), nullable=True))
    allow([*CHANNELS, "STOREFRONT"], [*STATUSES, "EXPIRED"])
    op.create_table(
        "storefront_hook",
        sa.Column("store_id", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("reads_back", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("off_since", types.UtcDateTime(), nullable=True),
        sa.Column("off_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_storefront_hook_store_id_store")
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_storefront_hook")),
    )
    op.create_table(
        "order_tracking",
        sa.Column("order_id", sa.String(32), nullable=False),
        sa.Column("store_id", sa.String(32), nullable=False),
        sa.Column("info", types.Document, nullable=False),
        sa.Column("promised", types.Document, nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("check_at", types.UtcDateTime(), nullable=True),
        sa.Column("drifts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_tracking_order_id_order")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_order_tracking_store_id_store")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_tracking")),
    )
    op.create_index("ix_order_tracking_due", "order_tracking", ["check_at"])
    op.create_index("ix_order_tracking_store", "order_tracking", ["store_id", "drifts"])


def downgrade() -> None:
    op.drop_table("order_tracking")
    op.drop_table("storefront_hook")
    message = sa.table("outbox_message", sa.column("channel"), sa.column("status"))
    op.execute(
        sa.delete(message).where(
            sa.or_(message.c.channel == "STOREFRONT", message.c.status == "EXPIRED")
        )
    )
    allow(CHANNELS, STATUSES)
    with op.batch_alter_table("outbox_message") as table:
        table.drop_column("expires_at")
    with op.batch_alter_table("order") as table:
        table.drop_column("locale")
    with op.batch_alter_table("store") as table:
        table.drop_column("voice")


def allow(channels: list[str], statuses: list[str]) -> None:
    with op.batch_alter_table("outbox_message") as table:
        for column, words in (("channel", channels), ("status", statuses)):
            name = op.f(f"ck_outbox_message_{column}_is_known")
            table.drop_constraint(name, type_="check")
            table.create_check_constraint(name, f"{column} IN ({', '.join(map(repr, words))})")
