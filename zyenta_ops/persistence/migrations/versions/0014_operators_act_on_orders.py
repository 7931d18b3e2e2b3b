"""Operators act on orders that wait."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KINDS = [
    *("RECEIVED", "PAYMENT_CHANGED", "PAYMENT_NOTED", "HELD", "RELEASED"),
    *("REFUND_REQUESTED", "REFUND_SETTLED"),
    *("PLANNED", "ADVANCED", "PARCEL_CHANGED", "LATE_RESULT"),
]
VERBS = [
    *("RETRY", "RETRY_OTHER_SUPPLIER", "REMAP_VARIANT", "SPLIT", "MARK_PLACED"),
    *("CONFIRM_NOT_PLACED", "MARK_PAID", "REORDER", "CANCEL", "CANCEL_AND_REFUND"),
    *("ADD_TRACKING", "MARK_DELIVERED", "EDIT_ADDRESS", "APPROVE", "SNOOZE", "ASSIGN", "NOTE"),
]
WAITING = (
    "stage IN ('NEEDS_ACTION', 'AWAITING_SUPPLIER_PAYMENT')"
    " OR (stage = 'CANCELLED' AND unwanted_at IS NOT NULL)"
)


def upgrade() -> None:
    allow_kinds([*KINDS, "ACTED"])
    with op.batch_alter_table("order") as table:
        table.add_column(
            sa.Column("assigned_to", sa.String(200), server_default="", nullable=False)
        )
        table.add_column(sa.Column("snoozed_at", types.UtcDateTime(), nullable=True))
        table.add_column(sa.Column("snoozed_until", types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("order_hold") as table:
        table.create_index(
            "ix_order_hold_open",
            ["opened_at"],
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        )
    with op.batch_alter_table("supplier_order") as table:
        table.add_column(sa.Column("stuck_at", types.UtcDateTime(), nullable=True))
        table.create_index(
            "ix_supplier_order_waiting",
            ["store_id"],
            sqlite_where=sa.text(WAITING),
            postgresql_where=sa.text(WAITING),
        )
    ours = sa.table("supplier_order", *map(sa.column, ("stage", "stuck_at", "updated_at")))
    op.execute(
        sa.update(ours).where(ours.c.stage == "NEEDS_ACTION").values(stuck_at=ours.c.updated_at)
    )
    with op.batch_alter_table("shipment") as table:
        table.add_column(sa.Column("settled_at", types.UtcDateTime(), nullable=True))
    op.create_table(
        "order_action",
        sa.Column("order_id", sa.String(32), nullable=False),
        sa.Column("request_key", sa.String(255), nullable=False),
        sa.Column("verb", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("result", types.Document, nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            f"verb IN ({', '.join(map(repr, VERBS))})", name=op.f("ck_order_action_verb_is_known")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_action_order_id_order")
        ),
        sa.PrimaryKeyConstraint("order_id", "request_key", name=op.f("pk_order_action")),
    )


def downgrade() -> None:
    op.drop_table("order_action")
    with op.batch_alter_table("shipment") as table:
        table.drop_column("settled_at")
    with op.batch_alter_table("supplier_order") as table:
        table.drop_index("ix_supplier_order_waiting")
        table.drop_column("stuck_at")
    with op.batch_alter_table("order_hold") as table:
        table.drop_index("ix_order_hold_open")
    with op.batch_alter_table("order") as table:
        table.drop_column("snoozed_until")
        table.drop_column("snoozed_at")
        table.drop_column("assigned_to")
    event = sa.table("order_event", sa.column("kind"))
    op.execute(sa.delete(event).where(event.c.kind == "ACTED"))
    allow_kinds(KINDS)


def allow_kinds(allowed: list[str]) -> None:
    name = op.f("ck_order_event_kind_is_known")
    with op.batch_alter_table("order_event") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({', '.join(map(repr, allowed))})")
