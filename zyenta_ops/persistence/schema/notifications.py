"""Messages on their way out."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
)

from zyenta_ops.domain.notifications import Channel, MessageStatus
from zyenta_ops.persistence.schema.columns import (
    ID,
    count,
    id_column,
    metadata,
    required,
    times,
)
from zyenta_ops.persistence.types import Document, UtcDateTime, one_of

outbox_message = Table(
    "outbox_message",
    metadata,
    id_column(),
    Column("dedupe_key", String(200), nullable=False, unique=True),
    Column("store_id", ID, ForeignKey("store.id")),
    required("channel"),
    Column("recipient", String(320), nullable=False),
    Column("template", String(64), nullable=False),
    Column("context", Document, nullable=False),
    Column("regarding", String(64), index=True),  # what it tells of, such as "alert:01K…"
    required("status", default=MessageStatus.PENDING.value),
    count("attempts"),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("lease_owner", String(64)),
    Column("last_error", Text),
    Column("expires_at", UtcDateTime),  # from when on it is dropped; NULL = never
    Column("sent_at", UtcDateTime),
    *times(),
    one_of("channel", Channel),
    one_of("status", MessageStatus),
    Index("ix_outbox_message_due", "status", "next_attempt_at"),
)
