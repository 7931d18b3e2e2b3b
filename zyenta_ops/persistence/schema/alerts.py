"""What merchants and operators are told."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    text,
)

from zyenta_ops.domain.alerts import AlertStatus, AlertType, Severity
from zyenta_ops.persistence.schema.columns import (
    ID,
    KEY,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, UtcDateTime, one_of

alert = Table(
    "alert",
    metadata,
    id_column(),
    Column("store_id", ID, ForeignKey("store.id"), index=True),  # NULL = internal
    Column("supplier_key", KEY, ForeignKey("supplier.key"), index=True),
    required("type"),
    required("severity"),
    Column("dedupe_key", String(200), nullable=False),
    Column("title", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("metadata", Document, nullable=False),
    required("status", default=AlertStatus.OPEN.value),
    Column("read", Boolean, nullable=False, server_default=text("false")),
    Column("read_at", UtcDateTime),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    *times(),
    one_of("type", AlertType),
    one_of("severity", Severity),
    one_of("status", AlertStatus),
    # Two processes that find the same fact at once open one alert between them.
    Index(
        "uq_alert_one_unresolved",
        "dedupe_key",
        unique=True,
        sqlite_where=text("status <> 'RESOLVED'"),
        postgresql_where=text("status <> 'RESOLVED'"),
    ),
)
