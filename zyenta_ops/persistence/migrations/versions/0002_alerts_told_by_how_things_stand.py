"""Alerts that are told by how variants stand: prices missing, costs in another currency."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TYPES = ["STOCK_OUT", "STOCK_LOW", "PRICE_CHANGE", "SYNC_FAILURE", "ORDER_ISSUE", "PAYMENT_ISSUE"]
NEW_TYPES = [*TYPES[:3], "PRICE_MISSING", *TYPES[3:]]
CAUSES = [
    *("OUT_OF_STOCK", "NOT_SALEABLE", "VARIANT_GONE", "DELISTED", "STOCK_LOW"),
    *("COST_UP", "COST_DOWN"),
]
NEW_CAUSES = [*CAUSES, "COST_CURRENCY", "NO_RATE", "NO_PRICE"]

SUBJECT = (
    *("alert_id", "variant_id", "product_id", "cause"),
    *("cost_before_minor", "cost_currency", "cleared_at"),
)
OWNER = ("store_id", "supplier_key")
UNTOLD: dict[str, Any] = {
    "sqlite_where": sa.text("told_at IS NULL"),
    "postgresql_where": sa.text("told_at IS NULL"),
}


def upgrade() -> None:
    # What such an alert is about was not kept; what still fails is told anew.
    op.execute(
        "UPDATE alert SET status = 'RESOLVED', resolved_at = updated_at, digest_due_at = NULL"
        " WHERE type = 'SYNC_FAILURE' AND status <> 'RESOLVED'"
    )
    set_subjects_aside(
        "SELECT alert_subject.*, alert.store_id, alert.supplier_key"
        " FROM alert_subject JOIN alert ON alert.id = alert_subject.alert_id"
    )
    allow_types(NEW_TYPES)
    make_subjects(NEW_CAUSES, *owner_columns())
    op.create_index(
        "ix_alert_subject_current",
        "alert_subject",
        ["supplier_key", "store_id", "variant_id"],
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    bring_subjects_back(*SUBJECT, *OWNER)

    op.add_column("product_variant", sa.Column("alerted_cost_currency", sa.String(3)))
    op.execute(
        "UPDATE product_variant SET alerted_cost_currency = cost_currency"
        " WHERE alerted_cost_minor IS NOT NULL"
    )
    for name, columns, where in (
        ("low", ["supplier_key", "store_id", "published_stock"], "availability = 'AVAILABLE'"),
        (
            "unpriced",
            ["supplier_key", "store_id", "id"],
            "availability = 'AVAILABLE' AND price_minor IS NULL",
        ),
    ):
        op.create_index(
            f"ix_product_variant_{name}",
            "product_variant",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    index_untold("supplier_key", "store_id", "variant_id")


def downgrade() -> None:
    index_untold("supplier_key", "store_id")
    op.drop_index("ix_product_variant_unpriced", "product_variant")
    op.drop_index("ix_product_variant_low", "product_variant")
    op.drop_column("product_variant", "alerted_cost_currency")

    set_subjects_aside(
        "SELECT * FROM alert_subject WHERE cause NOT IN ('COST_CURRENCY', 'NO_RATE', 'NO_PRICE')"
    )
    op.execute("DELETE FROM alert WHERE type = 'PRICE_MISSING'")
    allow_types(TYPES)
    make_subjects(CAUSES)
    bring_subjects_back(*SUBJECT)


def set_subjects_aside(query: str) -> None:
    """SQLite changes a check by making a table anew, which it refuses while rows refer to it."""
    op.execute(f"CREATE TEMPORARY TABLE kept_subject AS {query}")
    op.drop_table("alert_subject")


def bring_subjects_back(*columns: str) -> None:
    kept, new = (
        sa.table(name, *map(sa.column, columns)) for name in ("kept_subject", "alert_subject")
    )
    op.execute(new.insert().from_select(columns, sa.select(kept)))
    op.execute("DROP TABLE kept_subject")


def allow_types(allowed: list[str]) -> None:
    name = op.f("ck_alert_type_is_known")
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"type IN ({', '.join(map(repr, allowed))})")


def owner_columns() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("store_id", sa.String(32), nullable=False),
        sa.Column("supplier_key", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["store_id"], ["store.id"], name=op.f("fk_alert_subject_store_id_store")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_key"], ["supplier.key"], name=op.f("fk_alert_subject_supplier_key_supplier")
        ),
    ]


def make_subjects(causes: list[str], *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "alert_subject",
        sa.Column("alert_id", sa.String(32), nullable=False),
        sa.Column("variant_id", sa.String(32), nullable=False),
        sa.Column("product_id", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(24), nullable=False),
        sa.Column("cost_before_minor", types.Minor),
        sa.Column("cost_currency", sa.String(3)),
        sa.Column("cleared_at", types.UtcDateTime()),
        *more,
        sa.CheckConstraint(
            f"cause IN ({', '.join(map(repr, causes))})",
            name=op.f("ck_alert_subject_cause_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_subject_alert_id_alert")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_alert_subject_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["product_variant.id"],
            name=op.f("fk_alert_subject_variant_id_product_variant"),
        ),
        sa.PrimaryKeyConstraint("alert_id", "variant_id", name=op.f("pk_alert_subject")),
    )
    op.create_index(op.f("ix_alert_subject_variant_id"), "alert_subject", ["variant_id"])


def index_untold(*columns: str) -> None:
    op.drop_index("ix_product_change_untold", "product_change", **UNTOLD)
    op.create_index("ix_product_change_untold", "product_change", list(columns), **UNTOLD)
