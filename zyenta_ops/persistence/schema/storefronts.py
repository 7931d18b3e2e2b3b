"""What stores' own systems are told, and what of it they are known to show."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, text

from zyenta_ops.persistence.schema.columns import ID, count, metadata, times
from zyenta_ops.persistence.types import Document, UtcDateTime

storefront_hook = Table(
    "storefront_hook",
    metadata,
    Column("store_id", ID, ForeignKey("store.id"), primary_key=True),
    # Sealed, bound to the store: the addresses may hold tokens; several secrets while one goes.
    Column("sealed", Text, nullable=False),
    Column("reads_back", Boolean, nullable=False, server_default=text("false")),
    Column("off_since", UtcDateTime),
    Column("off_reason", Text, nullable=False, server_default=""),
    *times(),
)

order_tracking = Table(
    "order_tracking",
    metadata,
    Column("order_id", ID, ForeignKey("order.id"), primary_key=True),
    Column("store_id", ID, ForeignKey("store.id"), nullable=False),
    Column("info", Document, nullable=False),  # the trackingInfo that was last told
    Column("promised", Document, nullable=False),  # {parcel number: day that the customer was told}
    count("revision"),
    Column("check_at", UtcDateTime),  # when to see what the storefront shows; NULL = not any more
    count("drifts"),
    *times(),
    Index("ix_order_tracking_due", "check_at"),
    Index("ix_order_tracking_store", "store_id", "drifts"),
)
