"""Who may speak to the HTTP edge: endpoints that sources post to, and tokens of the API."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from zyenta_ops.domain.inbox import EventSource
from zyenta_ops.persistence.schema.columns import ID, id_column, metadata, required, times
from zyenta_ops.persistence.types import Document, UtcDateTime, one_of

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    id_column(),
    required("source"),
    Column("token_hash", String(64), nullable=False, unique=True),  # of the last part of its URL
    Column("label", String(200), nullable=False, server_default=""),
    Column("secrets", Text, nullable=False),  # sealed; several while one is rotated
    Column("account", String(255), nullable=False, server_default=""),  # ours at the source
    Column("revoked_at", UtcDateTime),
    *times(),
    one_of("source", EventSource),
)

api_token = Table(
    "api_token",
    metadata,
    id_column(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("label", String(200), nullable=False),
    Column("account_id", ID, ForeignKey("account.id"), index=True),  # NULL = an operator's
    Column("store_ids", Document, nullable=False),  # [] = every store of the account
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    *times(),
)
