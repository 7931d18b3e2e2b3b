"""Alerts about our accounts at suppliers: expiring, revoked, blocked."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TYPES = [
    *("STOCK_OUT", "STOCK_LOW", "PRICE_CHANGE", "PRICE_MISSING", "SYNC_FAILURE"),
    *("ORDER_ISSUE", "PAYMENT_ISSUE"),
]
OF_ACCOUNTS = ["AUTH_EXPIRING", "AUTH_REVOKED", "SUPPLIER_BLOCKED"]


def upgrade() -> None:
    allow_types([*TYPES[:5], *OF_ACCOUNTS, *TYPES[5:]])


def downgrade() -> None:
    alert = sa.table("alert", sa.column("type"))
    op.execute(sa.delete(alert).where(alert.c.type.in_(OF_ACCOUNTS)))
    allow_types(TYPES)


def allow_types(allowed: list[str]) -> None:
    name = op.f("ck_alert_type_is_known")
    with op.batch_alter_table("alert") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"type IN ({', '.join(map(repr, allowed))})")
