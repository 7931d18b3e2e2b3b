"""Money comes and goes: it is known when, and one request may take from several payments."""

import sqlalchemy as sa
from alembic import op

from zyenta_ops.persistence import types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATES = ["OPEN", "PROCESSING", "FAILED", "AUTHORIZED", "SUCCEEDED", "CANCELLED", "EXPIRED"]
ENDS = ["WON", "LOST", "CLOSED"]


def upgrade() -> None:
    with op.batch_alter_table("payment_fact") as table:
        table.add_column(sa.Column("moved_at", types.UtcDateTime(), nullable=True))
    fact = sa.table("payment_fact", sa.column("as_of"), sa.column("moved_at"))
    # Until it is read again: what is known is when it was seen.
    op.execute(sa.update(fact).values(moved_at=fact.c.as_of))
    with op.batch_alter_table("payment_fact") as table:
        table.alter_column("moved_at", existing_type=types.UtcDateTime(), nullable=False)
    allow_states([*STATES, "ASKED", *ENDS])
    with op.batch_alter_table("refund") as table:
        table.drop_constraint(op.f("uq_refund_order_id_request_key"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_refund_order_id_request_key_intent_id"),
            ["order_id", "request_key", "intent_id"],
        )


def downgrade() -> None:
    refund = sa.table("refund", *map(sa.column, ("id", "order_id", "request_key", "number")))
    first = refund.alias("first")
    again = sa.exists().where(
        first.c.order_id == refund.c.order_id,
        first.c.request_key == refund.c.request_key,
        first.c.number < refund.c.number,
    )
    op.execute(sa.update(refund).where(again).values(request_key=refund.c.id))
    with op.batch_alter_table("refund") as table:
        table.drop_constraint(op.f("uq_refund_order_id_request_key_intent_id"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_refund_order_id_request_key"), ["order_id", "request_key"]
        )
    fact = sa.table("payment_fact", sa.column("state"))
    op.execute(sa.update(fact).where(fact.c.state == "ASKED").values(state="OPEN"))
    allow_states([*STATES, *ENDS])
    with op.batch_alter_table("payment_fact") as table:
        table.drop_column("moved_at")


def allow_states(allowed: list[str]) -> None:
    name = op.f("ck_payment_fact_state_is_known")
    with op.batch_alter_table("payment_fact") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"state IN ({', '.join(map(repr, allowed))})")
