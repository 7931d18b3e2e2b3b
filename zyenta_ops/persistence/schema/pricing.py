"""Exchange rates and the record of every price decision."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TextClause,
    text,
)

from zyenta_ops.domain.price_decisions import ASKING, OPEN, DecisionStatus
from zyenta_ops.domain.pricing import PriceOutcome
from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    id_column,
    metadata,
    required,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of


def _status_in(statuses: tuple[DecisionStatus, ...]) -> TextClause:
    return text(f"status IN ({', '.join(repr(each.value) for each in statuses)})")


fx_rate = Table(
    "fx_rate",
    metadata,
    Column("base", CURRENCY, nullable=False),
    Column("quote", CURRENCY, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("rate", String(40), nullable=False),  # a decimal number as text
    Column("source", String(64), nullable=False),
    PrimaryKeyConstraint("base", "quote", "as_of"),
)

price_decision = Table(
    "price_decision",
    metadata,
    id_column(),
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    required("outcome"),
    required("status"),
    Column("previous_minor", Minor),  # the agreed price, from which the move was measured
    Column("price_minor", Minor),
    Column("published_minor", Minor),  # on sale once it was decided
    Column("compare_at_minor", Minor),
    Column("floor_minor", Minor),
    Column("currency", CURRENCY, nullable=False),
    Column("reason", Text, nullable=False),
    Column("inputs", Document, nullable=False),
    Column("steps", Document, nullable=False),
    Column("priced_with", String(64), nullable=False),  # as in product_variant
    Column("offer_id", ID, nullable=False),
    Column("offer_revision", Integer),  # with offer_id names the observation it came from
    Column("run_id", String(36)),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("note", Text),  # why a person declined it
    one_of("outcome", PriceOutcome),
    one_of("status", DecisionStatus),
    Index("ix_price_decision_history", "variant_id", "decided_at", "id"),
    Index(
        "uq_price_decision_open",
        "variant_id",
        unique=True,
        sqlite_where=_status_in(OPEN),
        postgresql_where=_status_in(OPEN),
    ),
    Index(
        "ix_price_decision_asking",
        "store_id",
        "id",
        sqlite_where=_status_in(ASKING),
        postgresql_where=_status_in(ASKING),
    ),
)
