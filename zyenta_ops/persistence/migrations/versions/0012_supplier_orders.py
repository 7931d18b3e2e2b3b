"""Supplier orders: what is bought for customers' orders, and the parcels that come of it."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UNPLANNED = "fulfillment_status = 'PENDING' AND paid_at IS NOT NULL"
KINDS = [
    *("RECEIVED", "PAYMENT_CHANGED", "PAYMENT_NOTED", "HELD", "RELEASED"),
    *("REFUND_REQUESTED", "REFUND_SETTLED"),
]
OF_SUPPLIER_ORDERS = ["PLANNED", "ADVANCED", "PARCEL_CHANGED", "LATE_RESULT"]


def upgrade() -> None:
    allow_kinds([*KINDS, *OF_SUPPLIER_ORDERS])
    op.create_table(
        "supplier_order",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("store_id", sa.String(length=32), nullable=False),
        sa.Column("supplier_key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("client_ref", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("stuck_in", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("goods_minor", types.Minor, nullable=True),
        sa.Column("freight_minor", types.Minor, nullable=True),
        sa.Column("goods_expected_minor", types.Minor, nullable=True),
        sa.Column("cost_currency", sa.String(length=3), nullable=True),
        sa.Column("service_code", sa.String(length=255), server_default="", nullable=False),
        sa.Column("service_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("ships_from", sa.String(length=2), nullable=True),
        sa.Column("most_days", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("eligible_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("unwanted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("placed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("settle_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("negatives", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_refused_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reserves", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("next_check_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(stage = 'NEEDS_ACTION') = (reason IS NOT NULL)",
            name=op.f("ck_supplier_order_reason_says_why_action_is_needed"),
        ),
        sa.CheckConstraint(
            "reason IN ('OUTCOME_UNKNOWN', 'DUPLICATE', 'BY_HAND', 'ADDRESS', 'REGION', 'VARIANT_UNKNOWN', 'ACCOUNT', 'REJECTED', 'ATTEMPTS_SPENT', 'SUPPLIER_DOWN', 'CRASHES', 'UNPAID', 'SUPPLIER_CANCELLED', 'CANCEL_REFUSED', 'NO_TRACKING', 'LATE_DELIVERY', 'PARCEL_LOST', 'PARCEL_RETURNED')",
            name=op.f("ck_supplier_order_reason_is_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('PLANNED', 'READY', 'PLACING', 'UNKNOWN', 'RETRY_WAIT', 'NEEDS_ACTION', 'PLACED', 'AWAITING_SUPPLIER_PAYMENT', 'CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'CANCEL_REQUESTED', 'CANCELLED')",
            name=op.f("ck_supplier_order_stage_is_known"),
        ),
        sa.CheckConstraint(
            "stuck_in IN ('PLANNED', 'READY', 'PLACING', 'UNKNOWN', 'RETRY_WAIT', 'NEEDS_ACTION', 'PLACED', 'AWAITING_SUPPLIER_PAYMENT', 'CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'CANCEL_REQUESTED', 'CANCELLED')",
            name=op.f("ck_supplier_order_stuck_in_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["supplier_account.id"],
            name=op.f("fk_supplier_order_account_id_supplier_account"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_supplier_order_order_id_order")
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_supplier_order_store_id_store")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_key"], ["supplier.key"], name=op.f("fk_supplier_order_supplier_key_supplier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_order")),
        sa.UniqueConstraint("client_ref", name=op.f("uq_supplier_order_client_ref")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_supplier_order_order_id_seq")),
    )
    with op.batch_alter_table("supplier_order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_supplier_order_deadline",
            ["deadline_at"],
            unique=False,
            sqlite_where=sa.text("deadline_at IS NOT NULL"),
            postgresql_where=sa.text("deadline_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_supplier_order_due",
            ["next_check_at"],
            unique=False,
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_order_supplier_key"), ["supplier_key"], unique=False
        )

    op.create_table(
        "variant_source",
        sa.Column("variant_id", sa.String(length=32), nullable=False),
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rank > 0", name=op.f("ck_variant_source_rank_is_positive")),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["supplier_offer.id"],
            name=op.f("fk_variant_source_offer_id_supplier_offer"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["product_variant.id"],
            name=op.f("fk_variant_source_variant_id_product_variant"),
        ),
        sa.PrimaryKeyConstraint("variant_id", "offer_id", name=op.f("pk_variant_source")),
    )
    op.create_table(
        "external_order",
        sa.Column("supplier_key", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("supplier_order_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("total_minor", types.Minor, nullable=True),
        sa.Column("total_currency", sa.String(length=3), nullable=True),
        sa.Column("pay_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('CREATED', 'AWAITING_PAYMENT', 'PAID', 'ON_HOLD', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'DISPUTED', 'CANCELLED', 'UNKNOWN')",
            name=op.f("ck_external_order_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_key"], ["supplier.key"], name=op.f("fk_external_order_supplier_key_supplier")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_order_id"],
            ["supplier_order.id"],
            name=op.f("fk_external_order_supplier_order_id_supplier_order"),
        ),
        sa.PrimaryKeyConstraint("supplier_key", "external_id", name=op.f("pk_external_order")),
    )
    with op.batch_alter_table("external_order", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_external_order_supplier_order_id"), ["supplier_order_id"], unique=False
        )

    op.create_table(
        "placement_attempt",
        sa.Column("supplier_order_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("external_id", sa.String(length=255), server_default="", nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("request", types.Document, nullable=False),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('PLACE', 'PAY', 'CANCEL')", name=op.f("ck_placement_attempt_kind_is_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('ACCEPTED', 'NOT_SENT', 'RATE_LIMITED', 'RETRYABLE', 'REFUSED', 'DUPLICATE', 'UNKNOWN')",
            name=op.f("ck_placement_attempt_outcome_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_order_id"],
            ["supplier_order.id"],
            name=op.f("fk_placement_attempt_supplier_order_id_supplier_order"),
        ),
        sa.PrimaryKeyConstraint("supplier_order_id", "number", name=op.f("pk_placement_attempt")),
    )
    op.create_table(
        "shipment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("supplier_order_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=255), server_default="", nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("number", sa.String(length=255), nullable=False),
        sa.Column("carrier", sa.String(length=255), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("raw_state", sa.String(length=255), server_default="", nullable=False),
        sa.Column("internal_number", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("events", types.Document, nullable=False),
        sa.Column("expected_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("shipped_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('ANNOUNCED', 'IN_TRANSIT', 'CUSTOMS', 'CUSTOMS_ACTION', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'DELIVERED', 'FAILED_ATTEMPT', 'EXCEPTION', 'EXPIRED', 'RETURNING', 'RETURNED', 'LOST', 'UNKNOWN')",
            name=op.f("ck_shipment_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_shipment_order_id_order")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_order_id"],
            ["supplier_order.id"],
            name=op.f("fk_shipment_supplier_order_id_supplier_order"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment")),
        sa.UniqueConstraint(
            "supplier_order_id", "key", name=op.f("uq_shipment_supplier_order_id_key")
        ),
    )
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shipment_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_shipment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "spend",
        sa.Column("supplier_order_id", sa.String(length=32), nullable=False),
        sa.Column("store_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("amount_minor", types.Minor, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=24), server_default="RESERVED", nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('RESERVED', 'SPENT')", name=op.f("ck_spend_state_is_known")),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_spend_amount_is_not_negative")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_spend_store_id_store")),
        sa.ForeignKeyConstraint(
            ["supplier_order_id"],
            ["supplier_order.id"],
            name=op.f("fk_spend_supplier_order_id_supplier_order"),
        ),
        sa.PrimaryKeyConstraint("supplier_order_id", name=op.f("pk_spend")),
    )
    with op.batch_alter_table("spend", schema=None) as batch_op:
        batch_op.create_index("ix_spend_of_day", ["store_id", "day"], unique=False)

    op.create_table(
        "supplier_order_line",
        sa.Column("supplier_order_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("variant_id", sa.String(length=32), nullable=False),
        sa.Column("offer_id", sa.String(length=32), nullable=False),
        sa.Column("product_ref", sa.String(length=255), nullable=False),
        sa.Column("variant_ref", sa.String(length=255), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cost_minor", types.Minor, nullable=False),
        sa.Column("cost_currency", sa.String(length=3), nullable=False),
        sa.Column("revenue_minor", types.Minor, nullable=False),
        sa.CheckConstraint(
            "quantity > 0", name=op.f("ck_supplier_order_line_quantity_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["order_item.id"], name=op.f("fk_supplier_order_line_item_id_order_item")
        ),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["supplier_offer.id"],
            name=op.f("fk_supplier_order_line_offer_id_supplier_offer"),
        ),
        sa.ForeignKeyConstraint(
            ["supplier_order_id"],
            ["supplier_order.id"],
            name=op.f("fk_supplier_order_line_supplier_order_id_supplier_order"),
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["product_variant.id"],
            name=op.f("fk_supplier_order_line_variant_id_product_variant"),
        ),
        sa.PrimaryKeyConstraint(
            "supplier_order_id", "position", name=op.f("pk_supplier_order_line")
        ),
    )
    with op.batch_alter_table("supplier_order_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_order_line_item_id"), ["item_id"], unique=False
        )

    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.create_index(
            "ix_order_unplanned",
            ["paid_at"],
            unique=False,
            sqlite_where=sa.text(UNPLANNED),
            postgresql_where=sa.text(UNPLANNED),
        )


def downgrade() -> None:
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_order_unplanned",
            sqlite_where=sa.text(UNPLANNED),
            postgresql_where=sa.text(UNPLANNED),
        )

    with op.batch_alter_table("supplier_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_order_line_item_id"))

    op.drop_table("supplier_order_line")
    with op.batch_alter_table("spend", schema=None) as batch_op:
        batch_op.drop_index("ix_spend_of_day")

    op.drop_table("spend")
    with op.batch_alter_table("shipment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_shipment_order_id"))
        batch_op.drop_index(batch_op.f("ix_shipment_key"))

    op.drop_table("shipment")
    op.drop_table("placement_attempt")
    with op.batch_alter_table("external_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_order_supplier_order_id"))

    op.drop_table("external_order")
    op.drop_table("variant_source")
    with op.batch_alter_table("supplier_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_supplier_order_supplier_key"))
        batch_op.drop_index(
            "ix_supplier_order_due",
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_supplier_order_deadline",
            sqlite_where=sa.text("deadline_at IS NOT NULL"),
            postgresql_where=sa.text("deadline_at IS NOT NULL"),
        )

    op.drop_table("supplier_order")

    op.execute("UPDATE \"order\" SET fulfillment_status = 'PENDING'")
    event = sa.table("order_event", sa.column("kind"))
    op.execute(sa.delete(event).where(event.c.kind.in_(OF_SUPPLIER_ORDERS)))
    allow_kinds(KINDS)


def allow_kinds(allowed: list[str]) -> None:
    name = op.f("ck_order_event_kind_is_known")
    with op.batch_alter_table("order_event") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"kind IN ({', '.join(map(repr, allowed))})")
