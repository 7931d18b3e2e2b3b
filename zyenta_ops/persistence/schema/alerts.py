"""What merchants and operators are told."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from zyenta_ops.domain.alerts import AlertStatus, AlertType, Cause, Severity
from zyenta_ops.persistence.schema.columns import (
    CURRENCY,
    ID,
    KEY,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, Minor, UtcDateTime, one_of

_UNRESOLVED = text("status <> 'RESOLVED'")

alert = Table(
    "alert",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), index=True),  # NULL = internal
    Column("supplier_key", KEY, ForeignKey("supplier.key")),
    required("type"),
    required("severity"),
    Column("dedupe_key", String(200), nullable=False),
    Column("about", String(150)),  # what issues are of: "order:01K…"; NULL = products, suppliers
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("metadata", Document, nullable=False),
    required("status", default=AlertStatus.OPEN.value),
    Column("read", Boolean, nullable=False, server_default=text("false")),
    Column("read_at", UtcDateTime),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    Column("digest_due_at", UtcDateTime, index=True),  # of the daily mail it waits for
    *times(),
    one_of("type", AlertType),
    one_of("severity", Severity),
    one_of("status", AlertStatus),
    # Two processes that find the same fact at once open one alert between them.
    Index(
        "uq_alert_one_unresolved",
        "dedupe_key",
        unique=True,
        sqlite_where=_UNRESOLVED,
        postgresql_where=_UNRESOLVED,
    ),
    Index(
        "ix_alert_about",
        "about",
        sqlite_where=_UNRESOLVED,
        postgresql_where=_UNRESOLVED,
    ),
    Index(
        "ix_alert_unresolved",
        "supplier_key",
        "store_id",
        sqlite_where=_UNRESOLVED,
        postgresql_where=_UNRESOLVED,
    ),
)

# The variants an alert names, all of them; its metadata shows the first ones to people.
alert_subject = Table(
    "alert_subject",
    metadata,
    Column("alert_id", ID, ForeignKey("alert.id"), nullable=False),
    # Its alert's store and supplier, so that what is still the case is found without its alerts.
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("supplier_key", KEY, ForeignKey("supplier.key"), nullable=False),
    Column("variant_id", ID, ForeignKey("product_variant.id"), nullable=False, index=True),
    Column("product_id", ID, ForeignKey("product.id"), nullable=False),
    required("cause"),
    Column("cost_before_minor", Minor),  # what the merchant knew before a PRICE_CHANGE
    Column("cost_currency", CURRENCY),
    Column("cleared_at", UtcDateTime),  # when it was over; NULL = still the case
    PrimaryKeyConstraint("alert_id", "variant_id"),
    one_of("cause", Cause),
    Index(
        "ix_alert_subject_current",
        "supplier_key",
        "store_id",
        "variant_id",
        sqlite_where=text("cleared_at IS NULL"),
        postgresql_where=text("cleared_at IS NULL"),
    ),
)
