"""Accounts at suppliers with an API, what we ask them about, and how often."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MICROSECONDS = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("next_at", _MICROSECONDS, server_default=sa.text("0"), nullable=False),
        sa.Column("blocked_until", _MICROSECONDS, server_default=sa.text("0"), nullable=False),
        sa.Column("urgent_until", _MICROSECONDS, server_default=sa.text("0"), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("used", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit")),
    )
    op.create_table(
        "watched_product",
        sa.Column("supplier_key", sa.String(length=64), nullable=False),
        sa.Column("product_ref", sa.String(length=255), nullable=False),
        sa.Column("added_at", types.UtcDateTime(), nullable=False),
        sa.Column("asked_at", types.UtcDateTime(), nullable=True),
        sa.Column("read_at", types.UtcDateTime(), nullable=True),
        sa.Column("changed_at", types.UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("raw", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["supplier_key"],
            ["supplier.key"],
            name=op.f("fk_watched_product_supplier_key_supplier"),
        ),
        sa.PrimaryKeyConstraint("supplier_key", "product_ref", name=op.f("pk_watched_product")),
    )
    with op.batch_alter_table("supplier_account") as batch:
        batch.add_column(sa.Column("label", sa.String(200), server_default="", nullable=False))
        batch.add_column(sa.Column("connected_at", types.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("blocked_until", types.UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("blocked_reason", sa.Text(), nullable=True))
        batch.add_column(sa.Column("renewing_until", types.UtcDateTime(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_supplier_account_status_is_known"),
            "status IN ('ACTIVE', 'REVOKED', 'DISCONNECTED')",
        )
        batch.create_unique_constraint(
            op.f("uq_supplier_account_supplier_key_account_id"), ["supplier_key", "account_id"]
        )
    op.create_index(
        "uq_supplier_account_own",
        "supplier_account",
        ["supplier_key"],
        unique=True,
        sqlite_where=sa.text("account_id IS NULL"),
        postgresql_where=sa.text("account_id IS NULL"),
    )
    _kinds("'FEED', 'ALIEXPRESS', 'CJ', 'PRINTFUL', 'SPOCKET'")


def downgrade() -> None:
    op.execute("DELETE FROM watched_product")
    _kinds("'FEED'")
    op.drop_index("uq_supplier_account_own", table_name="supplier_account")
    with op.batch_alter_table("supplier_account") as batch:
        batch.drop_constraint(op.f("uq_supplier_account_supplier_key_account_id"), type_="unique")
        batch.drop_constraint(op.f("ck_supplier_account_status_is_known"), type_="check")
        for column in (
            "renewing_until",
            "blocked_reason",
            "blocked_until",
            "connected_at",
            "label",
        ):
            batch.drop_column(column)
    op.drop_table("watched_product")
    op.drop_table("rate_limit")


def _kinds(allowed: str) -> None:
    with op.batch_alter_table("supplier") as batch:
        batch.drop_constraint(op.f("ck_supplier_kind_is_known"), type_="check")
        batch.create_check_constraint(op.f("ck_supplier_kind_is_known"), f"kind IN ({allowed})")
