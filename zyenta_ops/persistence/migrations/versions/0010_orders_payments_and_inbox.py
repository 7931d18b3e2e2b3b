"""Customers' orders, their payments, the inbox, entitlements, and who may speak to the edge."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plans mean something from here on; until now nobody was billed and everything was allowed.
    op.execute("UPDATE account SET plan_tier = 'AUTOPILOT' WHERE plan_tier = 'FREE'")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=150), nullable=True))
        batch_op.create_index(
            "ix_alert_about",
            ["about"],
            unique=False,
            sqlite_where=sa.text("status <> 'RESOLVED'"),
            postgresql_where=sa.text("status <> 'RESOLVED'"),
        )

    op.create_table(
        "inbox_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), server_default="", nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("via", sa.String(length=24), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("received_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(length=24), server_default="RECEIVED", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("processed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "source IN ('stripe', 'aliexpress', 'cj', 'printful', '17track', 'aftership', 'ship24')",
            name=op.f("ck_inbox_event_source_is_known"),
        ),
        sa.CheckConstraint(
            "status IN ('RECEIVED', 'PROCESSED', 'IGNORED', 'PARKED')",
            name=op.f("ck_inbox_event_status_is_known"),
        ),
        sa.CheckConstraint("via IN ('POLL', 'HOOK')", name=op.f("ck_inbox_event_via_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_event")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_inbox_event_source_event_id")),
    )
    with op.batch_alter_table("inbox_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_event_due", ["status", "next_attempt_at", "id"], unique=False
        )
        batch_op.create_index("ix_inbox_event_newest", ["source", "received_at"], unique=False)

    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), server_default="", nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=255), server_default="", nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "source IN ('stripe', 'aliexpress', 'cj', 'printful', '17track', 'aftership', 'ship24')",
            name=op.f("ck_webhook_endpoint_source_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_webhook_endpoint_token_hash")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column(
            "store_ids",
            types.Document,
            nullable=False,
        ),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_token_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_account_id"), ["account_id"], unique=False)

    op.create_table(
        "entitlement",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("lookup_key", sa.String(length=80), nullable=False),
        sa.Column("active_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("as_of", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_entitlement_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "lookup_key", name=op.f("pk_entitlement")),
    )
    op.create_table(
        "subscriber",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=False),
        sa.Column("subscription_status", sa.String(length=32), server_default="", nullable=False),
        sa.Column("grace_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("as_of", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_subscriber_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_subscriber_customer_id")),
    )
    op.create_table(
        "usage_ledger",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("feature", sa.String(length=80), nullable=False),
        sa.Column("effect_key", sa.String(length=255), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_usage_ledger_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_ledger")),
        sa.UniqueConstraint("effect_key", name=op.f("uq_usage_ledger_effect_key")),
    )
    with op.batch_alter_table("usage_ledger", schema=None) as batch_op:
        batch_op.create_index(
            "ix_usage_ledger_account", ["account_id", "feature", "used_at"], unique=False
        )

    op.create_table(
        "customer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("store_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_customer_store_id_store")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("store_id", "email", name=op.f("uq_customer_store_id_email")),
    )
    op.create_table(
        "payment_account",
        sa.Column("store_id", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("charge_model", sa.String(length=24), nullable=False),
        sa.Column("charges_enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("deauthorized_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("as_of", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "charge_model IN ('PLATFORM', 'DESTINATION', 'DIRECT')",
            name=op.f("ck_payment_account_charge_model_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_payment_account_store_id_store")
        ),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_payment_account")),
    )
    with op.batch_alter_table("payment_account", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_account_external_id"), ["external_id"], unique=False
        )

    op.create_table(
        "order",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("store_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("subtotal_minor", types.Minor, nullable=False),
        sa.Column("shipping_minor", types.Minor, nullable=False),
        sa.Column("tax_minor", types.Minor, nullable=False),
        sa.Column("discount_minor", types.Minor, nullable=False),
        sa.Column("total_minor", types.Minor, nullable=False),
        sa.Column(
            "address",
            types.Document,
            nullable=False,
        ),
        sa.Column("placed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("payment_status", sa.String(length=24), server_default="PENDING", nullable=False),
        sa.Column(
            "fulfillment_status", sa.String(length=24), server_default="PENDING", nullable=False
        ),
        sa.Column("paid_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "paid_minor",
            types.Minor,
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column(
            "refunded_minor",
            types.Minor,
            server_default=sa.text("0"),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "fulfillment_status IN ('PENDING', 'PROCESSING', 'AWAITING_SHIPMENT', 'PARTIALLY_SHIPPED', 'SHIPPED', 'PARTIALLY_DELIVERED', 'DELIVERED', 'INTERVENTION_REQUIRED', 'CANCELLED')",
            name=op.f("ck_order_fulfillment_status_is_known"),
        ),
        sa.CheckConstraint(
            "payment_status IN ('PENDING', 'AUTHORIZED', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'ABANDONED')",
            name=op.f("ck_order_payment_status_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_order_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_order_store_id_store")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("store_id", "number", name=op.f("uq_order_store_id_number")),
    )
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.create_index("ix_order_by_payment", ["payment_status", "placed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "order_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "before",
            types.Document,
            nullable=False,
        ),
        sa.Column(
            "after",
            types.Document,
            nullable=False,
        ),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "kind IN ('RECEIVED', 'PAYMENT_CHANGED', 'PAYMENT_NOTED', 'HELD', 'RELEASED', 'REFUND_REQUESTED', 'REFUND_SETTLED')",
            name=op.f("ck_order_event_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_event_order_id_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
    )
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.create_index("ix_order_event_timeline", ["order_id", "at", "id"], unique=False)

    op.create_table(
        "order_hold",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.String(length=200), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("released_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('PAYMENT', 'FRAUD', 'ADDRESS', 'STOCK', 'MARGIN', 'BALANCE', 'APPROVAL', 'MANUAL')",
            name=op.f("ck_order_hold_reason_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_hold_order_id_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_hold")),
        sa.UniqueConstraint("order_id", "source", name=op.f("uq_order_hold_order_id_source")),
    )
    op.create_table(
        "order_item",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sku", sa.String(length=255), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_minor", types.Minor, nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_item_quantity_is_positive")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_order_item_order_id_order")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["product_variant.id"],
            name=op.f("fk_order_item_variant_id_product_variant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_item")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_item_order_id_position")),
    )
    with op.batch_alter_table("order_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_item_variant_id"), ["variant_id"], unique=False)

    op.create_table(
        "payment_fact",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), server_default="", nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("amount_minor", types.Minor, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("as_of", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("intent_id", sa.String(length=255), server_default="", nullable=False),
        sa.Column("order_ref", sa.String(length=255), server_default="", nullable=False),
        sa.Column("store_ref", sa.String(length=255), server_default="", nullable=False),
        sa.Column("order_number", sa.String(length=64), server_default="", nullable=False),
        sa.Column("refund_ref", sa.String(length=32), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('SESSION', 'INTENT', 'REFUND', 'DISPUTE', 'WARNING', 'REVIEW')",
            name=op.f("ck_payment_fact_kind_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'PROCESSING', 'FAILED', 'AUTHORIZED', 'SUCCEEDED', 'CANCELLED', 'EXPIRED', 'WON', 'LOST', 'CLOSED')",
            name=op.f("ck_payment_fact_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["order.id"], name=op.f("fk_payment_fact_order_id_order")
        ),
        sa.PrimaryKeyConstraint("kind", "external_id", name=op.f("pk_payment_fact")),
    )
    with op.batch_alter_table("payment_fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_fact_intent_id"), ["intent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_fact_order_id"), ["order_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", types.Minor, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.String(length=255), nullable=False),
        sa.Column("account", sa.String(length=255), server_default="", nullable=False),
        sa.Column("status", sa.String(length=24), server_default="PLANNED", nullable=False),
        sa.Column("requested_by", sa.String(length=200), nullable=False),
        sa.Column("requested_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.String(length=255), nullable=False),
        sa.Column(
            "lines",
            types.Document,
            nullable=False,
        ),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "reverse_transfer", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "refund_application_fee", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("external_id", sa.String(length=255), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_asked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('PLANNED', 'REQUESTED', 'PENDING', 'SUCCEEDED', 'FAILED', 'CANCELLED')",
            name=op.f("ck_refund_status_is_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_amount_is_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_refund_order_id_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("external_id", name=op.f("uq_refund_external_id")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_refund_order_id_number")),
        sa.UniqueConstraint("order_id", "request_key", name=op.f("uq_refund_order_id_request_key")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index("ix_refund_due", ["status", "next_attempt_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_about")
        batch_op.drop_column("about")

    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.drop_index("ix_refund_due")

    op.drop_table("refund")
    with op.batch_alter_table("payment_fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_fact_order_id"))
        batch_op.drop_index(batch_op.f("ix_payment_fact_intent_id"))

    op.drop_table("payment_fact")
    with op.batch_alter_table("order_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_item_variant_id"))

    op.drop_table("order_item")
    op.drop_table("order_hold")
    with op.batch_alter_table("order_event", schema=None) as batch_op:
        batch_op.drop_index("ix_order_event_timeline")

    op.drop_table("order_event")
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_customer_id"))
        batch_op.drop_index("ix_order_by_payment")

    op.drop_table("order")
    with op.batch_alter_table("payment_account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_account_external_id"))

    op.drop_table("payment_account")
    op.drop_table("customer")
    with op.batch_alter_table("usage_ledger", schema=None) as batch_op:
        batch_op.drop_index("ix_usage_ledger_account")

    op.drop_table("usage_ledger")
    op.drop_table("subscriber")
    op.drop_table("entitlement")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_account_id"))

    op.drop_table("api_token")
    op.drop_table("webhook_endpoint")
    with op.batch_alter_table("inbox_event", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_event_newest")
        batch_op.drop_index("ix_inbox_event_due")

    op.drop_table("inbox_event")
